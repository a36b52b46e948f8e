"""What the roles of a program may do, wherever it attaches their documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policypack.iam.documents import Document, parse
from policypack.iam.managed import _ON_EVERYTHING, _OTHERS, document_of
from policypack.iam.stack import Rights, documents_of, grants_of, rights_of
from policypack.model import ROLE
from policypack.testing import UNKNOWN, program
from tests.rules.policies import QUEUE, allow, document, inline, text
from tests.rules.programs import role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model import Resource, Stack

SEND = text(document(allow("sqs:SendMessage")))
PURGE = text(document(allow("sqs:PurgeQueue")))
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
OTHER = "arn:aws:iam::aws:policy/service-role/AWSAppRunnerServicePolicyForECRAccess"


def the(stack: Stack, name: str = "worker") -> Resource:
    """The role of that name."""
    return next(one for one in stack.of_type(ROLE) if one.name == name)


def rights(build: Callable[[], object]) -> Rights:
    """What the role `worker` may do."""
    stack = program(build)
    return rights_of(stack, the(stack))


def in_the_role() -> None:
    """Build a role with a document of its own."""
    role("worker", inline_policies=[inline(SEND)])


def by_name() -> None:
    """Build a policy of the role's, by a name that is known."""
    aws.iam.RolePolicy("held", role=role("worker").name, policy=SEND)


def by_id() -> None:
    """Build one whose role only the engine's dependencies tell."""
    aws.iam.RolePolicy("held", role=role("worker").id, policy=SEND)


def attached() -> None:
    """Build a managed policy that is attached, its ARN not known yet."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=policy.arn)


def attached_by_arn() -> None:
    """Build one that is attached by an ARN made from its name."""
    policy = aws.iam.Policy("held", policy=SEND)
    arn = pulumi.Output.concat("arn:aws:iam::123456789012:policy/", policy.name)
    aws.iam.RolePolicyAttachment("attachment", role=role("worker").name, policy_arn=arn)


def attached_to_many() -> None:
    """Build a managed policy that is attached to several roles at once."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.PolicyAttachment("attachment", policy_arn=policy.arn, roles=[role("other").name, role("worker").id])


def in_a_list() -> None:
    """Build a role that lists its managed policies, one of them AWS's."""
    role("worker", managed_policy_arns=[aws.iam.Policy("held", policy=SEND).arn])


def exclusive() -> None:
    """Build the list of a role's managed policies as a resource."""
    policy = aws.iam.Policy("held", policy=SEND)
    aws.iam.RolePolicyAttachmentsExclusive("list", role_name=role("worker").name, policy_arns=[policy.arn])


PLACES = [in_the_role, by_name, by_id, attached, attached_by_arn, attached_to_many, in_a_list, exclusive]


@pytest.mark.parametrize("build", PLACES)
def test_every_place_of_a_document_counts(build: Callable[[], None]) -> None:
    """The role may do what the document says and nothing else, and the finding knows where that is."""
    found = rights(build)
    (held,) = found.documents
    assert held.known
    assert found.grants.may("sqs:SendMessage", QUEUE)
    assert found.grants.may("sqs:PurgeQueue", QUEUE) is False
    (grant,) = found.grants.grants
    (reach,) = found.grants.effective()
    path = "inlinePolicies[0].policy" if build is in_the_role else "policy"
    assert found.at(grant).path == f"{path}.Statement[0].Action"
    assert found.at(reach).path == f"{path}.Statement[0].Resource"
    assert found.at(reach, "Condition").path == f"{path}.Statement[0].Condition"
    assert found.at(grant).resource.name == ("worker" if build is in_the_role else "held")


@pytest.mark.parametrize("build", PLACES)
def test_a_document_of_another_role_does_not_count(build: Callable[[], None]) -> None:
    """Nobody attached it to this one."""

    def with_another() -> None:
        role("stranger")
        build()

    stack = program(with_another)
    assert documents_of(stack, the(stack, "stranger")) == ()
    assert grants_of(stack, the(stack, "stranger")).may("sqs:SendMessage") is False


def of_a_role_elsewhere() -> None:
    """Build a policy for a role that is not in the program."""
    role("worker")
    aws.iam.RolePolicy("held", role="somebody-else", policy=SEND)


def of_aws() -> None:
    """Build a role with a policy of AWS's, and one of the stack's that has the same name."""
    aws.iam.Policy("held", name="AWSAppRunnerServicePolicyForECRAccess", policy=SEND)
    role("worker", managed_policy_arns=[OTHER])


def of_the_account() -> None:
    """Build a role with a policy of the account that is not in the program."""
    aws.iam.Policy("held", name="work", policy=SEND)
    role("worker", managed_policy_arns=["arn:aws:iam::123456789012:policy/other"])


def document_open() -> None:
    """Build a policy whose text is not known yet."""
    aws.iam.RolePolicy("held", role=role("worker").name, policy=UNKNOWN)


def role_open() -> None:
    """Build a policy whose role is not known yet."""
    role("worker")
    aws.iam.RolePolicy("held", role=UNKNOWN, policy=SEND)


def policies_open() -> None:
    """Build a role whose policies are not known yet."""
    role("worker", managed_policy_arns=UNKNOWN)


def inline_open() -> None:
    """Build a role whose own documents are not known yet."""
    role("worker", inline_policies=UNKNOWN)


def one_of_two() -> None:
    """Build a policy for one of two roles."""
    one, other = role("worker"), role("other")
    chosen = pulumi.Output.all(one.id, other.id).apply(lambda ids: str(ids[0]))
    aws.iam.RolePolicy("held", role=chosen, policy=SEND)


def elsewhere_listed() -> None:
    """Build the list of a role's inline policies, with one that somebody else made."""
    aws.iam.RolePoliciesExclusive("list", role_name=role("worker").name, policy_names=["by-hand"])


@pytest.mark.parametrize(
    "build",
    [
        *(of_aws, of_the_account, document_open, role_open, policies_open, inline_open, one_of_two),
        elsewhere_listed,
    ],
)
def test_what_is_not_known_leaves_the_grants_open(build: Callable[[], None]) -> None:
    """It may be granted, and it may not."""
    found = rights(build)
    assert found.grants.open
    assert found.grants.may("sqs:SendMessage", QUEUE) is None
    assert found.undecided().path


def test_a_policy_for_a_role_elsewhere_is_nobodys() -> None:
    """The role is known by name, and is none of the program's."""
    assert rights(of_a_role_elsewhere).documents == ()


def test_of_two_roles_that_it_may_be_both_are_open_and_a_third_is_not() -> None:
    """The engine says what the value was made from."""

    def build() -> None:
        role("third")
        one_of_two()

    stack = program(build)
    assert [grants_of(stack, the(stack, name)).open for name in ("worker", "other", "third")] == [True, True, False]


def test_a_policy_counts_once_however_often_it_is_attached() -> None:
    """The provider lists in the role what others attach to it."""

    def build() -> None:
        policy = aws.iam.Policy("held", policy=SEND)
        worker = role("worker", inline_policies=[inline(PURGE)], managed_policy_arns=[policy.arn, BASIC])
        aws.iam.RolePolicy("again", name="work", role=worker.name, policy=PURGE)
        aws.iam.RolePolicyAttachment("attachment", role=worker.name, policy_arn=policy.arn)
        aws.iam.RolePolicyAttachment("aws", role=worker.name, policy_arn=BASIC)
        aws.iam.RolePoliciesExclusive("list", role_name=worker.name, policy_names=["work"])

    names = [held.name for held in rights(build).documents]
    assert names == ["inline policy again", "policy held", "managed policy AWSLambdaBasicExecutionRole"]


def test_two_documents_of_one_name_are_told_apart() -> None:
    """A finding about one of them points at that one."""

    def build() -> None:
        worker = role("worker", inline_policies=[inline(SEND)])
        aws.iam.RolePolicy("work", role=worker.name, policy=PURGE)

    found = rights(build)
    assert len({held.name for held in found.documents}) == 2
    (purge,) = found.grants.reach("sqs:PurgeQueue")
    assert (found.at(purge).resource.name, found.at(purge).path) == ("work", "policy.Statement[0].Resource")


def test_documents_are_judged_together() -> None:
    """A denial in one takes from another."""

    def build() -> None:
        worker = role("worker", inline_policies=[inline(text(document(allow("sqs:*"))))])
        deny = {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}
        aws.iam.RolePolicy("limits", role=worker.name, policy=text(document(deny)))

    may = rights(build).grants.may
    assert (may("sqs:SendMessage", QUEUE), may("sqs:PurgeQueue", QUEUE)) == (True, False)


def bounded(boundary: Any) -> Callable[[], None]:
    """Build a role that may do everything with queues, within a boundary."""

    def build() -> None:
        arn = boundary if isinstance(boundary, str) else aws.iam.Policy("limit", policy=json.dumps(boundary)).arn
        role("worker", inline_policies=[inline(text(document(allow("sqs:*"))))], permissions_boundary=arn)

    return build


@pytest.mark.parametrize(
    ("boundary", "send", "purge"),
    [
        (document(allow("sqs:SendMessage", "*")), True, False),
        (document(allow("s3:*", "*")), False, False),
        (document(allow("*", "*"), {"Effect": "Deny", "Action": "sqs:Purge*", "Resource": "*"}), True, False),
        ("arn:aws:iam::aws:policy/PowerUserAccess", None, None),  # somewhere else
        ("arn:aws:iam::aws:policy/AdministratorAccess", True, True),  # somewhere else, but known
        (UNKNOWN, None, None),
        ("", True, True),  # how a provider writes none
    ],
)
def test_a_boundary_is_respected(boundary: Any, send: bool | None, purge: bool | None) -> None:
    """What it does not allow is not granted."""
    may = rights(bounded(boundary)).grants.may
    assert (may("sqs:SendMessage", QUEUE), may("sqs:PurgeQueue", QUEUE)) == (send, purge)


def test_conditions_are_kept() -> None:
    """They stand beside what they limit."""
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}

    def build() -> None:
        role("worker", inline_policies=[inline(text(document(allow("sqs:SendMessage", Condition=condition))))])

    (reach,) = rights(build).grants.effective()
    assert [condition.key for condition in reach.conditions] == ["aws:RequestedRegion"]


def test_common_policies_of_aws_are_known() -> None:
    """What they grant is found, and where they are named."""
    found = rights(lambda: role("worker", managed_policy_arns=[OTHER, BASIC]))
    assert found.grants.may("logs:PutLogEvents")
    assert found.grants.may("sqs:SendMessage") is None  # the other one may allow it
    (reach,) = found.grants.reach("logs:PutLogEvents")
    assert found.at(reach).path == "managedPolicyArns[1]"
    alone = rights(lambda: role("worker", managed_policy_arns=[BASIC.replace(":aws:", ":aws-cn:", 1)]))
    assert alone.grants.may("logs:PutLogEvents")
    assert alone.grants.may("sqs:SendMessage") is False


@pytest.mark.parametrize("name", [*_ON_EVERYTHING, *_OTHERS])
def test_they_are_what_aws_publishes(name: str) -> None:
    """The emulator of AWS that tests use has AWS's own texts."""
    published = json.loads(aws_managed_policies_data)[name.rpartition("/")[2]]
    assert published["Path"].strip("/") == name.rpartition("/")[0]
    known = document_of(f"arn:aws:iam::aws:policy/{name}")
    assert known is not None
    assert allowed(known) == allowed(parse(published["Document"]))


def allowed(known: Document) -> set[tuple[str, str]]:
    """All pairs of an action and a resource in a document's statements, none of which deny or have conditions."""
    assert all(statement.allows and not statement.conditions for statement in known.statements)
    return {
        (action.text(), target.text())
        for statement in known.statements
        for action in statement.actions
        for target in statement.resources
    }
