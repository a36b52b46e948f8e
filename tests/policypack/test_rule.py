"""`@rule`: what a function says about itself, and the errors of one that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest

from policypack.model import MODEL, QUEUE, TABLE
from policypack.rule import Findings, Level, Options, Rule, Severity, bounded, put, rule
from policypack.rules.resilience.sqs import queue_visibility_timeout_covers_function_timeout
from policypack.testing import resource

if TYPE_CHECKING:
    from policypack.model import Resource, Stack


class Sizes(Options):
    """Options as a rule's author writes them."""

    largest: Annotated[int, bounded(1, 20)] = 6


@rule(on=TABLE, severity=Severity.LOW, fix="Do this.")
def table_is_small(table: Resource) -> Findings:
    """Say why.

    And more.
    """
    if table.get("size", 1) > 1:
        yield "is large", "size"


@rule(
    on=(QUEUE, TABLE),
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    early=True,
    fix="Do that.",
    remedy=put("size", 1),
)
def things_are_small(thing: Resource, stack: Stack, options: Sizes) -> Findings:
    """Say why."""
    yield from (f"{thing.name} beside {len(stack.resources)} over {options.largest}" for _ in range(1))


@rule(on=QUEUE, severity=Severity.LOW, fix="Do.")
def queue_has_options(queue: Resource, options: Sizes) -> Findings:
    """Say why."""
    yield f"{queue.name} over {options.largest}"


def test_a_rule_is_what_its_function_says() -> None:
    """The name is the id, the docstring the reason, the signature the scope."""
    assert table_is_small.id == "table-is-small"
    assert table_is_small.on == {TABLE}
    assert table_is_small.why == "Say why.\n\nAnd more."
    assert table_is_small.fix == "Do this."
    assert table_is_small.level is Level.ADVISORY
    assert (table_is_small.options, table_is_small.early, table_is_small.remedy) == (None, False, None)
    assert table_is_small.scope.value == "resource"
    assert things_are_small.on == {QUEUE, TABLE}
    assert things_are_small.scope.value == "stack"
    assert things_are_small.options is Sizes
    assert things_are_small.early
    assert queue_has_options.scope.value == "resource"
    assert queue_has_options.options is Sizes


def test_a_rule_can_still_be_called() -> None:
    """As the function it was made from."""
    assert list(table_is_small(resource(TABLE, {"size": 2}))) == [("is large", "size")]
    assert list(queue_has_options(resource(QUEUE, {}, "work"), Sizes(largest=3))) == ["work over 3"]


def test_the_concern_is_the_folder() -> None:
    """A rule of somebody's own has none."""
    assert queue_visibility_timeout_covers_function_timeout.concern == "resilience"
    assert table_is_small.concern == "custom"


def undocumented(table: Resource) -> Findings:  # noqa: D103 - that it has no docstring is the point
    yield table.name


def nobody() -> Findings:
    """Why."""
    yield ""


def swapped(stack: Stack, table: Resource) -> Findings:
    """Why."""
    yield f"{stack} {table}"


def options_first(table: Resource, options: Sizes, stack: Stack) -> Findings:
    """Why."""
    yield f"{table} {options} {stack}"


def options_untyped(table: Resource, options: dict[str, Any]) -> Findings:
    """Why."""
    yield f"{table} {options}"


def too_many(table: Resource, stack: Stack, options: Sizes, more: int) -> Findings:
    """Why."""
    yield f"{table} {stack} {options} {more}"


@pytest.mark.parametrize(
    ("function", "settings", "says"),
    [
        (undocumented, {}, "needs a docstring"),
        (table_is_small.function, {"fix": ""}, "needs a docstring"),
        (nobody, {}, r"nobody\(\): a rule's parameters are"),
        (swapped, {}, r"swapped\(stack, table\): a rule's parameters are"),
        (options_first, {}, "a rule's parameters are"),
        (too_many, {}, "a rule's parameters are"),
        (options_untyped, {}, "options must be annotated with a subclass of Options"),
        (table_is_small.function, {"early": True}, "early is for rules over the stack"),
    ],
)
def test_a_function_that_does_not_fit_is_refused(function: Any, settings: dict[str, Any], says: str) -> None:
    """At import, with its name and with what fits."""
    arguments = {"on": TABLE, "severity": Severity.LOW, "fix": "Do.", **settings}
    with pytest.raises(TypeError, match=says):
        rule(**arguments)(function)


def test_options_take_what_their_fields_take() -> None:
    """Names in camelCase, numbers within bounds, nothing else."""

    class Named(Options):
        times_timeout: Annotated[int, bounded(1, 20)] = 6

    assert msgspec.convert({"timesTimeout": 20}, Named) == Named(times_timeout=20)
    assert msgspec.convert({}, Named) == Named(times_timeout=6)
    for wrong in ({"timesTimeout": 21}, {"timesTimeout": 0}, {"timesTimeout": "6"}, {"times_timeout": 6}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Named)


def test_a_rule_cannot_be_changed() -> None:
    """It is shared by everybody who judges with it."""
    with pytest.raises(AttributeError):
        table_is_small.fix = "Do something else."  # type: ignore[misc] # that it fails is the point
    assert isinstance(table_is_small, Rule)
    assert MODEL not in table_is_small.on
