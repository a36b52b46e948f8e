"""A pack of rules that do everything a rule may do, and some things it should not."""

from __future__ import annotations

import sys
from typing import Annotated

from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, MODEL, QUEUE, TABLE, Resource, Stack
from policypack.rule import Fault, Findings, Level, Options, Severity, bounded, put, rule
from policypack.rule_pack import Pack


class SizeOptions(Options):
    """The largest memory a function may have, in MB."""

    largest_memory: Annotated[int, bounded(128, 10240)] = 1024


@rule(
    on=TABLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set billing_mode to PAY_PER_REQUEST.",
    remedy=put("billingMode", "PAY_PER_REQUEST"),
)
def table_bills_on_demand(table: Resource) -> Findings:
    """Provisioned capacity throttles."""
    if table.get("billingMode", "PROVISIONED") != "PAY_PER_REQUEST":
        yield "pays for provisioned capacity", "billingMode"


@rule(on=TABLE, severity=Severity.LOW, fix="Set a time to live.")
def table_forgets(table: Resource) -> Findings:
    """Old items cost money."""
    if not table.get("ttl.enabled", False):
        yield "keeps items for ever", "ttl"


@rule(on=FUNCTION, severity=Severity.LOW, fix="Set memory_size lower.")
def function_is_small(function: Resource, options: SizeOptions) -> Findings:
    """Memory costs money."""
    if function.get("memorySize", 128) > options.largest_memory:
        yield f"has {function.get('memorySize')} MB", "memorySize"


@rule(on="test:own:Fix", severity=Severity.LOW, fix="Narrow it.")
def subject_is_narrow(subject: Resource) -> Findings:
    """What is wide is used widely."""
    yield Fault("is wide", "width", fix=f"Set it to {subject.get('narrow')}.", severity=Severity.CRITICAL)
    yield "is wide"


@rule(on=FUNCTION, severity=Severity.LOW, fix="Take the token out.")
def function_has_no_token(function: Resource) -> Findings:
    """Says the token, which must not be seen."""
    token = function.get("environment.variables.TOKEN")
    if token is not None:
        yield f"has the token {token}, that is {token + ''}", "environment.variables.TOKEN"


@rule(on=MODEL, severity=Severity.HIGH, level=Level.MANDATORY, early=True, fix="Give the model a role of its own.")
def model_role_is_its_own(model: Resource, stack: Stack) -> Findings:
    """A shared role hands over too much."""
    for other in stack.resources_with_role(stack.role_of(model)):
        if other.type != MODEL:
            yield f"shares its role with {other.name}"


@rule(on=QUEUE, severity=Severity.HIGH, level=Level.MANDATORY, early=True, fix="Give each consumer its own queue.")
def queue_has_one_consumer(queue: Resource, stack: Stack) -> Findings:
    """Two consumers take each other's messages."""
    readers = list(stack.pollers_of(queue))
    for extra in readers[1:]:
        yield f"is read by {readers[0].name} and {extra.name}"


@rule(on="test:crash:Raises", severity=Severity.LOW, fix="None.")
def advisory_crash(subject: Resource) -> Findings:
    """Divides by nothing."""
    yield f"{1 // len(subject.get('nothing', ''))}"


@rule(on="test:crash:Raises", severity=Severity.HIGH, level=Level.MANDATORY, fix="None.")
def mandatory_crash(subject: Resource) -> Findings:
    """Goes on for ever."""
    yield from mandatory_crash(subject)


@rule(on="test:crash:Raises", severity=Severity.LOW, fix="None.")
def crash_that_exits(subject: Resource) -> Findings:
    """Leaves the process, or would."""
    if subject.name:
        sys.exit("out")
    yield "never"


@rule(on="test:crash:Raises", severity=Severity.LOW, fix="Be quiet.")
def rule_that_prints(subject: Resource) -> Findings:
    """Prints to stdout."""
    print("a rule prints")  # noqa: T201 - on purpose
    yield f"is printed by {subject.name}"


@rule(on=EVENT_SOURCE_MAPPING, severity=Severity.LOW, fix="None.")
def mapping_is_fast(mapping: Resource, stack: Stack) -> Findings:
    """Waits for the size of the function it calls."""
    function = stack.target_of(mapping)
    if function is not None and function.get("memorySize", 128) < 256:
        yield "calls a slow function"


PACK = Pack(
    name="test",
    version="1.2.3",
    rules=(
        table_bills_on_demand,
        table_forgets,
        function_is_small,
        function_has_no_token,
        subject_is_narrow,
        model_role_is_its_own,
        queue_has_one_consumer,
        advisory_crash,
        mandatory_crash,
        crash_that_exits,
        rule_that_prints,
        mapping_is_fast,
    ),
)
