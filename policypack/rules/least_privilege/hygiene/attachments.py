"""Permissions boundaries of roles, and managed policies that are attached, once and without conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.attachments import resolve_references
from policypack.access.role_grants import permissions_of
from policypack.iam.managed_policies import is_aws_managed_policy
from policypack.iam.matching import resource_matches
from policypack.iam.statement_normalization import normalized_statement
from policypack.iam.wildcards import brief_list
from policypack.model import POLICY, POLICY_ATTACHMENT, ROLE, DeferredUndecided, Resource, Stack, is_unknown
from policypack.model.policy_attachments import ATTACHING_PROPERTIES, ATTACHMENTS, BOUNDED_TYPES, PERMISSIONS_BOUNDARY
from policypack.rule import Findings, Options, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Statement

_POLICY_PROPERTIES: Final = (*ATTACHING_PROPERTIES, *((type_, PERMISSIONS_BOUNDARY) for type_ in BOUNDED_TYPES))
"""Every type with a property that names managed policies."""


class BoundaryOptions(Options):
    """`boundary`: ARN pattern of the permissions boundary that every role needs, as `arn:aws:iam::*:policy/limit`.

    `exempt`: paths of roles that need none, as `/cdk/`.
    """

    boundary: str = ""
    exempt: tuple[str, ...] = ()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Set permissions_boundary to the ARN of the policy that the organization requires.",
    terms=("guardrail", "delegation", "maximum permissions"),
)
def role_has_required_permissions_boundary(role: Resource, options: BoundaryOptions) -> Findings:
    """A permissions boundary limits what a role can do, whatever policies are attached to it later.

    The rule applies only if the option `boundary` names the boundary that the organization requires (IAM user guide,
    "Permissions boundaries for IAM entities").
    """
    if not options.boundary:
        return
    path, boundary = role.get("path", "/"), role.get(PERMISSIONS_BOUNDARY, "")
    if any(path.startswith(exempt) for exempt in options.exempt):
        return
    if not boundary:
        yield f"has no permissions boundary (required: {options.boundary})"
    elif not resource_matches(options.boundary, boundary):
        yield f"has the permissions boundary {boundary} (required: {options.boundary})", PERMISSIONS_BOUNDARY


@rule(
    on=ROLE,
    severity=Severity.LOW,
    fix="Keep the statement in one policy argument, and remove it from the others.",
    terms=("duplicate statement", "redundant"),
)
def role_grants_are_not_repeated_across_policies(role: Resource, stack: Stack) -> Findings:
    """A permission that is removed from one policy is still granted if another policy of the role repeats it."""
    seen: dict[object, str] = {}
    permissions = permissions_of(stack, role)
    for held in permissions.documents:
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
                yield f"grants in {held.name} what {seen[content]} already grants", place
        seen = {**dict.fromkeys(here, held.name), **seen}
    permissions.raise_if_incomplete()


@rule(
    on=POLICY,
    severity=Severity.LOW,
    fix="Attach it with an aws.iam.RolePolicyAttachment, or remove it from the program.",
    terms=("orphaned policy", "unused policy", "dangling"),
)
def policy_is_attached(policy: Resource, stack: Stack) -> Findings:
    """An unattached managed policy has no effect until somebody attaches it, perhaps without reviewing what it grants.

    A policy counts as attached if a role, user or group of the stack has it, also as its permissions boundary, or an
    attachment resource names it.
    """
    attached, undecided = stack.cached(_attached)
    if policy.urn in attached:
        return
    undecided.raise_noted()
    yield "is not attached in the stack"


@rule(
    on=POLICY_ATTACHMENT,
    severity=Severity.LOW,
    fix="Use an aws.iam.RolePolicyAttachment for each role instead.",
    terms=("conflicting attachments",),
)
def policy_attachment_is_not_exclusive(attachment: Resource, stack: Stack) -> Findings:
    """An aws.iam.PolicyAttachment detaches its policy from every role, user and group that it does not list.

    This includes those of other stacks in the account. The rule judges attachments of AWS managed policies, and of
    policies that the stack attaches in another way as well (provider documentation of aws_iam_policy_attachment).
    """
    paths = ATTACHMENTS[POLICY_ATTACHMENT]
    arn = attachment.get(paths.policies, "")
    if isinstance(arn, str) and is_aws_managed_policy(arn):
        yield f"detaches {arn.rpartition('/')[2]} from everything else in the account", paths.policies
        return
    policy = stack.linked(attachment, paths.policies, POLICY)
    named = {
        end.resource.urn for end in resolve_references(stack, attachment, paths.roles, ROLE) if end.resource is not None
    }
    others = [
        other
        for other in stack.cached(_attachments).get(_key(policy, arn), ())
        if other is not attachment and other.urn not in named  # the provider lists it in the role as well
    ]
    if others:
        names = brief_list(sorted(other.name for other in others))
        yield f"detaches its policy wherever it is attached by {names}", paths.policies


def _attached(stack: Stack) -> tuple[frozenset[str], DeferredUndecided]:
    """The URNs of policies that are attached or are a permissions boundary; and a property that may name any policy."""
    found: set[str] = set()
    undecided = DeferredUndecided()
    for resource, path in _policy_properties(stack):
        for end in resolve_references(stack, resource, path, POLICY):
            if end.resource is not None:
                found.add(end.resource.urn)
            elif is_unknown(end.value):
                found.update(candidate.urn for candidate in end.candidates)
                undecided.note("" if end.candidates else end.path)
    return frozenset(found), undecided


def _attachments(stack: Stack) -> dict[str, list[Resource]]:
    """The resources that attach a policy, by its URN or ARN."""
    found: dict[str, list[Resource]] = {}
    for resource, path in _policy_properties(stack):
        if path != PERMISSIONS_BOUNDARY:
            for end in resolve_references(stack, resource, path, POLICY):
                key = _key(end.resource, end.value)
                if key:
                    found.setdefault(key, []).append(resource)
    return found


def _policy_properties(stack: Stack) -> Iterator[tuple[Resource, str]]:
    for type_, path in _POLICY_PROPERTIES:
        yield from ((resource, path) for resource in stack.of_type(type_))


def _key(policy: Resource | None, value: object) -> str:
    if policy is not None:
        return policy.urn
    return str.__str__(value) if isinstance(value, str) else ""
