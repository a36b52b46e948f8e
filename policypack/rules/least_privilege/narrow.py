"""The statement to put in place of one that is too wide: made from the stack's own names, ready to paste."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from policypack.iam.actions import Action, expand, find, reaches_all
from policypack.iam.matching import is_everything, is_pattern, overlaps_resource
from policypack.iam.owned import FORMS
from policypack.iam.wiring import Wiring
from policypack.model import QUEUE, ROLE, Undecided, is_secret
from policypack.rules.least_privilege.arns import arns_of, surroundings
from policypack.rules.least_privilege.documents import roles_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.iam.elements import Entry, Statement
    from policypack.model import Resource, Stack

_CONSUMER: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
USUAL: Final[dict[str, tuple[str, ...]]] = {
    "cloudwatch": ("PutMetricData",),
    "dynamodb": ("GetItem", "PutItem", "UpdateItem", "Query"),
    "ecr": ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer", "GetAuthorizationToken"),
    "events": ("PutEvents",),
    "kinesis": ("PutRecord", "PutRecords"),
    "kms": ("Decrypt",),
    "lambda": ("InvokeFunction",),
    "logs": ("CreateLogStream", "PutLogEvents"),
    "s3": ("GetObject", "PutObject"),
    "sagemaker": ("InvokeEndpoint",),
    "secretsmanager": ("GetSecretValue",),
    "sns": ("Publish",),
    "sqs": ("SendMessage",),
    "ssm": ("GetParameter", "GetParameters"),
    "states": ("StartExecution",),
    "xray": ("PutTraceSegments", "PutTelemetryRecords"),
}
"""What code at work does with each service, and setting it up does not take: the developer guides' own examples."""

_LONGEST: Final = 1_500  # characters of a statement that still reads as advice
_MOST: Final = 6  # actions that a pattern is written out to
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def narrowed(holder: Resource, stack: Stack, statement: Statement) -> str:
    """A fix that shows the statement narrowed; nothing where a part of it is not known, secret, or past guessing."""
    texts = [entry.value for entry in _entries(statement)]
    if any(text is None or is_secret(text) for text in texts) or any(not one.base for one in statement.conditions):
        return ""
    work = _Work(holder, stack)
    actions, guessed = work.actions(statement)
    shown = list(_statements(work, statement, actions))
    if not shown:
        return ""
    text = json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False)
    if len(text) > _LONGEST:
        return ""
    return f"Narrow it to what the code calls, for example {text}." if guessed else f"Narrow it to {text}."


class _Work:
    """What those who work under a holder's roles are wired to."""

    def __init__(self, holder: Resource, stack: Stack) -> None:
        self.stack = stack
        self.workloads = list(_workloads(holder, stack))
        wiring = stack.once(Wiring)
        wired = {urn for workload in self.workloads for urn in wiring.of(workload).urns}
        own = {workload.urn for workload in self.workloads}
        owned = [resource for resource in stack.of_type(*FORMS) if resource.urn not in own]
        near = [resource for resource in owned if resource.urn in wired]
        self.near = [(one, arns) for one in near if (arns := arns_of(stack, one))]
        self.all = [(one, arns) for one in owned if (arns := arns_of(stack, one))] if len(owned) <= _MANY else self.near

    def actions(self, statement: Statement) -> tuple[list[str], bool]:
        """The actions to name, and whether some of them are a guess at what the code does."""
        named: dict[str, None] = {}
        guessed = False
        for text in ["*"] if statement.not_actions else [entry.text() for entry in statement.actions]:
            found = self._meant(text)
            guessed = guessed or found != [text]
            named.update(dict.fromkeys(found))
        return list(named), guessed

    def _meant(self, action: str) -> list[str]:
        if not is_pattern(action):
            return [action]
        services = [action.partition(":")[0].lower()]
        if is_pattern(services[0]):
            services = list(dict.fromkeys(FORMS[one.type].service for one, _ in self.near))
        usual = [verb for service in services for verb in self._usual(service)]
        matched = [one.full for one in expand(action) or ()]
        inside = [verb for verb in usual if not matched or verb in matched]
        return inside or (matched if 0 < len(matched) <= _MOST else [action])

    def _usual(self, service: str) -> list[str]:
        if service == "sqs" and self.reading():
            return list(_CONSUMER)
        return [f"{service}:{verb}" for verb in USUAL.get(service, ())]

    def reading(self) -> set[str]:
        """The queues, by URN, that event source mappings read for these workloads."""
        own = {workload.urn for workload in self.workloads}
        found: set[str] = set()
        for queue in self.stack.of_type(QUEUE):
            try:
                targets = [self.stack.target_of(reader) for reader in self.stack.readers_of(queue)]
            except Undecided:
                continue
            if any(target is not None and target.urn in own for target in targets):
                found.add(queue.urn)
        return found

    def arns(self, action: Action) -> tuple[str, ...]:
        """The ARNs that an action is about: of what the work is wired to, else of the stack, else one to fill in."""
        only = self.reading() if action.full in _CONSUMER else set()
        for resources in (self.near, self.all):
            found = [
                arn
                for resource, arns in resources
                if not only or resource.urn in only
                for arn in arns
                if _fits(action, arn)
            ]
            if found:
                return tuple(found)
        kind = action.resource_types[0]
        where = surroundings(self.stack)
        known = {"Partition": where.partition, "Region": where.region, "Account": where.account}
        return (_VARIABLE.sub(lambda one: known.get(one[1]) or _WORD.sub("_", one[1]).upper(), kind.arn),)


_MANY: Final = 2_000  # resources of a stack that are gone through for those that nothing is wired to


def _statements(work: _Work, statement: Statement, actions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The statements, one for actions on the same resources; those that only work on `*` last."""
    groups: dict[tuple[str, ...], list[str]] = {}
    everywhere: list[str] = []
    for name in actions:
        action = find(name)
        if action is None:
            return  # a pattern that stays, or an action that nothing is known of
        if not action.scopable:
            everywhere.append(name)
        else:
            groups.setdefault(_kept(statement.resources, action) or work.arns(action), []).append(name)
    condition = _condition(statement)
    for arns, names in groups.items():
        yield {"Effect": "Allow", "Action": _short(names), "Resource": _short(arns), **condition}
    if everywhere:
        yield {"Effect": "Allow", "Action": _short(everywhere), "Resource": "*", **condition}


def _kept(resources: Iterable[Entry], action: Action) -> tuple[str, ...]:
    """The resources that the statement names already, as far as the action is about them and they are not all."""
    texts = [entry.text() for entry in resources]
    if any(is_everything(text) or reaches_all(action, text) for text in texts):
        return ()
    return tuple(text for text in texts if _fits(action, text))


def _fits(action: Action, arn: str) -> bool:
    return any(
        overlaps_resource(kind.pattern, arn) and not (kind.name == "bucket" and "/" in arn)
        for kind in action.resource_types
    )


def _entries(statement: Statement) -> Iterator[Entry]:
    yield from statement.actions
    yield from statement.not_actions
    yield from statement.resources
    yield from statement.not_resources
    for condition in statement.conditions:
        yield from condition.values


def _condition(statement: Statement) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for one in statement.conditions:
        found.setdefault(one.operator, {})[one.key] = _short([entry.text() for entry in one.values])
    return {"Condition": found} if found else {}


def _short(items: Sequence[str]) -> str | list[str]:
    return items[0] if len(items) == 1 else list(items)


def _workloads(holder: Resource, stack: Stack) -> Iterator[Resource]:
    """Who works under the roles that have the holder's documents."""
    roles = [holder] if holder.type == ROLE else [rights.role for rights in roles_with(holder, stack)]
    for role in roles:
        try:
            yield from stack.users_of(role)
        except Undecided:
            continue
