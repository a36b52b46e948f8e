"""Levels, options and remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.model import FUNCTION, TABLE
from tests.policypack.host.calls import (
    CONTEXT,
    UNKNOWN,
    Aborted,
    analyze,
    configure,
    hidden,
    messages,
    struct,
)

if TYPE_CHECKING:
    from policypack.host.analyzer import Analyzer


def test_levels_and_options(analyzer: Analyzer) -> None:
    """A disabled rule is silent, an option changes a bound, a level changes."""
    analyzer.Configure(
        configure(table_bills_on_demand=(2, {}), table_forgets=(1, {}), function_is_small=(1, {"largestMemory": 256})),
        CONTEXT,
    )
    assert messages(analyzer.Analyze(analyze(TABLE, "t"), CONTEXT)) == [
        "mandatory table-forgets: t: keeps items for ever [ttl]. Set a time to live."
    ]
    assert messages(analyzer.Analyze(analyze(FUNCTION, "f", memorySize=257), CONTEXT)) == [
        "mandatory function-is-small: f: has 257 MB [memorySize]. Set memory_size lower."
    ]
    assert messages(analyzer.Analyze(analyze(FUNCTION, "f", memorySize=256), CONTEXT)) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"table_forget": (1, {})}, "no rule is called table-forget; nearest: table-forgets"),
        ({"function_is_small": (1, {"largestMemry": 1})}, "no option largestMemry; nearest: largestMemory"),
        ({"function_is_small": (1, {"largestMemory": 64})}, "Expected `int` >= 128"),
        ({"function_is_small": (1, {"largestMemory": 1e300})}, "Expected `int`"),
        ({"function_is_small": (1, {"largestMemory": float("nan")})}, "largestMemory is not a finite number"),
        ({"function_is_small": (1, {"largestMemory": "much"})}, "Expected `int`, got `str`"),
        ({"table_forgets": (1, {"days": 3})}, "table-forgets has no options, yet days is set"),
        ({"waivers_are_in_force": (0, {"waivers": {"a": 1}})}, "waivers and noWaivers are lists"),
        ({"waivers_are_in_force": (0, {"noWaivers": ["table-forget"]})}, "names no rule: table-forget; nearest: table"),
        ({"waivers_are_in_force": (0, {"noWaiver": []})}, "no option noWaiver; nearest: noWaivers"),
    ],
)
def test_configuration_that_cannot_be_used(analyzer: Analyzer, given: dict[str, Any], fault: str) -> None:
    """Each fault is one clear line with the nearest valid name."""
    with pytest.raises(Aborted) as raised:
        analyzer.Configure(configure(**given), CONTEXT)
    assert str(raised.value).startswith("INVALID_ARGUMENT: policy configuration: ")
    assert fault in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_remedy_keeps_secrets_and_is_idempotent(analyzer: Analyzer) -> None:
    """What the remedy does not touch stays as it is on the wire; the changed resource passes, and changes only once."""
    analyzer.Configure(configure(table_bills_on_demand=(3, {})), CONTEXT)
    table = analyze(
        TABLE, "t", billingMode="PROVISIONED", tags={"a": hidden("s")}, hashKey=UNKNOWN, ttl={"enabled": True}
    )
    (remediated,) = analyzer.Remediate(table, CONTEXT).remediations
    assert remediated.policyName == "table-bills-on-demand"
    expected = {
        "billingMode": "PAY_PER_REQUEST",
        "tags": {"a": hidden("s")},
        "hashKey": UNKNOWN,
        "ttl": {"enabled": True},
    }
    assert remediated.properties == struct(expected)
    table.properties.CopyFrom(remediated.properties)
    assert not analyzer.Remediate(table, CONTEXT).remediations
    assert messages(analyzer.Analyze(table, CONTEXT)) == []


def test_a_remedy_leaves_an_unknown_alone(analyzer: Analyzer) -> None:
    """Nothing can be said about it, so nothing is changed."""
    analyzer.Configure(configure(table_bills_on_demand=(3, {})), CONTEXT)
    assert not analyzer.Remediate(analyze(TABLE, "t", billingMode=UNKNOWN), CONTEXT).remediations
