"""Findings about wildcards: messages, paths, unknown and secret parts, and permissions boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.iam.actions import find_action
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.identity.wildcards import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.testing import (
    ACCOUNT,
    FAIL,
    PASS,
    UNDECIDED,
    judge,
    judgements,
    messages,
    program,
    resource,
)
from tests.policypack.rules.policies import HOLDERS, QUEUE, allow, document, role_policy, text
from tests.policypack.rules.programs import role

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

UNKNOWN_PART = Unknown("policy")


@pytest.mark.parametrize(
    ("statement", "action", "target"),
    [
        (allow(UNKNOWN_PART, "*"), UNDECIDED, UNDECIDED),
        (allow(["sqs:*", UNKNOWN_PART], "*"), FAIL, FAIL),  # the known part is enough for a verdict
        (allow("sqs:SendMessage", UNKNOWN_PART), PASS, UNDECIDED),
        (allow("xray:PutTraceSegments", UNKNOWN_PART), PASS, PASS),  # no resource-level permissions
        (allow("sqs:SendMessage", ["*", UNKNOWN_PART]), PASS, FAIL),
        (allow("sqs:*", "*") | {"Effect": UNKNOWN_PART}, UNDECIDED, UNDECIDED),
        (allow("sqs:SendMessage", "*", Condition=UNKNOWN_PART), PASS, UNDECIDED),  # may select resources
        (UNKNOWN_PART, UNDECIDED, UNDECIDED),
    ],
)
def test_unknown_parts(statement: Any, action: Verdict, target: Verdict) -> None:
    """A document with unknown parts is judged by its known parts."""
    subject = resource(ROLE_POLICY, {"policy": document(allow("sqs:SendMessage"), statement)})
    stack = Stack([subject])
    assert judge(role_has_no_wildcard_action, stack) == action
    assert judge(role_has_no_wildcard_resource, stack) == target


def test_each_statement_is_a_finding_with_its_path() -> None:
    """The message names the wildcard, the path its statement."""
    policy = document(allow("sqs:*", "*"), allow("sqs:SendMessage"), allow(["s3:GetObject", "s3:*"], "*"))
    stack = program(lambda: role_policy(text(policy)))
    actions = judgements(role_has_no_wildcard_action, stack)["held"].findings
    assert [(finding.message, finding.path) for finding in actions] == [
        ("allows sqs:*", "policy.Statement[0].Action"),
        ("allows s3:*", "policy.Statement[2].Action"),
    ]
    resources = judgements(role_has_no_wildcard_resource, stack)["held"].findings
    assert [(finding.message, finding.path) for finding in resources] == [
        ("allows sqs:* on every resource", "policy.Statement[0].Resource"),
        ("allows s3:GetObject, s3:* on every resource", "policy.Statement[2].Resource"),
    ]


@pytest.mark.parametrize("place", ["policy", "inlinePolicies[1].policy"])
def test_a_path_begins_with_the_property(place: str) -> None:
    """A role can have several inline policies."""
    stack = program(lambda: HOLDERS[place](text(document(allow("sqs:*")))))
    (finding,) = judgements(role_has_no_wildcard_action, stack)["held"].findings
    assert finding.path == f"{place}.Statement[0].Action"


def test_messages_name_only_actions_that_support_resources() -> None:
    """Actions without resource-level permissions are left out, and a long list is shortened."""
    some = document(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*"))
    many = document(allow([f"sqs:{verb}Message" for verb in ("Send", "Receive", "Delete")] + ["s3:GetObject"], "*"))
    assert messages(role_has_no_wildcard_resource, program(lambda: role_policy(text(some)))) == [
        "allows sqs:SendMessage on every resource"
    ]
    assert messages(role_has_no_wildcard_resource, program(lambda: role_policy(text(many)))) == [
        "allows sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage and 1 more on every resource"
    ]


def test_messages_about_not_action_and_not_resource() -> None:
    """An Allow statement with NotAction or NotResource grants everything else."""
    policy = document({"Effect": "Allow", "NotAction": "iam:*", "NotResource": QUEUE})
    stack = program(lambda: role_policy(text(policy)))
    assert messages(role_has_no_wildcard_action, stack) == ["allows every action except those in NotAction"]
    assert messages(role_has_no_wildcard_resource, stack) == [
        "allows all other actions on every resource except those in NotResource"
    ]


def test_a_secret_document_is_judged_and_not_printed() -> None:
    """Messages hide values that the program marks as secret."""
    policy = pulumi.Output.secret(text(document(allow(["sqs:*", "s3:*"], "*"))))
    stack = program(lambda: role_policy(policy))
    assert messages(role_has_no_wildcard_action, stack) == ["allows [secret], [secret]"]


OWN = f"arn:aws:iam::{ACCOUNT}:policy/held"


def bounded(*, by: Any = None, attached: Any = None) -> None:
    """Build a policy with wildcards that is a role's permissions boundary, and optionally attached to it."""
    policy = aws.iam.Policy("held", name="held", policy=text(document(allow("sqs:*", "*"))))
    holder = role("worker", permissions_boundary=by or policy.arn)
    if attached:
        aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=attached(policy))


@pytest.mark.parametrize("rule", [role_has_no_wildcard_action, role_has_no_wildcard_resource])
@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, PASS),
        ({"by": OWN}, PASS),  # the same policy, by an ARN written by hand
        ({"by": "arn:aws:iam::aws:policy/PowerUserAccess"}, FAIL),  # the boundary is another policy
        ({"attached": lambda policy: policy.arn}, FAIL),
        ({"attached": lambda _: OWN}, FAIL),
        ({"attached": lambda _: "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"}, PASS),
    ],
)
def test_a_permissions_boundary_grants_nothing(rule: Any, settings: dict[str, Any], verdict: Verdict) -> None:
    """A boundary limits what other policies grant; it only grants permissions where it is also attached."""
    assert judge(rule, program(lambda: bounded(**settings))) == verdict


@pytest.mark.parametrize("action", sorted(DOCUMENTED_ON_ALL_RESOURCES))
def test_exempt_actions_exist(action: str) -> None:
    """A misspelled exemption would have no effect."""
    known = find_action(action)
    assert known is not None
    assert known.full_name == action
