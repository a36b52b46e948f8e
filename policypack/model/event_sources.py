"""What an event source mapping or a pipe reads from, even if the ARN of the source is not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model.arn import service_of
from policypack.model.services import ARN_FORMATS
from policypack.model.types import EVENT_SOURCE_MAPPING, PIPE, QUEUE, STREAM, TABLE
from policypack.model.values import Undecided, is_unknown

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.model.stack import Stack

EVENT_SOURCES: Final = (QUEUE, STREAM, TABLE)
"""The types whose messages or records Lambda and EventBridge Pipes poll for."""

POLLERS: Final = {EVENT_SOURCE_MAPPING: "eventSourceArn", PIPE: "source"}
"""The types that poll an event source, with the property that names it."""


def event_source(mapping: Resource, stack: Stack) -> str:
    """The service that an event source mapping reads from: `sqs`, `kinesis`, `dynamodb`, or the service of another ARN.

    Empty where the mapping reads from no AWS service. Raises `Undecided` where the source is not known yet.
    """
    path = POLLERS[EVENT_SOURCE_MAPPING]
    source = mapping.get(path, "")
    if not is_unknown(source):
        return service_of(source) if isinstance(source, str) else ""
    makers = {resource.type for resource in stack.dependencies_of(mapping, path)}
    found = {ARN_FORMATS[type_].service for type_ in EVENT_SOURCES if type_ in makers}
    if len(found) == 1:
        return found.pop()
    if makers and not found:
        return ""  # made from resources of this stack, none of which is such a source
    raise Undecided(path)
