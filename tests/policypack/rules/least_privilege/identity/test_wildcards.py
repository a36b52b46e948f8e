"""Wildcard actions and resources, in each kind of policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.rules.least_privilege.identity.wildcards import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.testing import (
    FAIL,
    PASS,
    UNDECIDED,
    UNKNOWN,
    judge,
    program,
)
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import HOLDERS, QUEUE, allow, document, text

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict


@examples(
    role_has_no_wildcard_action,
    "policy",
    [
        (document(allow("sqs:SendMessage")), PASS),
        (document(allow(["sqs:SendMessage", "sqs:ReceiveMessage"])), PASS),
        (document(allow("sqs:Receive*")), PASS),  # some actions, not all of a service
        (document(allow("*")), FAIL),
        (document(allow("*:*")), FAIL),
        (document(allow("sqs:*")), FAIL),
        (document(allow("SQS:*")), FAIL),  # IAM ignores the case
        (document(allow("sqs:**")), FAIL),
        (document(allow(["sqs:SendMessage", "s3:*"])), FAIL),
        ({"Version": "2012-10-17", "Statement": allow("sqs:*")}, FAIL),  # one statement, without a list
        (document({"Effect": "Deny", "Action": "*", "Resource": "*"}), PASS),
        (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": QUEUE}), FAIL),  # all actions except a few
        (document({"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}), PASS),
        (document({**allow("sqs:*"), "Effect": "allow"}), PASS),  # IAM rejects it: the case of Effect matters
        ("this is no policy", PASS),  # IAM rejects it
        (UNKNOWN, UNDECIDED),
    ],
)
@pytest.mark.parametrize("place", HOLDERS)
def test_role_has_no_wildcard_action(place: str, policy: Any, verdict: Verdict) -> None:
    """Each kind of policy is judged."""
    stack = program(lambda: HOLDERS[place](text(policy)))
    assert judge(role_has_no_wildcard_action, stack) == verdict


@examples(
    role_has_no_wildcard_resource,
    "policy",
    [
        (document(allow("sqs:SendMessage")), PASS),
        (document(allow("sqs:SendMessage", "*")), FAIL),
        (document(allow("sqs:SendMessage", [QUEUE, "*"])), FAIL),
        (document(allow("sqs:SendMessage", "arn:aws:*")), FAIL),  # matches as much as `*`
        (document(allow("sqs:SendMessage", "arn:*:*:*:*:*")), FAIL),
        (document(allow("sqs:SendMessage", "arn:aws:sqs:*:*:*")), PASS),  # all of a service, which another rule reports
        (document(allow("sqs:Receive*", "*")), FAIL),  # a partial wildcard with resource-level permissions
        (document(allow("*", "*")), FAIL),
        (document(allow("sqs:*", "*")), FAIL),
        (document(allow("xray:PutTraceSegments", "*")), PASS),  # no resource-level permissions
        (document(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")), PASS),
        (document(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*")), FAIL),  # one of the two supports resources
        (document(allow("cloudwatch:PutMetricData", "*")), PASS),
        (document(allow("ecr:GetAuthorizationToken", "*")), PASS),
        (document(allow("ec2:Describe*", "*")), FAIL),  # some of them support resources
        (document(allow(["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"], "*")), PASS),  # as AWS documents
        (document(allow("nosuchservice:DoIt", "*")), PASS),  # an unknown service
        (document({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}), PASS),
        (document({"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE}), FAIL),
        (document({"Effect": "Allow", "Action": "xray:PutTraceSegments", "NotResource": QUEUE}), PASS),
        (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), FAIL),
        # conditions that select the resources, and one that does not
        (document(allow("sqs:*", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "work"}})), PASS),
        (
            document(allow("kms:Decrypt", "*", Condition={"StringEquals": {"kms:ViaService": "sqs.amazonaws.com"}})),
            PASS,
        ),
        (document(allow("sqs:SendMessage", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})), FAIL),
        (UNKNOWN, UNDECIDED),
    ],
)
@pytest.mark.parametrize("place", HOLDERS)
def test_role_has_no_wildcard_resource(place: str, policy: Any, verdict: Verdict) -> None:
    """Each kind of policy is judged, and conditions count."""
    stack = program(lambda: HOLDERS[place](text(policy)))
    assert judge(role_has_no_wildcard_resource, stack) == verdict
