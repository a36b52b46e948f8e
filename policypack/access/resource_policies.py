"""Trust policies and resource-based policies: which resources hold them, and what they allow."""

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
from policypack.model.arn import is_arn
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
"""The types that each add one statement to a policy."""

RESOURCE_POLICY_HOLDERS: Final = (
    *BUCKET_POLICY_HOLDERS,
    *(QUEUE, QUEUE_POLICY, SECRET, SECRET_POLICY, EVENT_BUS_POLICY, TABLE_POLICY, STREAM_POLICY, FUNCTION_POLICY),
    *(REPOSITORY_POLICY, *TOPIC_POLICY_HOLDERS, *KEY_POLICY_HOLDERS, EVENT_PERMISSION),
)
"""The types that hold a resource-based policy, without the permissions of Lambda functions."""


class Policy(msgspec.Struct, frozen=True, eq=False):
    """A policy document, and the property of a resource that holds it."""

    holder: Resource
    path: str
    document: Document

    @property
    def allow_statements(self) -> Iterator[Statement]:
        """The valid Allow statements; raises `Undecided` at the end if a part of the document is unknown."""
        undecided = DeferredUndecided(self.path if self.document.is_unknown else None)
        for statement in self.document.statements:
            if statement.is_allow and not statement.invalid:
                yield statement
            elif statement.effect is None and not statement.invalid:
                undecided.note(self.at(statement.place))
        undecided.raise_noted()

    @property
    def principals(self) -> Iterator[NamedPrincipal]:
        """The principals of these statements; raises `Undecided` at the end also if a principal is unknown."""
        undecided = DeferredUndecided()
        for statement in self.allow_statements:
            for one in named_principals(statement):
                if one.kind == "unknown":
                    undecided.note(self.at(one.place))
                else:
                    yield one
        undecided.raise_noted()

    def unknown_condition(self, statement: Statement) -> Undecided:
        """The reason why the effect of a statement's conditions is unknown, to raise or yield where it decides."""
        places = (entry.place for one in statement.conditions for entry in one.values if not entry.known)
        invalid = (one.place for one in statement.conditions if not one.base)
        return Undecided(self.at(next(chain(invalid, places), f"{statement.place}.Condition")))

    def at(self, place: str) -> str:
        """The property path of a place in the document."""
        if self.holder.type in SINGLE_STATEMENT_HOLDERS:
            return _argument(self.holder, place)
        return f"{self.path}.{place}" if place else self.path


def trust_policy_of(role: Resource) -> Policy:
    """The trust policy of a role."""
    return Policy(role, "assumeRolePolicy", parse_policy(role.get("assumeRolePolicy"), "trust"))


def principals_assuming(trust: Policy) -> Iterator[NamedPrincipal]:
    """The principals that a trust policy allows to assume the role; raises `Undecided` at the end as above."""
    yield from (one for one in trust.principals if may_allow_assume_role(one.statement))


def resource_policy_of(holder: Resource, stack: Stack | None = None) -> Policy:
    """The resource-based policy that a resource holds, or the one statement that it adds to a policy.

    Given a `stack`, an empty policy where another resource of the stack sets the policy: it is judged there.
    """
    if stack is not None and holder.urn in stack.cached(_policies_set_elsewhere):
        return Policy(holder, "policy", parse_policy([], "resource"))
    if holder.type == PERMISSION:
        return Policy(holder, "", parse_policy(_permission_statement(holder), "resource"))
    if holder.type == EVENT_PERMISSION:
        return Policy(holder, "", parse_policy(_event_permission_statement(holder), "resource"))
    found = holder.get("policy", "")
    absent = not is_unknown(found) and found in ("", "{}")
    return Policy(holder, "policy", parse_policy([] if absent else found, "resource"))


def _policies_set_elsewhere(stack: Stack) -> frozenset[str]:
    """The URNs of resources whose `policy` property repeats what another resource of the stack sets."""
    setters = stack.of_type(*(type_ for type_, held in POLICY_HOLDERS.items() if held.read_back))
    return frozenset(urn for setter in setters for urn in _target_urn(stack, setter))


def _target_urn(stack: Stack, setter: Resource) -> Iterator[str]:
    try:
        held = POLICY_HOLDERS[setter.type]
        found = stack.linked(setter, held.path, held.target)
    except Undecided:
        return
    if found is not None:
        yield found.urn


_ARGUMENTS: Final = {"Principal": "principal", "Action": "action", "NotAction": "action"}
_CONDITIONS: Final = (
    ("sourceArn", "ArnLike", "aws:SourceArn"),
    ("sourceAccount", "StringEquals", "aws:SourceAccount"),
    ("principalOrgId", "StringEquals", "aws:PrincipalOrgID"),
    ("eventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("functionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("invokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
)
"""The condition that each argument of a Lambda permission becomes (Lambda API reference, AddPermission)."""


def _argument(permission: Resource, place: str) -> str:
    """The argument of a permission that a part of its statement is made from."""
    part = place.partition(".")[2]
    if not part.startswith("Condition"):
        return _ARGUMENTS.get(part.partition(".")[0].partition("[")[0], "")
    if permission.type == EVENT_PERMISSION:
        return "condition"
    return next((path for path, _, key in _CONDITIONS if f'"{key}"' in part), "principal")


def _permission_statement(permission: Resource) -> list[Any]:
    """The statement that a permission adds to the policy of a Lambda function."""
    conditions: dict[str, dict[str, Any]] = {}
    for path, operator, key in _CONDITIONS:
        if permission.has(path):
            conditions.setdefault(operator, {})[key] = permission.get(path)
    principal = permission.get("principal", "")
    service = isinstance(principal, str) and "." in principal and not is_arn(principal)
    return _statement(permission, {"Service" if service else "AWS": principal}, conditions)


def _event_permission_statement(permission: Resource) -> list[Any]:
    """The statement that a permission adds to the policy of an event bus."""
    conditions: dict[str, dict[str, Any]] = {}
    if permission.has("condition"):
        kind, key = permission.get("condition.type", ""), permission.get("condition.key", "")
        conditions[kind] = {key: permission.get("condition.value")}
    return _statement(permission, {"AWS": permission.get("principal", "")}, conditions)


def _statement(permission: Resource, principal: dict[str, Any], conditions: dict[str, dict[str, Any]]) -> list[Any]:
    action = permission.get("action", "events:PutEvents")
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return [{**statement, "Condition": conditions} if conditions else statement]
