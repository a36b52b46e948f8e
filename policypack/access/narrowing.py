"""Suggests a narrower statement in place of one that is too broad, with ARNs of the stack's resources."""

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

_QUEUE_CONSUMER: Final = tuple(action for group in POLL_ACTIONS["sqs"] for action in group)
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
"""What the code of a workload typically calls, by service: from the examples in the services' developer guides."""

_MAX_LENGTH: Final = 1_500  # characters: a longer statement is no help in a message
_MAX_ACTIONS: Final = 6  # a pattern that matches more actions stays as it is
_MAX_SEARCHED: Final = 100  # entries of a statement, and resources of a service
_MAX_ARNS: Final = 8  # more ARNs are replaced by a template
_TEMPLATE_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def narrowing_fix(holder: Resource, stack: Stack, statement: Statement) -> str:
    """Suggest a narrower statement. Return an empty string if any part is unknown, secret, or cannot be inferred."""
    if not stack.complete:
        return ""  # resources that workloads are wired to may not be registered yet
    known, key = stack.cached(_StackIndex).fixes, (holder.urn, id(statement))
    if (found := known.get(key)) is None:
        found = known[key] = (statement, _fix(holder, stack, statement))
    return found[1]


def _fix(holder: Resource, stack: Stack, statement: Statement) -> str:
    texts = [entry.value for entry in _entries(statement)]
    if len(texts) > _MAX_SEARCHED or any(text is None or is_secret(text) for text in texts):
        return ""
    if any(not one.base for one in statement.conditions):
        return ""
    workloads = _Workloads(holder, stack)
    actions, guessed = workloads.actions(statement)
    fixes = list(_statements(workloads, statement, actions))
    if not fixes:
        return ""
    import json  # noqa: PLC0415 - only for a statement that is too wide

    text = json.dumps(fixes[0] if len(fixes) == 1 else fixes, ensure_ascii=False)
    if len(text) > _MAX_LENGTH:
        return ""
    return f"Narrow it to what the code calls, for example {text}." if guessed else f"Narrow it to {text}."


class _StackIndex:
    """The stack's resources by service, the queues that are polled for each function, and suggestions made so far."""

    def __init__(self, stack: Stack) -> None:
        self.wiring = stack.cached(Wiring)
        self.polled_queues: dict[str, set[str]] = {}
        for mapping in stack.of_type(EVENT_SOURCE_MAPPING):
            with suppress(Undecided):
                source, target = stack.source_of(mapping), stack.target_of(mapping)
                if source is not None and source.type == QUEUE and target is not None:
                    self.polled_queues.setdefault(target.urn, set()).add(source.urn)
        self.by_service: dict[str, list[Resource]] = {}
        for resource in stack.of_type(*ARN_FORMATS):
            self.by_service.setdefault(ARN_FORMATS[resource.type].service, []).append(resource)
        self.fixes: dict[tuple[str, int], tuple[Statement, str]] = {}


class _Workloads:
    """The workloads of the roles that have a holder's documents (`own`), and the resources they are wired to."""

    def __init__(self, holder: Resource, stack: Stack) -> None:
        self.stack, self.index = stack, stack.cached(_StackIndex)
        self.own = {workload.urn: workload for workload in _workloads(holder, stack)}
        wired = {urn for workload in self.own.values() for urn in self.index.wiring.connections_of(workload).urns}
        connected = [resource for urn in wired - self.own.keys() if (resource := stack.by_urn.get(urn)) is not None]
        order = {type_: place for place, type_ in enumerate(ARN_FORMATS)}
        self.connected = sorted(
            (one for one in connected if one.type in ARN_FORMATS), key=lambda one: (order[one.type], one.urn)
        )

    def actions(self, statement: Statement) -> tuple[list[str], bool]:
        """The actions to list, and whether some of them are inferred and not in the statement."""
        named: dict[str, None] = {}
        guessed = False
        for text in ["*"] if statement.not_actions else [entry.text() for entry in statement.actions]:
            found = self._narrower_actions(text)
            guessed = guessed or found != [text]
            named.update(dict.fromkeys(found))
        return list(named), guessed

    def _narrower_actions(self, action: str) -> list[str]:
        if not is_pattern(action):
            return [action]
        services = [action.partition(":")[0].lower()]
        if is_pattern(services[0]):
            services = list(dict.fromkeys(ARN_FORMATS[one.type].service for one in self.connected))
        usual = [each for service in services for each in self._typical_actions(service)]
        matched = [one.full_name for one in expand_action(action) or ()]
        inside = [each for each in usual if not matched or each in matched]
        return inside or (matched if 0 < len(matched) <= _MAX_ACTIONS else [action])

    def _typical_actions(self, service: str) -> list[str]:
        if service == "sqs" and self.polled_queues():
            return list(_QUEUE_CONSUMER)
        return [f"{service}:{each}" for each in TYPICAL_ACTIONS.get(service, ())]

    def polled_queues(self) -> set[str]:
        """The URNs of the queues that event source mappings poll for these workloads."""
        return {queue for urn in self.own for queue in self.index.polled_queues.get(urn, ())}

    def arns(self, action: Action) -> tuple[str, ...]:
        """The ARNs for an action: of resources that the workloads are wired to, else of the stack, else a template."""
        only = self.polled_queues() if action.full_name in _QUEUE_CONSUMER else set()
        services = dict.fromkeys(service_of(kind.arn) for kind in action.resource_types)
        everything = [one for service in services for one in self.index.by_service.get(service, ())]
        for resources in (self.connected, everything[:_MAX_SEARCHED]):
            chosen = (one for one in resources if one.urn not in self.own and (not only or one.urn in only))
            found = [arn for one in chosen for arn in arns_of(self.stack, one) if _is_about(action, arn)]
            if 0 < len(found) <= _MAX_ARNS:
                return tuple(found)
        kind = action.resource_types[0]
        where = arn_context(self.stack)
        known = {"Partition": where.partition, "Region": where.region, "Account": where.account}
        return (
            _TEMPLATE_VARIABLE.sub(lambda one: known.get(one[1]) or _WORD_START.sub("_", one[1]).upper(), kind.arn),
        )


def _statements(workloads: _Workloads, statement: Statement, actions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One statement for the actions on the same resources; last, actions without resource-level permissions, on `*`."""
    groups: dict[tuple[str, ...], list[str]] = {}
    everywhere: list[str] = []
    for name in actions:
        action = find_action(name)
        if action is None:
            return  # a pattern that matches too many actions, or an unknown action
        if not action.has_resource_level_permissions:
            everywhere.append(name)
        else:
            groups.setdefault(_kept_resources(statement.resources, action) or workloads.arns(action), []).append(name)
    condition = _condition(statement)
    for arns, names in groups.items():
        yield {"Effect": "Allow", "Action": _one_or_list(names), "Resource": _one_or_list(arns), **condition}
    if everywhere:
        yield {"Effect": "Allow", "Action": _one_or_list(everywhere), "Resource": "*", **condition}


def _kept_resources(resources: Iterable[Entry], action: Action) -> tuple[str, ...]:
    """The resources of the statement that the action applies to; none where one of them matches all resources."""
    texts = [entry.text() for entry in resources]
    if any(matches_everything(text) or matches_all_resources(action, text) for text in texts):
        return ()
    return tuple(text for text in texts if _is_about(action, text))


def _is_about(action: Action, arn: str) -> bool:
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
        found.setdefault(one.operator, {})[one.key] = _one_or_list([entry.text() for entry in one.values])
    return {"Condition": found} if found else {}


def _one_or_list(items: Sequence[str]) -> str | list[str]:
    return items[0] if len(items) == 1 else list(items)


def _workloads(holder: Resource, stack: Stack) -> Iterator[Resource]:
    """The resources that use the roles that have the holder's documents."""
    roles = [holder] if holder.type == ROLE else [permissions.role for permissions in roles_attached_to(holder, stack)]
    for role in roles:
        try:
            yield from stack.resources_with_role(role)
        except Undecided:
            continue
