"""An ARN refers to a resource in its account, and not to one of the same name in another account."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.model import EVENT_TARGET, FUNCTION, QUEUE, ROLE, Resource, Stack, Undecided, Unknown
from tests.policypack.model.test_stack import made

OURS, THEIRS = "123456789012", "210987654321"
UNKNOWN = Unknown("arn")


def role_arn(account: str = OURS, name: str = "work") -> str:
    """Give a role's ARN."""
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.mark.parametrize(
    ("own", "elsewhere", "account", "ours"),
    [
        (role_arn(OURS), None, OURS, True),
        (role_arn(OURS), None, THEIRS, False),
        (role_arn(OURS), role_arn(THEIRS, "other"), THEIRS, False),  # its own ARN is what counts
        (UNKNOWN, role_arn(OURS, "other"), OURS, True),
        (UNKNOWN, role_arn(OURS, "other"), THEIRS, False),
        (None, role_arn(OURS, "other"), THEIRS, False),
        (UNKNOWN, UNKNOWN, THEIRS, True),  # a first preview, in which nothing shows an account
    ],
)
def test_a_role_of_the_same_name_in_another_account_is_not_in_the_stack(
    own: Any, elsewhere: Any, account: str, *, ours: bool
) -> None:
    """The account is that in the role's ARN, else in the ARNs of other resources."""
    role = made(ROLE, "program name", name="work", arn=own)
    user = made(FUNCTION, "user", role=role_arn(account))
    stack = Stack([role, user, made(ROLE, "other", name="other", arn=elsewhere)])
    found = role if ours else None
    assert stack.find(role_arn(account), ROLE) is found
    assert stack.role_of(user) is found
    assert list(stack.resources_with_role(role)) == ([user] if ours else [])


def test_a_dependency_does_not_override_the_account_in_an_arn() -> None:
    """The value depends on our role, but names one in another account."""
    role = made(ROLE, "work", name="work", arn=role_arn())
    user = made(FUNCTION, "user", role.urn, role=role_arn(THEIRS))
    stack = Stack([role, user])
    assert stack.role_of(user) is None
    assert list(stack.resources_with_role(role)) == []


def test_accounts_are_updated_as_resources_register() -> None:
    """A reference that could be ours is not, once another resource shows our account."""
    queue = made(QUEUE, "work", name="work")
    reference = f"arn:aws:sqs:eu-west-1:{THEIRS}:work"
    stack = Stack([queue, made(EVENT_TARGET, "target", arn=f"arn:aws:sqs:eu-west-1:{OURS}:theirs")])
    assert stack.find(reference, QUEUE) is queue  # the ARN of a target says nothing of who we are
    stack.add(made(QUEUE, "other", arn=f"arn:aws:sqs:eu-west-1:{OURS}:other"))
    assert stack.find(reference, QUEUE) is None


@pytest.mark.parametrize("whole", [True, False])
def test_references_to_one_name_in_two_accounts_are_undecided(*, whole: bool) -> None:
    """One of them is not ours, and it is unknown which."""
    role = made(ROLE, "work", name="work")
    stack = Stack([role, *(made(FUNCTION, each, role=role_arn(each)) for each in (OURS, THEIRS))])
    stack.complete = whole  # as a growing stack has it
    users = stack.resources_with_role(role)
    assert next(users).name == OURS
    with pytest.raises(Undecided, match="role"):
        next(users)


def sharers(stack: Stack, user: Resource) -> list[str]:
    """Give the names of the resources that share a role with one."""
    return [other.name for other in stack.resources_sharing_role(user)]


def test_resources_share_an_external_role_by_the_same_arn() -> None:
    """Those that share a role of the stack are its users."""
    one, two = (made(FUNCTION, name, role=role_arn(OURS, "away")) for name in ("one", "two"))
    far = made(FUNCTION, "far", role=role_arn(THEIRS, "away"))
    stack = Stack([one, far])
    assert sharers(stack, one) == ["one"]
    stack.add(two)
    assert sharers(stack, one) == sharers(stack, two) == ["one", "two"]
    assert sharers(stack, far) == ["far"]
    assert sharers(stack, made(QUEUE, "queue")) == []
    stack.add(made(ROLE, "away", name="away"))
    stack.add(made(ROLE, "other", name="other", arn=role_arn(OURS, "other")))
    assert sharers(stack, one) == ["one", "two"]  # now by its name


def test_an_unknown_role_may_be_the_same_external_role() -> None:
    """Unless it can only be a role of the stack."""
    role = made(ROLE, "work", name="work")
    one = made(FUNCTION, "one", role=role_arn(OURS, "away"))
    stack = Stack([role, one, made(FUNCTION, "two", role.urn, role=Unknown("role"))])
    assert sharers(stack, one) == ["one"]
    stack.add(made(FUNCTION, "three", role=Unknown("role")))
    found = stack.resources_sharing_role(one)
    assert next(found) is one
    with pytest.raises(Undecided, match="role"):
        next(found)
