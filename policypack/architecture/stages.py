"""The stages of a stack: the resources that accept, hold, process or store work, and the components they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model import (
    BUCKET,
    BUDGET,
    DASHBOARD,
    ENDPOINT,
    EVENT_BUS,
    FUNCTION,
    HTTP_API,
    KEY,
    MODEL,
    QUEUE,
    TABLE,
    TOPIC,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.architecture.integrations import Integration
    from policypack.model import Resource, Stack

STAGE_TYPES: Final = {
    QUEUE: "SQS queue",
    FUNCTION: "Lambda function",
    TABLE: "DynamoDB table",
    ENDPOINT: "SageMaker endpoint",
    MODEL: "SageMaker model",
    BUCKET: "S3 bucket",
    TOPIC: "SNS topic",
    KEY: "KMS key",
    EVENT_BUS: "EventBridge bus",
    HTTP_API: "HTTP API",
    DASHBOARD: "CloudWatch dashboard",
    BUDGET: "budget",
}
"""The types that are stages, with AWS's names for them. All other types configure or connect stages."""

ENTRY_TYPES: Final = (EVENT_BUS, HTTP_API, QUEUE)
"""The types at which work can enter a stack, in the order in which entries are listed."""


def stages_of(stack: Stack) -> list[Resource]:
    """All stages, by type in the order of STAGE_TYPES."""
    return stack.of_type(*STAGE_TYPES)


def component_of(stack: Stack, resource: Resource) -> Resource:
    """The outermost component resource that contains a resource; the resource itself if there is none."""
    while (parent := stack.by_urn.get(resource.parent)) is not None:
        resource = parent
    return resource


def processing_order(stages: Sequence[Resource], integrations: Iterable[Integration]) -> dict[str, int]:
    """The position of each stage, by URN, in the order in which work passes through the stages.

    Work enters at a bus, an API or a queue to which no stage but a function sends, and follows the integrations from
    there, breadth first; those on failure are not followed. Stages that no work reaches come last. The order in which
    resources are registered has no influence.
    """
    types = {stage.urn: stage.type for stage in stages}
    targets: dict[str, list[str]] = {}
    fed: set[str] = set()
    for source, target, _, on_failure in sorted(integrations):
        if not on_failure:
            targets.setdefault(source, []).append(target)
            if types.get(source) != FUNCTION:
                fed.add(target)
    entries = [stage for stage in stages if stage.type in ENTRY_TYPES and stage.urn not in fed]
    waiting = [stage.urn for stage in sorted(entries, key=lambda stage: (ENTRY_TYPES.index(stage.type), stage.name))]
    positions: dict[str, int] = {}
    for urn in waiting:
        if urn not in positions:
            positions[urn] = len(positions)
            waiting += targets.get(urn, [])
    for urn in sorted(types):
        positions.setdefault(urn, len(positions))
    return positions
