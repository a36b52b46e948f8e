"""Where the policy documents of a stack live, and which of their statements allow something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.documents import Statement, parse
from policypack.model import (
    GROUP_POLICY_ATTACHMENT,
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    ROLE_POLICY_ATTACHMENTS,
    USER,
    USER_POLICY_ATTACHMENT,
    Undecided,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

HOLDERS: Final = (ROLE, ROLE_POLICY, POLICY)
"""The resources that hold the documents of roles."""

_ATTACHED: Final = (
    (ROLE, "managedPolicyArns"),
    (ROLE_POLICY_ATTACHMENTS, "policyArns"),
    (ROLE_POLICY_ATTACHMENT, "policyArn"),
    (POLICY_ATTACHMENT, "policyArn"),
    (USER_POLICY_ATTACHMENT, "policyArn"),
    (GROUP_POLICY_ATTACHMENT, "policyArn"),
)


def allowing(holder: Resource, stack: Stack) -> Iterator[tuple[str, Statement]]:
    """The statements that certainly allow something, with the property their document stands in.

    What IAM would refuse is left out: it grants nothing. Raises `Undecided` at the end where part of it is not known.
    """
    if holder.type == POLICY and holder.urn in stack.once(_boundaries):
        return  # a boundary only limits what other policies grant
    unknown = ""
    for path in _places(holder):
        document = parse(holder.get(path))
        if document.unknown:
            unknown = path
        for statement in document.statements:
            if statement.allows and not statement.broken:
                yield path, statement
            elif statement.effect is None and not statement.broken:
                unknown = f"{path}.{statement.place}.Effect"
    if unknown:
        raise Undecided(unknown)


def _places(holder: Resource) -> Iterator[str]:
    if holder.type == ROLE:
        yield from (inline.at("policy").path for inline in holder.each("inlinePolicies") if inline.has("policy"))
    else:
        yield "policy"


def _boundaries(stack: Stack) -> frozenset[str]:
    """The policies, by URN, that are the permissions boundary of a role or user, and attached to nobody."""
    bounding: set[str] = set()
    for resource in stack.of_type(ROLE, USER):
        bounding.update(policy.urn for policy in _policies_at(stack, resource, "permissionsBoundary"))
    attached: set[str] = set()
    for type_, path in _ATTACHED:
        for resource in stack.of_type(type_):
            attached.update(policy.urn for policy in _policies_at(stack, resource, path))
    return frozenset(bounding - attached)


def _policies_at(stack: Stack, resource: Resource, path: str) -> Iterator[Resource]:
    """The policies of this stack that a property names, or, where it is not known yet, is made from."""
    yield from (maker for maker in stack.made_from(resource, path) if maker.type == POLICY)
    value = resource.get(path)
    for arn in value if isinstance(value, list) else [value]:
        if isinstance(arn, str) and (policy := stack.named(arn, POLICY)) is not None:
            yield policy
