"""Queues whose messages are not lost, not processed twice, and not taken by the wrong consumer."""

from typing import Annotated

from policypack.architecture.dead_letter_queues import DeadLetterCoverage, covered_queues
from policypack.iam.wildcards import brief_list
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    PIPE,
    QUEUE,
    DeferredUndecided,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.rule import Findings, Level, Options, Severity, bounded, rule

_STATE_PROPERTIES = {EVENT_SOURCE_MAPPING: "enabled", PIPE: "desiredState"}


class VisibilityOptions(Options):
    """`times_function_timeout`: how many function timeouts the visibility timeout of a queue covers at least."""

    times_function_timeout: Annotated[int, bounded(1, 20)] = 6  # AWS's advice for SQS and Lambda


@rule(
    on=QUEUE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set redrive_policy with the ARN of a dead-letter queue and a maxReceiveCount of 5 or more.",
    terms=("DLQ", "poison message", "poison pill", "message loss"),
)
def queue_has_dead_letter_queue(queue: Resource, stack: Stack) -> Findings:
    """A message that always fails is retried until its retention period ends, and is then lost.

    With a dead-letter queue, SQS moves it there after maxReceiveCount attempts, for people to examine and to redrive
    (SQS developer guide, "Using dead-letter queues in Amazon SQS"). A queue that is itself a dead-letter queue, or the
    failure destination of another resource, passes.
    """
    match stack.cached(covered_queues).get(queue.urn):
        case None:
            yield "has no dead-letter queue", "redrivePolicy"
        case DeadLetterCoverage.POSSIBLE:
            raise Undecided("redrivePolicy")


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Raise visibility_timeout_seconds of the queue, or lower the function's timeout.",
    terms=(
        "duplicate messages",
        "duplicate delivery",
        "processed twice",
        "in-flight messages",
        "idempotency",
        "at least once",
        "duplicate processing",
    ),
)
def queue_visibility_timeout_covers_function_timeout(
    mapping: Resource, stack: Stack, options: VisibilityOptions
) -> Findings:
    """A message whose visibility timeout ends while the function still processes it is delivered a second time.

    AWS recommends six times the function's timeout, so that Lambda can retry a batch after throttling (Lambda
    developer guide, "Creating and configuring an Amazon SQS event source mapping").
    """
    queue, function = stack.source_of(mapping), stack.target_of(mapping)
    if queue is None or queue.type != QUEUE or function is None:
        return
    visible = queue.get("visibilityTimeoutSeconds", 30)
    needed = options.times_function_timeout * function.get("timeout", 3)
    if visible < needed:
        yield (
            f"visibility timeout of {queue.name} is {visible} s, {function.name} may need {needed} s",
            queue.at("visibilityTimeoutSeconds"),
        )


@rule(
    on=QUEUE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Create a queue for each consumer and subscribe them to one SNS topic, or set enabled to False in all but one.",
    terms=("competing consumers", "fan-out", "multiple subscribers"),
)
def queue_has_one_consumer(queue: Resource, stack: Stack) -> Findings:
    """When several event source mappings or pipes read one queue, each message reaches only one of them.

    Filters do not distribute the messages: Lambda and EventBridge Pipes delete a message that does not match their
    filter, so that the intended consumer never receives it (Lambda developer guide, "Using event filtering with an
    Amazon SQS event source"). Two aliases or versions of one function are two consumers.
    """
    consumers: list[str] = []
    undecided = DeferredUndecided()
    for reader in undecided.certain(stack.pollers_of(queue)):
        reads = _reads(reader)
        if reads is None:
            undecided.replace(_STATE_PROPERTIES[reader.type])
        elif reads:
            consumers.append(reader.name)
    if len(consumers) > 1:
        yield f"is read by {len(consumers)} consumers, {brief_list(sorted(consumers))}"
    else:
        undecided.raise_noted()


def _reads(reader: Resource) -> bool | None:
    """Whether a mapping or pipe is enabled, as it is by default; None while that is unknown."""
    state = reader.get(_STATE_PROPERTIES[reader.type], True)
    return None if is_unknown(state) else state not in {False, "STOPPED"}
