"""What work needs of its role, and what of that nothing grants."""

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
    """Something that work needs: its ARN or a pattern for it, and the resource of the stack that it is, if it is."""

    service: str
    arn: str
    resource: Resource | None
    name: str


def target_at(stack: Stack, holder: Resource, path: str, *types: str) -> PermissionTarget | None:
    """What a property with an ARN or a name says; None where it is absent, or of nothing that is known by its ARN.

    Raises `Undecided` where that is not known.
    """
    value = holder.get(path)
    if value is None or (not is_unknown(value) and value == ""):
        return None
    found = stack.linked(holder, path, *types)
    if isinstance(value, str) and is_arn(value):
        written = parse_arn(value)
        service = written.service if written is not None else ""
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
    """The queue or stream that a property names; of a table the streams."""
    source = target_at(stack, holder, path, QUEUE, STREAM, TABLE)
    if source is not None and source.service == "dynamodb" and "/stream/" not in source.arn:
        return msgspec.structs.replace(source, arn=f"{source.arn}/stream/*")
    return source


class MissingPermissions(msgspec.Struct):
    """Actions that a role certainly lacks, and the reason why it may lack more. `fix`: the statement to add."""

    actions: list[str]
    undecided: Undecided | None = None
    fix: str = ""


def missing_permissions(
    stack: Stack, role: Resource, needs: Iterable[tuple[str, ...]], target: PermissionTarget | None = None
) -> MissingPermissions:
    """Which of some needs, each met by any one of its actions, a role's grants leave open.

    What the policy of a resource of the stack grants the role counts as well.
    """
    permissions = permissions_of(stack, role)
    found = MissingPermissions([])
    for alternatives in needs:
        answers = [permissions.grants.allows(action, target.arn if target else None) for action in alternatives]
        if True in answers:
            continue
        there = (
            target is not None
            and target.resource is not None
            and _granted_at(stack, target.resource, role, alternatives)
        )
        if there is True:
            continue
        if None in answers:
            found.undecided = found.undecided or permissions.why_incomplete()
        elif there is None and target is not None:
            found.undecided = found.undecided or Undecided("policy")
        else:
            found.actions.append(alternatives[0])
    if found.actions:
        found.fix = _fix(stack, role, found.actions, target)
    return found


def _fix(stack: Stack, role: Resource, actions: list[str], target: PermissionTarget | None) -> str:
    """The statement that is missing, ready to paste; nothing where it takes a condition as well, or holds a secret."""
    if target is not None and (target.service == "kms" or is_secret(target.arn)):
        return ""
    arn = arn_context(stack).fill(target.arn) if target is not None else "*"
    statement = {"Effect": "Allow", "Action": actions if len(actions) > 1 else actions[0], "Resource": arn}
    return f"Add {json.dumps(statement)} to an aws.iam.RolePolicy of {role.name}."


def findings(found: MissingPermissions, what: str, path: str) -> Findings:
    """What a rule yields: `reads work under role worker`, which lacks this and that."""
    if found.actions:
        yield Fault(f"{what}, which lacks {brief_list(found.actions)}", path, found.fix)
    if found.undecided is not None:
        yield found.undecided


def _granted_at(stack: Stack, resource: Resource, role: Resource, actions: tuple[str, ...]) -> bool | None:
    """Whether the policy of a resource itself may let the role do one of the actions."""
    unsure = False
    for document in resource_policies_of(stack, resource):
        unsure = unsure or document.is_unknown
        for statement in document.statements:
            if statement.is_deny or not any(
                entry.value is None or any(overlaps_action(entry.value, action) for action in actions)
                for entry in statement.actions
            ):
                continue
            for one in named_principals(statement):
                if one.kind in {"everybody", "unknown"} or (one.kind == "account" and resource.type != KEY):
                    return True
                if one.kind == "identity" and _is(one.value, role):
                    return True
    return None if unsure else False


def resource_policies_of(stack: Stack, resource: Resource) -> Iterator[Document]:
    """The policies of a resource: its own, and those that other resources hold for it."""
    if resource.has("policy"):
        yield parse_policy(resource.get("policy"), "resource")
    yield from stack.cached(_held).get(resource.urn, ())


def _held(stack: Stack) -> dict[str, list[Document]]:
    """The policies that other resources hold, by the URN of the resource whose they are."""
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


def _is(principal: str, role: Resource) -> bool:
    """Whether the ARN of a principal may be the role's: it is, or the role's name is not known."""
    name = role.get("name")
    return not isinstance(name, str) or principal.rpartition("/")[2] == name
