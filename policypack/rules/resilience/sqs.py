"""Queues that hand work over without losing or repeating it."""

from typing import Annotated

from policypack.architecture.dead_letter_queues import Served, served_queues
from policypack.iam.wildcards import brief_list
from policypack.model import EVENT_SOURCE_MAPPING, PIPE, QUEUE, Resource, Stack, Undecided, is_unknown
from policypack.rule import Findings, Level, Options, Severity, bounded, rule

_SWITCHES = {EVENT_SOURCE_MAPPING: "enabled", PIPE: "desiredState"}


class VisibilityOptions(Options):
    """How long a queue has to wait for the function."""

    times_function_timeout: Annotated[int, bounded(1, 20)] = 6  # AWS's advice for SQS and Lambda


@rule(
    on=QUEUE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set redrive_policy with the ARN of a dead-letter queue and a maxReceiveCount of 5 or more.",
)
def queue_has_dead_letter_queue(queue: Resource, stack: Stack) -> Findings:
    """A message that always fails is tried again until it expires: it wears out its function, then it is lost.

    A queue that itself takes what others gave up needs none.
    """
    match stack.once(served_queues).get(queue.urn):
        case None:
            yield "has no dead-letter queue", "redrivePolicy"
        case Served.PERHAPS:
            raise Undecided("redrivePolicy")


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Raise visibility_timeout_seconds of the queue, or lower the function's timeout.",
)
def queue_visibility_timeout_covers_function_timeout(
    mapping: Resource, stack: Stack, options: VisibilityOptions
) -> Findings:
    """A message that becomes visible while a function still works on it is worked on twice."""
    queue, function = stack.source_of(mapping), stack.target_of(mapping)
    if queue is None or queue.type != QUEUE or function is None:
        return
    visible = queue.get("visibilityTimeoutSeconds", 30)
    needed = options.times_function_timeout * function.get("timeout", 3)
    if visible < needed:
        yield (
            f"{queue.name} hides messages for {visible} s, {function.name} may need {needed} s",
            queue.at("visibilityTimeoutSeconds"),
        )


@rule(
    on=QUEUE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    early=True,
    fix="Make a queue for each consumer and feed them all from one SNS topic, or set enabled to False in all but one.",
)
def queue_has_one_consumer(queue: Resource, stack: Stack) -> Findings:
    """Event source mappings and pipes that read one queue take each other's messages: each message goes to one of them.

    Filters do not share them out: Lambda and Pipes delete a message that their filter does not match, so that the
    consumer it was meant for never gets it (Lambda developer guide, "Using event filtering with an Amazon SQS event
    source"). Two aliases or versions of one function are two consumers.
    """
    consumers: list[str] = []
    doubt: Undecided | None = None
    try:
        for reader in stack.readers_of(queue):
            reads = _reads(reader)
            if reads is None:
                doubt = Undecided(_SWITCHES[reader.type])
            elif reads:
                consumers.append(reader.name)
    except Undecided as undecided:
        doubt = undecided
    if len(consumers) > 1:
        yield f"is read by {len(consumers)} consumers, {brief_list(sorted(consumers))}"
    elif doubt is not None:
        raise doubt


def _reads(reader: Resource) -> bool | None:
    """Whether a mapping or pipe is switched on, as AWS has it where the program says nothing; None while unknown."""
    state = reader.get(_SWITCHES[reader.type], True)
    return None if is_unknown(state) else state not in {False, "STOPPED"}
