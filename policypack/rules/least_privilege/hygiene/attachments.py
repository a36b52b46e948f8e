"""Roles and policies that are kept in order: within the boundary that is asked for, each policy once and in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.attachments import ends
from policypack.access.role_grants import rights_of
from policypack.iam.matching import resource_matches
from policypack.iam.statement_normalization import normalized_statement
from policypack.iam.wildcards import brief_list
from policypack.model import (
    POLICY,
    POLICY_ATTACHMENT,
    ROLE,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.model.policy_attachments import ATTACHING_PROPERTIES, ATTACHMENTS, BOUNDED_TYPES, PERMISSIONS_BOUNDARY
from policypack.rule import Findings, Options, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Statement

_NAMING: Final = (*ATTACHING_PROPERTIES, *((type_, PERMISSIONS_BOUNDARY) for type_ in BOUNDED_TYPES))
"""Every type with a property that names managed policies."""


class BoundaryOptions(Options):
    """`boundary`: ARN pattern of the permissions boundary that every role is to have, as `arn:aws:iam::*:policy/limit`.

    `exempt`: paths of roles that need none, as `/cdk/`.
    """

    boundary: str = ""
    exempt: tuple[str, ...] = ()


@rule(on=ROLE, severity=Severity.MEDIUM, fix="Set permissions_boundary to the policy that the organisation asks for.")
def role_has_required_permissions_boundary(role: Resource, options: BoundaryOptions) -> Findings:
    """A boundary holds whatever is attached to the role later on, by whomever: what it leaves out stays out."""
    if not options.boundary:
        return
    path, boundary = role.get("path", "/"), role.get(PERMISSIONS_BOUNDARY, "")
    if any(path.startswith(exempt) for exempt in options.exempt):
        return
    if not boundary:
        yield f"has no permissions boundary, where {options.boundary} is asked for"
    elif not resource_matches(options.boundary, boundary):
        yield f"has the permissions boundary {boundary}, where {options.boundary} is asked for", PERMISSIONS_BOUNDARY


@rule(on=ROLE, severity=Severity.LOW, fix="Leave the statement in one policy argument, and take it out of the others.")
def role_grants_are_not_repeated_across_policies(role: Resource, stack: Stack) -> Findings:
    """A grant that is taken away in one document and stays in another is still there."""
    seen: dict[object, str] = {}
    rights = rights_of(stack, role)
    for held in rights.documents:
        if held.arn:
            continue
        here: dict[object, Statement] = {}
        for statement in held.document.statements:
            content = normalized_statement(statement)
            if content is not None:
                here.setdefault(content, statement)
        for content, statement in here.items():
            if content in seen:
                place = held.holder.at(f"{held.path}.{statement.place}")
                yield f"has by {held.name} what it has by {seen[content]}", place
        seen = {**dict.fromkeys(here, held.name), **seen}
    if rights.waiting is not None:
        raise rights.waiting


@rule(on=POLICY, severity=Severity.LOW, fix="Attach it by an aws.iam.RolePolicyAttachment, or take it out.")
def policy_is_attached(policy: Resource, stack: Stack) -> Findings:
    """A policy that nobody has waits for somebody to attach it, long after anyone remembers what it was for."""
    attached, doubt = stack.once(_attached)
    if policy.urn in attached:
        return
    if doubt:
        raise Undecided(doubt)
    yield "is attached to nobody here"


@rule(
    on=POLICY_ATTACHMENT,
    severity=Severity.LOW,
    fix="Use an aws.iam.RolePolicyAttachment for each role instead.",
)
def policy_attachment_is_not_exclusive(attachment: Resource, stack: Stack) -> Findings:
    """It detaches its policy from everybody in the account whom it does not name, in other programs as well."""
    paths = ATTACHMENTS[POLICY_ATTACHMENT]
    arn = attachment.get(paths.policies, "")
    if isinstance(arn, str) and ":iam::aws:" in arn:
        yield f"takes {arn.rpartition('/')[2]} from everybody else in the account", paths.policies
        return
    policy = stack.linked(attachment, paths.policies, POLICY)
    named = {end.found.urn for end in ends(stack, attachment, paths.roles, ROLE) if end.found is not None}
    others = [
        other
        for other in stack.once(_attachments).get(_key(policy, arn), ())
        if other is not attachment and other.urn not in named  # the provider lists it in the role as well
    ]
    if others:
        yield f"takes its policy from those of {brief_list(sorted(other.name for other in others))}", paths.policies


def _attached(stack: Stack) -> tuple[frozenset[str], str]:
    """The policies, by URN, that somebody has or is bounded by; and a property that may name any of them."""
    found: set[str] = set()
    doubt = ""
    for resource, path in _naming(stack):
        for end in ends(stack, resource, path, POLICY):
            if end.found is not None:
                found.add(end.found.urn)
            elif is_unknown(end.value):
                found.update(candidate.urn for candidate in end.candidates)
                doubt = doubt or ("" if end.candidates else end.path)
    return frozenset(found), doubt


def _attachments(stack: Stack) -> dict[str, list[Resource]]:
    """Who attaches a policy, by its URN or ARN."""
    found: dict[str, list[Resource]] = {}
    for resource, path in _naming(stack):
        if path != PERMISSIONS_BOUNDARY:
            for end in ends(stack, resource, path, POLICY):
                key = _key(end.found, end.value)
                if key:
                    found.setdefault(key, []).append(resource)
    return found


def _naming(stack: Stack) -> Iterator[tuple[Resource, str]]:
    for type_, path in _NAMING:
        yield from ((resource, path) for resource in stack.of_type(type_))


def _key(policy: Resource | None, value: object) -> str:
    if policy is not None:
        return policy.urn
    return str.__str__(value) if isinstance(value, str) else ""
