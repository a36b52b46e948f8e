"""Permissions that a workload requires of its role, and which of them are missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from policypack.access.arn_index import ArnIndex
from policypack.access.resource_arns import arn_context
from policypack.access.role_grants import permissions_of
from policypack.iam.documents import parse_policy
from policypack.iam.matching import overlaps_action
from policypack.iam.trust_policies import named_principals
from policypack.iam.wildcards import brief_list
from policypack.model import (
    ALIAS,
    FUNCTION,
    FUNCTION_POLICY,
    KEY,
    QUEUE,
    STREAM,
    TABLE,
    DeferredUndecided,
    Undecided,
    is_secret,
    is_unknown,
)
from policypack.model.arn import is_arn, parse_arn
from policypack.model.policy_holders import POLICY_HOLDERS
from policypack.model.services import ARN_FORMATS
from policypack.rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.iam.elements import Document
    from policypack.model import Resource, Stack
    from policypack.rule import Findings


class PermissionTarget(msgspec.Struct, frozen=True, eq=False):
    """A resource that a workload needs permissions for.

    `service`: the service in its ARN. `arn`: the ARN or a pattern for it. `resource`: of the stack; None where the
    resource is not in the stack. `name`: for messages.
    """

    service: str
    arn: str
    resource: Resource | None
    name: str


def target_at(stack: Stack, holder: Resource, path: str, *types: str) -> PermissionTarget | None:
    """The resource that a property refers to by ARN or name; None where the property is absent or the type has no ARN.

    Raises `Undecided` where the property is unknown.
    """
    value = holder.get(path)
    if value is None or (not is_unknown(value) and value == ""):
        return None
    found = stack.linked(holder, path, *types)
    if isinstance(value, str) and is_arn(value):
        parsed = parse_arn(value)
        service = parsed.service if parsed is not None else ""
        return PermissionTarget(service, value, found, found.name if found is not None else value)
    if found is not None and found.type == ALIAS:
        found = stack.target_of(found)
    if found is None or found.type not in ARN_FORMATS:
        return None
    arn = stack.cached(ArnIndex).arn_of(found)
    if arn is None:
        raise Undecided(path)
    return PermissionTarget(
        ARN_FORMATS[found.type].service, f"{arn}*" if found.type == FUNCTION else arn, found, found.name
    )


def source_at(stack: Stack, holder: Resource, path: str) -> PermissionTarget | None:
    """The event source that a property refers to: a queue, a stream, or the streams of a table."""
    source = target_at(stack, holder, path, QUEUE, STREAM, TABLE)
    if source is not None and source.service == "dynamodb" and "/stream/" not in source.arn:
        return msgspec.structs.replace(source, arn=f"{source.arn}/stream/*")
    return source


class MissingPermissions(msgspec.Struct):
    """The actions that a role certainly lacks.

    `undecided`: why it may lack more. `fix`: the statement to add; empty where none can be suggested.
    """

    actions: list[str]
    undecided: Undecided | None = None
    fix: str = ""


def missing_permissions(
    stack: Stack, role: Resource, needs: Iterable[tuple[str, ...]], target: PermissionTarget | None = None
) -> MissingPermissions:
    """The required actions that neither the role nor the target's resource-based policy allows.

    `needs`: groups of actions, of which one action of each group is enough.
    """
    permissions = permissions_of(stack, role)
    found, undecided = MissingPermissions([]), DeferredUndecided()
    for alternatives in needs:
        answers = [permissions.grants.allows(action, target.arn if target else None) for action in alternatives]
        if True in answers:
            continue
        by_resource_policy = (
            target is not None
            and target.resource is not None
            and _resource_policy_allows(stack, target.resource, role, alternatives)
        )
        if by_resource_policy is True:
            continue
        if None in answers:
            undecided.note(permissions.why_incomplete())
        elif by_resource_policy is None and target is not None:
            undecided.note("policy")
        else:
            found.actions.append(alternatives[0])
    found.undecided = undecided.noted
    if found.actions:
        found.fix = _fix(stack, role, found.actions, target)
    return found


def _fix(stack: Stack, role: Resource, actions: list[str], target: PermissionTarget | None) -> str:
    """The statement to add; empty for KMS, where it also needs a condition, and where the ARN is secret."""
    if target is not None and (target.service == "kms" or is_secret(target.arn)):
        return ""
    arn = arn_context(stack).fill(target.arn) if target is not None else "*"
    statement = {"Effect": "Allow", "Action": actions if len(actions) > 1 else actions[0], "Resource": arn}
    return f"Add {json.dumps(statement)} to an aws.iam.RolePolicy of {role.name}."


def findings(found: MissingPermissions, what: str, path: str) -> Findings:
    """What a rule yields about missing permissions. `what`: what needs them, as `reads work with role worker`."""
    if found.actions:
        yield Fault(f"{what}, which lacks {brief_list(found.actions)}", path, found.fix)
    if found.undecided is not None:
        yield found.undecided


def _resource_policy_allows(stack: Stack, resource: Resource, role: Resource, actions: tuple[str, ...]) -> bool | None:
    """Whether a resource-based policy of the resource allows the role one of the actions; None while it is unknown."""
    is_undecided = False
    for document in resource_policies_of(stack, resource):
        is_undecided = is_undecided or document.is_unknown
        for statement in document.statements:
            if statement.is_deny or not any(
                entry.value is None or any(overlaps_action(entry.value, action) for action in actions)
                for entry in statement.actions
            ):
                continue
            for one in named_principals(statement):
                if one.kind in {"everybody", "unknown"} or (one.kind == "account" and resource.type != KEY):
                    return True
                if one.kind == "identity" and _may_be_role(one.value, role):
                    return True
    return None if is_undecided else False


def resource_policies_of(stack: Stack, resource: Resource) -> Iterator[Document]:
    """The resource-based policies of a resource: in its own properties, and in other resources of the stack."""
    if resource.has("policy"):
        yield parse_policy(resource.get("policy"), "resource")
    yield from stack.cached(_policies_by_resource).get(resource.urn, ())


def _policies_by_resource(stack: Stack) -> dict[str, list[Document]]:
    """The resource-based policies that other resources hold, by the URN of the resource that they belong to."""
    found: dict[str, list[Document]] = {}
    for type_, held in POLICY_HOLDERS.items():
        for holder in stack.of_type(type_) if type_ != FUNCTION_POLICY else ():
            try:
                resource = stack.linked(holder, held.path, held.target)
            except Undecided:
                continue
            if resource is not None:
                found.setdefault(resource.urn, []).append(parse_policy(holder.get("policy"), "resource"))
    return found


def _may_be_role(principal: str, role: Resource) -> bool:
    """Whether a principal's ARN may be the role's: it ends in the role's name, or that name is unknown."""
    name = role.get("name")
    return not isinstance(name, str) or principal.rpartition("/")[2] == name
