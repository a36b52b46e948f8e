"""A small pack for the tests of the command line: they do not depend on what the real pack holds."""

from __future__ import annotations

from typing import Annotated

from policypack.model import EVENT_SOURCE_MAPPING, QUEUE, ROLE, TABLE, Resource, Stack
from policypack.rule import Findings, Level, Options, Rule, Severity, bounded, rule
from policypack.rule_pack import Pack


class VisibilityOptions(Options):
    """How long is long enough."""

    times_function_timeout: Annotated[int, bounded(1, 20)] = 6


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Raise visibility_timeout_seconds of the queue.",
    terms=("in-flight messages",),
)
def queue_visibility_timeout_is_long_enough(mapping: Resource, stack: Stack, options: VisibilityOptions) -> Findings:
    """A message is delivered twice. It becomes visible while a function still works on it."""
    yield from (f"{mapping.name} {len(stack.resources)} {options.times_function_timeout}" for _ in ())


@rule(on=QUEUE, severity=Severity.LOW, fix="Set redrive_policy.", terms=("DLQ",))
def queue_has_a_second_queue(queue: Resource) -> Findings:
    """A message that always fails is lost."""
    yield from (queue.name for _ in ())


@rule(on=TABLE, severity=Severity.MEDIUM, fix="Set point_in_time_recovery.", terms=("PITR",))
def dynamodb_table_has_point_in_time_recovery(table: Resource) -> Findings:
    """A faulty writer destroys data within seconds."""
    yield from (table.name for _ in ())


@rule(on=ROLE, severity=Severity.CRITICAL, level=Level.MANDATORY, fix="Name them.", prefix="acme")
def role_names_keys(role: Resource) -> Findings:
    """Who may decrypt everything reads everything."""
    yield from (role.name for _ in ())


PACK = Pack(
    "example",
    "1.0.0",
    (
        queue_visibility_timeout_is_long_enough,
        queue_has_a_second_queue,
        dynamodb_table_has_point_in_time_recovery,
        role_names_keys,
    ),
)


def crowd(size: int) -> Pack:
    """A pack of this many rules about queues, which differ by a number in their ids only."""

    def numbered(number: int) -> Rule:
        def check(queue: Resource) -> Findings:
            """Reason."""
            yield from (queue.name for _ in ())

        check.__name__ = f"queue_is_fine_{number}"
        return rule(on=QUEUE, severity=Severity.LOW, fix="Do.")(check)

    return Pack("crowd", "1.0.0", tuple(numbered(number) for number in range(size)))
