"""What is said about grants, of parts that are not known, secret, or no grants at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.iam.actions import find_action
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.identity.star_grants import (
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

OPEN = Unknown("policy")


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
    assert judge(role_has_no_wildcard_action, stack) == action
    assert judge(role_has_no_wildcard_resource, stack) == target


def test_each_statement_is_a_finding_with_its_place() -> None:
    """What is wrong is named, and where it stands."""
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
def test_the_place_begins_with_the_property(place: str) -> None:
    """One role may hold several documents."""
    stack = program(lambda: HOLDERS[place](text(document(allow("sqs:*")))))
    (finding,) = judgements(role_has_no_wildcard_action, stack)["held"].findings
    assert finding.path == f"{place}.Statement[0].Action"


def test_only_the_actions_at_fault_are_named() -> None:
    """Those that must stand on a star are left out, and a long list is cut."""
    some = document(allow(["xray:PutTraceSegments", "sqs:SendMessage"], "*"))
    many = document(allow([f"sqs:{verb}Message" for verb in ("Send", "Receive", "Delete")] + ["s3:GetObject"], "*"))
    assert messages(role_has_no_wildcard_resource, program(lambda: role_policy(text(some)))) == [
        "allows sqs:SendMessage on every resource"
    ]
    assert messages(role_has_no_wildcard_resource, program(lambda: role_policy(text(many)))) == [
        "allows sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage and 1 more on every resource"
    ]


def test_what_is_said_of_exclusions() -> None:
    """To name what is not granted is to grant the rest."""
    policy = document({"Effect": "Allow", "NotAction": "iam:*", "NotResource": QUEUE})
    stack = program(lambda: role_policy(text(policy)))
    assert messages(role_has_no_wildcard_action, stack) == ["allows every action but the ones it names"]
    assert messages(role_has_no_wildcard_resource, stack) == [
        "allows all other actions on every resource but the ones it names"
    ]


def test_a_secret_document_is_judged_and_not_shown() -> None:
    """What the program marked as secret stays so in messages."""
    policy = pulumi.Output.secret(text(document(allow(["sqs:*", "s3:*"], "*"))))
    stack = program(lambda: role_policy(policy))
    assert messages(role_has_no_wildcard_action, stack) == ["allows [secret], [secret]"]


OWN = f"arn:aws:iam::{ACCOUNT}:policy/held"


def bounded(*, by: Any = None, attached: Any = None) -> None:
    """Build a policy with stars that is a role's boundary, and perhaps a grant as well."""
    policy = aws.iam.Policy("held", name="held", policy=text(document(allow("sqs:*", "*"))))
    holder = role("worker", permissions_boundary=by or policy.arn)
    if attached:
        aws.iam.RolePolicyAttachment("attachment", role=holder.name, policy_arn=attached(policy))


@pytest.mark.parametrize("rule", [role_has_no_wildcard_action, role_has_no_wildcard_resource])
@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, PASS),
        ({"by": OWN}, PASS),  # the same, told by an ARN written by hand
        ({"by": "arn:aws:iam::aws:policy/PowerUserAccess"}, FAIL),  # the boundary is another policy
        ({"attached": lambda policy: policy.arn}, FAIL),
        ({"attached": lambda _: OWN}, FAIL),
        ({"attached": lambda _: "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"}, PASS),
    ],
)
def test_a_permissions_boundary_is_no_grant(rule: Any, settings: dict[str, Any], verdict: Verdict) -> None:
    """It only limits what other policies grant, unless it is attached as well."""
    assert judge(rule, program(lambda: bounded(**settings))) == verdict


@pytest.mark.parametrize("action", sorted(DOCUMENTED_ON_ALL_RESOURCES))
def test_exempted_actions_are_spelt_as_aws_spells_them(action: str) -> None:
    """A misspelt exemption would exempt nothing."""
    known = find_action(action)
    assert known is not None
    assert known.full_name == action
