"""A name in an ARN is a name in an account: the same one in another account is somebody else."""

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
def test_a_role_of_that_name_in_another_account_is_none_of_ours(
    own: Any, elsewhere: Any, account: str, *, ours: bool
) -> None:
    """Told by the role's own ARN, else by those that the stack's other resources have."""
    role = made(ROLE, "program name", name="work", arn=own)
    user = made(FUNCTION, "user", role=role_arn(account))
    stack = Stack([role, user, made(ROLE, "other", name="other", arn=elsewhere)])
    found = role if ours else None
    assert stack.find(role_arn(account), ROLE) is found
    assert stack.role_of(user) is found
    assert list(stack.resources_with_role(role)) == ([user] if ours else [])


def test_a_name_of_ours_in_an_arn_of_theirs() -> None:
    """The engine says that the value was made from our role, but it names theirs."""
    role = made(ROLE, "work", name="work", arn=role_arn())
    user = made(FUNCTION, "user", role.urn, role=role_arn(THEIRS))
    stack = Stack([role, user])
    assert stack.role_of(user) is None
    assert list(stack.resources_with_role(role)) == []


def test_accounts_are_learnt_as_the_stack_grows() -> None:
    """What could be ours is theirs as soon as something shows which account is ours."""
    queue = made(QUEUE, "work", name="work")
    reference = f"arn:aws:sqs:eu-west-1:{THEIRS}:work"
    stack = Stack([queue, made(EVENT_TARGET, "target", arn=f"arn:aws:sqs:eu-west-1:{OURS}:theirs")])
    assert stack.find(reference, QUEUE) is queue  # the ARN of a target says nothing of who we are
    stack.add(made(QUEUE, "other", arn=f"arn:aws:sqs:eu-west-1:{OURS}:other"))
    assert stack.find(reference, QUEUE) is None


@pytest.mark.parametrize("whole", [True, False])
def test_two_accounts_in_what_refers_to_one_name_are_a_doubt(*, whole: bool) -> None:
    """One of the two is elsewhere, and nothing tells which."""
    role = made(ROLE, "work", name="work")
    stack = Stack([role, *(made(FUNCTION, each, role=role_arn(each)) for each in (OURS, THEIRS))])
    stack.complete = whole  # as a growing stack has it
    users = stack.resources_with_role(role)
    assert next(users).name == OURS
    with pytest.raises(Undecided, match="role"):
        next(users)


def sharers(stack: Stack, user: Resource) -> list[str]:
    """Give the names of those who share a role with one."""
    return [other.name for other in stack.resources_sharing_role(user)]


def test_sharers_of_a_role_elsewhere_spell_it_alike() -> None:
    """By the same ARN, whatever it is called in it; those of a role of ours are its users."""
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


def test_a_sharer_that_is_only_known_later_is_a_doubt() -> None:
    """Unless it can only be a role of the stack's own."""
    role = made(ROLE, "work", name="work")
    one = made(FUNCTION, "one", role=role_arn(OURS, "away"))
    stack = Stack([role, one, made(FUNCTION, "two", role.urn, role=Unknown("role"))])
    assert sharers(stack, one) == ["one"]
    stack.add(made(FUNCTION, "three", role=Unknown("role")))
    found = stack.resources_sharing_role(one)
    assert next(found) is one
    with pytest.raises(Undecided, match="role"):
        next(found)
