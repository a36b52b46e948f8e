"""Rules about what the policies of roles grant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.iam.actions import find
from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.iam import (
    _IN_A_NETWORK,
    role_grants_no_star_action,
    role_grants_no_star_resource,
)
from policypack.testing import (
    ACCOUNT,
    FAIL,
    PASS,
    REGION,
    UNDECIDED,
    UNKNOWN,
    judge,
    judgements,
    messages,
    program,
    resource,
)
from tests.rules.examples import examples
from tests.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.host.evaluation import Verdict

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"


def allow(action: Any, target: Any = QUEUE, **more: Any) -> dict[str, Any]:
    """Give a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}


def when(key: str, value: str) -> dict[str, Any]:
    """Give a condition."""
    return {"StringEquals": {key: value}}


def document(*statements: Any) -> dict[str, Any]:
    """Give a document of statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role_policy(policy: Any) -> None:
    """Put the document into a policy of a role's own."""
    aws.iam.RolePolicy("held", role="worker", policy=policy)


def managed_policy(policy: Any) -> None:
    """Put the document into a policy that may be attached to roles."""
    aws.iam.Policy("held", policy=policy)


def inline_policy(policy: Any) -> None:
    """Put the document into the role itself."""
    role("held", inline_policies=[aws.iam.RoleInlinePolicyArgs(name="other", policy=text(document())), inline(policy)])


def inline(policy: Any) -> aws.iam.RoleInlinePolicyArgs:
    """Give an inline policy."""
    return aws.iam.RoleInlinePolicyArgs(name="work", policy=policy)


OPEN = Unknown("policy")


def text(policy: Any) -> str:
    """Write the document as the provider hands it on."""
    return policy if isinstance(policy, str) else json.dumps(policy)


HOLDERS: dict[str, Callable[[Any], None]] = {
    "policy": role_policy,
    "managed": managed_policy,
    "inlinePolicies[1].policy": inline_policy,
}


@examples(
    role_grants_no_star_action,
    "policy",
    [
        (document(allow("sqs:SendMessage")), PASS),
        (document(allow(["sqs:SendMessage", "sqs:ReceiveMessage"])), PASS),
        (document(allow("sqs:Receive*")), PASS),  # some actions, not all of a service
        (document(allow("*")), FAIL),
        (document(allow("*:*")), FAIL),
        (document(allow("sqs:*")), FAIL),
        (document(allow("SQS:*")), FAIL),  # IAM does not look at the case
        (document(allow("sqs:**")), FAIL),
        (document(allow(["sqs:SendMessage", "s3:*"])), FAIL),
        ({"Version": "2012-10-17", "Statement": allow("sqs:*")}, FAIL),  # one statement, without a list
        (document({"Effect": "Deny", "Action": "*", "Resource": "*"}), PASS),
        (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": QUEUE}), FAIL),  # all but a few
        (document({"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}), PASS),
        (document({**allow("sqs:*"), "Effect": "allow"}), PASS),  # IAM refuses it: the case of an effect counts
        ("this is no policy", PASS),  # the same
        (UNKNOWN, UNDECIDED),
    ],
)
@pytest.mark.parametrize("place", HOLDERS)
def test_role_grants_no_star_action(place: str, policy: Any, verdict: Verdict) -> None:
    """Wherever the document lives, it names the actions it is about."""
    stack = program(lambda: HOLDERS[place](text(policy)))
    assert judge(role_grants_no_star_action, stack) == verdict


@examples(
    role_grants_no_star_resource,
    "policy",
    [
        (document(allow("sqs:SendMessage")), PASS),
        (document(allow("sqs:SendMessage", "*")), FAIL),
        (document(allow("sqs:SendMessage", [QUEUE, "*"])), FAIL),
        (document(allow("sqs:SendMessage", "arn:aws:*")), FAIL),  # says no more than a star
        (document(allow("sqs:SendMessage", "arn:*:*:*:*:*")), FAIL),
        (document(allow("sqs:SendMessage", "arn:aws:sqs:*:*:*")), PASS),  # wide, but not everything
        (document(allow("sqs:Receive*", "*")), FAIL),  # a pattern of actions that can be scoped
        (document(allow("*", "*")), FAIL),
        (document(allow("sqs:*", "*")), FAIL),
        (document(allow("xray:PutTraceSegments", "*")), PASS),  # has no resource to be scoped to
        (document(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*")), PASS),
        (document(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*")), FAIL),  # one of the two can be
        (document(allow("cloudwatch:PutMetricData", "*")), PASS),
        (document(allow("ecr:GetAuthorizationToken", "*")), PASS),
        (document(allow("ec2:Describe*", "*")), FAIL),  # a few of them can be scoped
        (document(allow(["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"], "*")), PASS),  # as AWS says
        (document(allow("nosuchservice:DoIt", "*")), PASS),  # nothing is known of it
        (document({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}), PASS),
        (document({"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": QUEUE}), FAIL),
        (document({"Effect": "Allow", "Action": "xray:PutTraceSegments", "NotResource": QUEUE}), PASS),
        (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), FAIL),
        # conditions that pick the resources, and one that does not
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
def test_role_grants_no_star_resource(place: str, policy: Any, verdict: Verdict) -> None:
    """Wherever the document lives, it names the resources it is about."""
    stack = program(lambda: HOLDERS[place](text(policy)))
    assert judge(role_grants_no_star_resource, stack) == verdict


@pytest.mark.parametrize(
    ("statement", "action", "target"),
    [
        (allow(OPEN, "*"), UNDECIDED, UNDECIDED),
        (allow(["sqs:*", OPEN], "*"), FAIL, FAIL),  # what is known is enough
        (allow("sqs:SendMessage", OPEN), PASS, UNDECIDED),
        (allow("xray:PutTraceSegments", OPEN), PASS, PASS),  # whatever it will be
        (allow("sqs:SendMessage", ["*", OPEN]), PASS, FAIL),
        (allow("sqs:*", "*") | {"Effect": OPEN}, UNDECIDED, UNDECIDED),
        (allow("sqs:SendMessage", "*", Condition=OPEN), PASS, UNDECIDED),  # it may pick the resources
        (OPEN, UNDECIDED, UNDECIDED),
    ],
)
def test_parts_that_are_not_known_yet(statement: Any, action: Verdict, target: Verdict) -> None:
    """A provider that hands on the document as an object is judged by what is known of it."""
    subject = resource(ROLE_POLICY, {"policy": document(allow("sqs:SendMessage"), statement)})
    stack = Stack([subject])
    assert judge(role_grants_no_star_action, stack) == action
    assert judge(role_grants_no_star_resource, stack) == target


def test_each_statement_is_a_finding_with_its_place() -> None:
    """What is wrong is named, and where it stands."""
    policy = document(allow("sqs:*", "*"), allow("sqs:SendMessage"), allow(["s3:GetObject", "s3:*"], "*"))
    stack = program(lambda: role_policy(text(policy)))
    actions = judgements(role_grants_no_star_action, stack)["held"].findings
    assert [(finding.message, finding.path) for finding in actions] == [
        ("allows sqs:*", "policy.Statement[0].Action"),
        ("allows s3:*", "policy.Statement[2].Action"),
    ]
    resources = judgements(role_grants_no_star_resource, stack)["held"].findings
    assert [(finding.message, finding.path) for finding in resources] == [
        ("allows sqs:* on every resource", "policy.Statement[0].Resource"),
        ("allows s3:GetObject, s3:* on every resource", "policy.Statement[2].Resource"),
    ]


@pytest.mark.parametrize("place", ["policy", "inlinePolicies[1].policy"])
def test_the_place_begins_with_the_property(place: str) -> None:
    """One role may hold several documents."""
    stack = program(lambda: HOLDERS[place](text(document(allow("sqs:*")))))
    (finding,) = judgements(role_grants_no_star_action, stack)["held"].findings
    assert finding.path == f"{place}.Statement[0].Action"


def test_only_the_actions_at_fault_are_named() -> None:
    """Those that must stand on a star are left out, and a long list is cut."""
    some = document(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*"))
    many = document(allow([f"sqs:{verb}Message" for verb in ("Send", "Receive", "Delete")] + ["s3:GetObject"], "*"))
    assert messages(role_grants_no_star_resource, program(lambda: role_policy(text(some)))) == [
        "allows sqs:SendMessage on every resource"
    ]
    assert messages(role_grants_no_star_resource, program(lambda: role_policy(text(many)))) == [
        "allows sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage and 1 more on every resource"
    ]


def test_what_is_said_of_exclusions() -> None:
    """To name what is not granted is to grant the rest."""
    policy = document({"Effect": "Allow", "NotAction": "iam:*", "NotResource": QUEUE})
    stack = program(lambda: role_policy(text(policy)))
    assert messages(role_grants_no_star_action, stack) == ["allows every action but the ones it names"]
    assert messages(role_grants_no_star_resource, stack) == [
        "allows all other actions on every resource but the ones it names"
    ]


def test_a_secret_document_is_judged_and_not_shown() -> None:
    """What the program marked as secret stays so in messages."""
    policy = pulumi.Output.secret(text(document(allow(["sqs:*", "s3:*"], "*"))))
    stack = program(lambda: role_policy(policy))
    assert messages(role_grants_no_star_action, stack) == ["allows [secret], [secret]"]


def bounded(*, attached: bool) -> None:
    """Build a policy with stars that is a boundary, and perhaps a grant as well."""
    policy = aws.iam.Policy("held", policy=text(document(allow("sqs:*", "*"))))
    holder = role("worker", permissions_boundary=policy.arn)
    if attached:
        aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=policy.arn)


@pytest.mark.parametrize("rule", [role_grants_no_star_action, role_grants_no_star_resource])
def test_a_permissions_boundary_is_no_grant(rule: Any) -> None:
    """It only limits what other policies grant, unless it is attached as well."""
    assert judge(rule, program(lambda: bounded(attached=False))) == PASS
    assert judge(rule, program(lambda: bounded(attached=True))) == FAIL


@pytest.mark.parametrize("action", sorted(_IN_A_NETWORK))
def test_exempted_actions_are_spelt_as_aws_spells_them(action: str) -> None:
    """A misspelt exemption would exempt nothing."""
    known = find(action)
    assert known is not None
    assert known.full == action
