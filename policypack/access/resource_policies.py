"""Trust policies and the policies of resources: where they stand, and what they certainly allow."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import may_allow_assume_role, named_principals
from policypack.model import (
    ACCESS_POINT_POLICY,
    BUCKET,
    BUCKET_POLICY,
    BUCKET_V2,
    EVENT_BUS_POLICY,
    EVENT_PERMISSION,
    EXTERNAL_KEY,
    FUNCTION_POLICY,
    KEY,
    KEY_POLICY,
    PERMISSION,
    QUEUE,
    QUEUE_POLICY,
    REPLICA_KEY,
    REPOSITORY_POLICY,
    SECRET,
    SECRET_POLICY,
    STREAM_POLICY,
    TABLE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    DeferredUndecided,
    Undecided,
    is_unknown,
)
from policypack.model.policy_holders import POLICY_HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Document, Statement
    from policypack.iam.trust_policies import NamedPrincipal
    from policypack.model import Resource, Stack

KEY_POLICY_HOLDERS: Final = (KEY, KEY_POLICY, EXTERNAL_KEY, REPLICA_KEY)
BUCKET_POLICY_HOLDERS: Final = (
    BUCKET,
    BUCKET_POLICY,
    BUCKET_V2,
    ACCESS_POINT_POLICY,
)
TOPIC_POLICY_HOLDERS: Final = (TOPIC, TOPIC_POLICY)
SINGLE_STATEMENT_HOLDERS: Final = (PERMISSION, EVENT_PERMISSION)
"""Resources that are one statement of a policy each."""

RESOURCE_POLICY_HOLDERS: Final = (
    *BUCKET_POLICY_HOLDERS,
    *(QUEUE, QUEUE_POLICY, SECRET, SECRET_POLICY, EVENT_BUS_POLICY, TABLE_POLICY, STREAM_POLICY, FUNCTION_POLICY),
    *(REPOSITORY_POLICY, *TOPIC_POLICY_HOLDERS, *KEY_POLICY_HOLDERS, EVENT_PERMISSION),
)
"""The resources that hold the policy of a resource, but for the permissions of functions."""


class Policy(msgspec.Struct, frozen=True, eq=False):
    """A document with the property it stands in. `statements`: what it certainly allows, and AWS would take."""

    holder: Resource
    path: str
    document: Document

    @property
    def allow_statements(self) -> Iterator[Statement]:
        """The statements that allow something; raises `Undecided` at the end where part of it is not known."""
        undecided = DeferredUndecided(self.path if self.document.is_unknown else None)
        for statement in self.document.statements:
            if statement.is_allow and not statement.invalid:
                yield statement
            elif statement.effect is None and not statement.invalid:
                undecided.note(self.at(statement.place))
        undecided.raise_noted()

    @property
    def principals(self) -> Iterator[NamedPrincipal]:
        """Everybody whom these statements name; raises `Undecided` at the end as well where somebody is not known."""
        undecided = DeferredUndecided()
        for statement in self.allow_statements:
            for one in named_principals(statement):
                if one.kind == "unknown":
                    undecided.note(self.at(one.place))
                else:
                    yield one
        undecided.raise_noted()

    def unknown_condition(self, statement: Statement) -> Undecided:
        """Why it cannot be told whom the conditions of a statement keep out; to raise or yield where that decides."""
        places = (entry.place for one in statement.conditions for entry in one.values if not entry.known)
        opaque = (one.place for one in statement.conditions if not one.base)
        return Undecided(self.at(next(chain(opaque, places), f"{statement.place}.Condition")))

    def at(self, place: str) -> str:
        """Where a place in the document is, as a property."""
        if self.holder.type in SINGLE_STATEMENT_HOLDERS:
            return _property(self.holder, place)
        return f"{self.path}.{place}" if place else self.path


def trust_policy_of(role: Resource) -> Policy:
    """A role's trust policy."""
    return Policy(role, "assumeRolePolicy", parse_policy(role.get("assumeRolePolicy"), "trust"))


def principals_assuming(trust: Policy) -> Iterator[NamedPrincipal]:
    """Everybody whom a trust policy lets assume the role; raises `Undecided` at the end as above."""
    yield from (one for one in trust.principals if may_allow_assume_role(one.statement))


def resource_policy_of(holder: Resource, stack: Stack | None = None) -> Policy:
    """The policy that a resource holds, or the one statement that it is.

    In a `stack`, nothing where another resource of it sets that policy, which is judged there.
    """
    if stack is not None and holder.urn in stack.cached(_set_elsewhere):
        return Policy(holder, "policy", parse_policy([], "resource"))
    if holder.type == PERMISSION:
        return Policy(holder, "", parse_policy(_permission(holder), "resource"))
    if holder.type == EVENT_PERMISSION:
        return Policy(holder, "", parse_policy(_event_permission(holder), "resource"))
    found = holder.get("policy", "")
    absent = not is_unknown(found) and found in ("", "{}")
    return Policy(holder, "policy", parse_policy([] if absent else found, "resource"))


def _set_elsewhere(stack: Stack) -> frozenset[str]:
    """The resources, by URN, whose `policy` property repeats what another resource of the stack sets."""
    setters = stack.of_type(*(type_ for type_, held in POLICY_HOLDERS.items() if held.read_back))
    return frozenset(urn for setter in setters for urn in _target(stack, setter))


def _target(stack: Stack, setter: Resource) -> Iterator[str]:
    try:
        held = POLICY_HOLDERS[setter.type]
        found = stack.linked(setter, held.path, held.target)
    except Undecided:
        return
    if found is not None:
        yield found.urn


_PROPERTIES: Final = {"Principal": "principal", "Action": "action", "NotAction": "action"}
_CONDITIONS: Final = (
    ("sourceArn", "ArnLike", "aws:SourceArn"),
    ("sourceAccount", "StringEquals", "aws:SourceAccount"),
    ("principalOrgId", "StringEquals", "aws:PrincipalOrgID"),
    ("eventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("functionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("invokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
)
"""The condition that each argument of a permission becomes (Lambda API reference, AddPermission)."""


def _property(permission: Resource, place: str) -> str:
    """The argument of a permission that became this part of its statement."""
    part = place.partition(".")[2]
    if not part.startswith("Condition"):
        return _PROPERTIES.get(part.partition(".")[0].partition("[")[0], "")
    if permission.type == EVENT_PERMISSION:
        return "condition"
    return next((path for path, _, key in _CONDITIONS if f'"{key}"' in part), "principal")


def _permission(permission: Resource) -> list[Any]:
    """The statement that a function's permission adds to the function's policy."""
    conditions: dict[str, dict[str, Any]] = {}
    for path, operator, key in _CONDITIONS:
        if permission.has(path):
            conditions.setdefault(operator, {})[key] = permission.get(path)
    principal = permission.get("principal", "")
    service = isinstance(principal, str) and "." in principal and not principal.startswith("arn:")
    return _statement(permission, {"Service" if service else "AWS": principal}, conditions)


def _event_permission(permission: Resource) -> list[Any]:
    """The statement that a permission adds to an event bus's policy."""
    conditions: dict[str, dict[str, Any]] = {}
    if permission.has("condition"):
        kind, key = permission.get("condition.type", ""), permission.get("condition.key", "")
        conditions[kind] = {key: permission.get("condition.value")}
    return _statement(permission, {"AWS": permission.get("principal", "")}, conditions)


def _statement(permission: Resource, principal: dict[str, Any], conditions: dict[str, dict[str, Any]]) -> list[Any]:
    action = permission.get("action", "events:PutEvents")
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return [{**statement, "Condition": conditions} if conditions else statement]
