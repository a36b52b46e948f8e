"""The parts of a stack that are worth a place in a picture, and what goes from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from policypack.model import BUCKET, ENDPOINT, EVENT_BUS, FUNCTION, KEY, METRIC_ALARM, MODEL, QUEUE, TABLE, TOPIC
from tools.docs.grants import API

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.model import Resource, Stack

BUDGET: Final = "aws:budgets/budget:Budget"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"

DRAWN: Final = {
    QUEUE: "SQS queue",
    FUNCTION: "Lambda function",
    TABLE: "DynamoDB table",
    ENDPOINT: "SageMaker endpoint",
    MODEL: "SageMaker model",
    BUCKET: "S3 bucket",
    TOPIC: "SNS topic",
    KEY: "KMS key",
    EVENT_BUS: "EventBridge bus",
    API: "HTTP API",
    DASHBOARD: "CloudWatch dashboard",
    BUDGET: "budget",
}
"""What gets a box, and what AWS calls it. All else is policies, settings and wiring."""


ENTRIES: Final = (EVENT_BUS, API, QUEUE)


class Edge(NamedTuple):
    """Something goes, or is granted, from one resource to another. weak: only when something is wrong."""

    source: str
    target: str
    label: str
    weak: bool = False


class Node(NamedTuple):
    """A resource with what is worth knowing of it."""

    urn: str
    type: str
    lines: tuple[str, ...]


class Group(NamedTuple):
    """A component of the program: its name and type, how many alarms it raises, and its resources."""

    name: str
    type: str
    alarms: int
    nodes: tuple[Node, ...]


def component_of(stack: Stack, resource: Resource) -> Resource:
    """The outermost component that a resource belongs to; the resource itself where it belongs to none."""
    while (parent := stack.by_urn.get(resource.parent)) is not None:
        resource = parent
    return resource


def in_order(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """The place of each resource on the way of the work: from where it comes in, along the edges, then the rest.

    It comes in where nothing but a function puts anything: a bus, an API, or a queue.
    """
    types = {node.urn: node.type for node in nodes}
    fed = {edge.target for edge in edges if not edge.weak and types[edge.source] != FUNCTION}
    entries = [node for node in nodes if node.type in ENTRIES and node.urn not in fed]
    places: dict[str, int] = {}
    waiting = [node.urn for node in sorted(entries, key=lambda node: (ENTRIES.index(node.type), node.lines))]
    for urn in waiting:
        if urn not in places:
            places[urn] = len(places)
            waiting += [edge.target for edge in edges if edge.source == urn and not edge.weak]
    for node in sorted(nodes):
        places.setdefault(node.urn, len(places))
    return places


def groups_of(stack: Stack, nodes: Iterable[Node], places: Mapping[str, int]) -> list[Group]:
    """The components that have something to show, in the order of the work."""
    members: dict[str, list[Node]] = {}
    for node in nodes:
        members.setdefault(component_of(stack, stack.by_urn[node.urn]).urn, []).append(node)
    alarms: dict[str, int] = {}
    for alarm in stack.of_type(METRIC_ALARM):
        urn = component_of(stack, alarm).urn
        alarms[urn] = alarms.get(urn, 0) + 1
    found = []
    for urn, inside in members.items():
        inside.sort(key=lambda node: places[node.urn])
        component = stack.by_urn[urn]
        found.append(Group(component.name, component.type, alarms.get(urn, 0), tuple(inside)))
    return sorted(found, key=lambda group: places[group.nodes[0].urn])
