"""Roles that a program names in other places than where a service finds its role: anything may be done with those."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.access.stack_accounts import texts
from policypack.model import (
    ROLE,
)
from policypack.model.policy_attachments import INLINE_POLICIES, ROLE_ATTACHMENTS
from policypack.model.roles import EXECUTION_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

_ROLE: Final = re.compile(r"arn:[\w-]+:iam::\d*:role/([\w+=,.@/-]+)")
_OWN: Final = ("arn", "id", "name", "namePrefix", "uniqueId")
_ATTACHING: Final[dict[str, tuple[str, ...]]] = {
    **{type_: (path, "id") for type_, path in INLINE_POLICIES.items()},
    **{type_: (found.roles, "id") for type_, found in ROLE_ATTACHMENTS.items()},
}
"""Where a role is named only to say what it may do."""


def roles_referenced_elsewhere(stack: Stack) -> frozenset[str]:
    """The roles, by URN, that are handed to somebody, or used by something of which it is not known what for.

    Such as those in an environment, in the Resource of a policy, or among the stack's outputs.
    """
    names = {name: role.urn for role in stack.of_type(ROLE) if isinstance(name := role.get("name"), str)}
    return frozenset(urn for resource in stack.resources for urn in _mentioned(resource, stack, names))


def _mentioned(resource: Resource, stack: Stack, names: dict[str, str]) -> Iterator[str]:
    expected = _expected(resource)
    for key, value in resource.value.items():
        if key in expected:
            continue
        yield from (other.urn for other in stack.dependencies_of(resource, key) if other.type == ROLE)
        for text in texts(value):
            if text in names and "role" in key.lower():
                yield names[text]
            for path in _ROLE.findall(text):
                if (name := path.rpartition("/")[2]) in names:
                    yield names[name]


def _expected(resource: Resource) -> tuple[str, ...]:
    """The properties of a resource that are no news of a role."""
    if resource.type == ROLE:
        return _OWN
    use = EXECUTION_ROLES.get(resource.type)
    return (use.path.partition(".")[0],) if use else _ATTACHING.get(resource.type, ())
