"""Roles that a program refers to outside of role properties, so that their use is not known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.model import (
    ROLE,
)
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.model.policy_attachments import INLINE_POLICIES, ROLE_ATTACHMENTS
from policypack.model.values import plain_texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

_ROLE_ARN: Final = re.compile(r"arn:[\w-]+:iam::\d*:role/([\w+=,.@/-]+)")
_OWN_PROPERTIES: Final = ("arn", "id", "name", "namePrefix", "uniqueId")
_ATTACHMENT_PROPERTIES: Final[dict[str, tuple[str, ...]]] = {
    **{type_: (path, "id") for type_, path in INLINE_POLICIES.items()},
    **{type_: (found.roles, "id") for type_, found in ROLE_ATTACHMENTS.items()},
}
"""Properties that refer to a role only to attach policies to it."""


def roles_referenced_elsewhere(stack: Stack) -> frozenset[str]:
    """The URNs of roles to which other properties refer than those that name the role of a workload.

    For example an environment variable, the Resource of a policy document, or a stack output.
    """
    names = {name: role.urn for role in stack.of_type(ROLE) if isinstance(name := role.get("name"), str)}
    return frozenset(urn for resource in stack.resources for urn in _referenced_roles(resource, stack, names))


def _referenced_roles(resource: Resource, stack: Stack, names: dict[str, str]) -> Iterator[str]:
    known_uses = _known_uses(resource)
    for key, value in resource.value.items():
        if key in known_uses:
            continue
        yield from (other.urn for other in stack.dependencies_of(resource, key) if other.type == ROLE)
        for text in plain_texts_in(value):
            if text in names and "role" in key.lower():
                yield names[text]
            for path in _ROLE_ARN.findall(text):
                if (name := path.rpartition("/")[2]) in names:
                    yield names[name]


def _known_uses(resource: Resource) -> tuple[str, ...]:
    """The properties of a resource whose use of a role is known."""
    if resource.type == ROLE:
        return _OWN_PROPERTIES
    use = EXECUTION_ROLES.get(resource.type)
    return (use.path.partition(".")[0],) if use else _ATTACHMENT_PROPERTIES.get(resource.type, ())
