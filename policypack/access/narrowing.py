"""The statement to put in place of one that is too wide: made from the stack's own names, ready to paste."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from policypack.access.policy_documents import roles_attached_to
from policypack.access.resource_arns import arn_context, arns_of
from policypack.access.wiring import Wiring
from policypack.iam.actions import Action, expand_action, find_action, matches_all_resources
from policypack.iam.event_actions import POLL_ACTIONS
from policypack.iam.matching import is_pattern, matches_everything, overlaps_resource
from policypack.model import EVENT_SOURCE_MAPPING, QUEUE, ROLE, Undecided, is_secret
from policypack.model.arn import service_of
from policypack.model.services import ARN_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.iam.elements import Entry, Statement
    from policypack.model import Resource, Stack

_CONSUMER: Final = tuple(action for group in POLL_ACTIONS["sqs"] for action in group)
TYPICAL_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
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
_MANY: Final = 100  # entries of a statement, and resources of a kind, that are gone through
_LISTED: Final = 8  # ARNs that still read as a choice
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def narrowing_fix(holder: Resource, stack: Stack, statement: Statement) -> str:
    """A fix that shows the statement narrowed; nothing where a part of it is not known, secret, or past guessing."""
    if not stack.complete:
        return ""  # what it is wired to may be yet to come
    known, key = stack.cached(_Stock).shown, (holder.urn, id(statement))
    if (found := known.get(key)) is None:
        found = known[key] = (statement, _narrowed(holder, stack, statement))
    return found[1]


def _narrowed(holder: Resource, stack: Stack, statement: Statement) -> str:
    texts = [entry.value for entry in _entries(statement)]
    if len(texts) > _MANY or any(text is None or is_secret(text) for text in texts):
        return ""
    if any(not one.base for one in statement.conditions):
        return ""
    work = _Work(holder, stack)
    actions, guessed = work.actions(statement)
    shown = list(_statements(work, statement, actions))
    if not shown:
        return ""
    import json  # noqa: PLC0415 - only for a statement that is too wide

    text = json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False)
    if len(text) > _LONGEST:
        return ""
    return f"Narrow it to what the code calls, for example {text}." if guessed else f"Narrow it to {text}."


class _Stock:
    """What a stack has that policies may name, and which queues are read for whom. Gathered once a stack."""

    def __init__(self, stack: Stack) -> None:
        self.wiring = stack.cached(Wiring)
        self.reading: dict[str, set[str]] = {}
        for mapping in stack.of_type(EVENT_SOURCE_MAPPING):
            with suppress(Undecided):
                source, target = stack.source_of(mapping), stack.target_of(mapping)
                if source is not None and source.type == QUEUE and target is not None:
                    self.reading.setdefault(target.urn, set()).add(source.urn)
        self.by_service: dict[str, list[Resource]] = {}
        for resource in stack.of_type(*ARN_FORMATS):
            self.by_service.setdefault(ARN_FORMATS[resource.type].service, []).append(resource)
        self.shown: dict[tuple[str, int], tuple[Statement, str]] = {}


class _Work:
    """What those who work under a holder's roles are wired to."""

    def __init__(self, holder: Resource, stack: Stack) -> None:
        self.stack, self.stock = stack, stack.cached(_Stock)
        self.own = {workload.urn: workload for workload in _workloads(holder, stack)}
        wired = {urn for workload in self.own.values() for urn in self.stock.wiring.connections_of(workload).urns}
        near = [resource for urn in wired - self.own.keys() if (resource := stack.by_urn.get(urn)) is not None]
        order = {type_: place for place, type_ in enumerate(ARN_FORMATS)}
        self.near = sorted((one for one in near if one.type in ARN_FORMATS), key=lambda one: (order[one.type], one.urn))

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
            services = list(dict.fromkeys(ARN_FORMATS[one.type].service for one in self.near))
        usual = [verb for service in services for verb in self._usual(service)]
        matched = [one.full_name for one in expand_action(action) or ()]
        inside = [verb for verb in usual if not matched or verb in matched]
        return inside or (matched if 0 < len(matched) <= _MOST else [action])

    def _usual(self, service: str) -> list[str]:
        if service == "sqs" and self.reading():
            return list(_CONSUMER)
        return [f"{service}:{verb}" for verb in TYPICAL_ACTIONS.get(service, ())]

    def reading(self) -> set[str]:
        """The queues, by URN, that event source mappings read for these workloads."""
        return {queue for urn in self.own for queue in self.stock.reading.get(urn, ())}

    def arns(self, action: Action) -> tuple[str, ...]:
        """The ARNs that an action is about: of what the work is wired to, else of the stack, else one to fill in."""
        only = self.reading() if action.full_name in _CONSUMER else set()
        services = dict.fromkeys(service_of(kind.arn) for kind in action.resource_types)
        everything = [one for service in services for one in self.stock.by_service.get(service, ())]
        for resources in (self.near, everything[:_MANY]):
            chosen = (one for one in resources if one.urn not in self.own and (not only or one.urn in only))
            found = [arn for one in chosen for arn in arns_of(self.stack, one) if _fits(action, arn)]
            if 0 < len(found) <= _LISTED:
                return tuple(found)
        kind = action.resource_types[0]
        where = arn_context(self.stack)
        known = {"Partition": where.partition, "Region": where.region, "Account": where.account}
        return (_VARIABLE.sub(lambda one: known.get(one[1]) or _WORD.sub("_", one[1]).upper(), kind.arn),)


def _statements(work: _Work, statement: Statement, actions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The statements, one for actions on the same resources; those that only work on `*` last."""
    groups: dict[tuple[str, ...], list[str]] = {}
    everywhere: list[str] = []
    for name in actions:
        action = find_action(name)
        if action is None:
            return  # a pattern that stays, or an action that nothing is known of
        if not action.has_resource_level_permissions:
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
    if any(matches_everything(text) or matches_all_resources(action, text) for text in texts):
        return ()
    return tuple(text for text in texts if _fits(action, text))


def _fits(action: Action, arn: str) -> bool:
    return any(
        overlaps_resource(kind.arn_pattern, arn) and not (kind.name == "bucket" and "/" in arn)
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
    roles = [holder] if holder.type == ROLE else [permissions.role for permissions in roles_attached_to(holder, stack)]
    for role in roles:
        try:
            yield from stack.resources_with_role(role)
        except Undecided:
            continue
