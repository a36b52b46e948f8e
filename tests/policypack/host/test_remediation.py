"""Remedies: what they must leave as it was, when they are not applied, and what becomes of one that fails."""

from __future__ import annotations

import copy
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from policypack.host.analyzer import Analyzer
from policypack.host.answers import LARGEST
from policypack.host.merge import encode, merge
from policypack.host.wire import decode
from policypack.model import FUNCTION, TABLE, Resource
from policypack.model.signatures import OUTPUT, SIGNATURE
from policypack.remedy import Remedy, put
from policypack.rule import Findings, Level, Options, Rule, Severity, rule
from policypack.rule_pack import Pack
from tests.policypack.host.calls import (
    CONTEXT,
    TODAY,
    UNKNOWN,
    analyze,
    begin,
    configure,
    hidden,
    messages,
    struct,
    urn,
)

if TYPE_CHECKING:
    import random

    from google.protobuf import struct_pb2
    from pulumi.runtime.proto import analyzer_pb2

keys = st.sampled_from(["a", "b", "c"])
telling = st.integers(10**6, 10**7)
plain = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text("xyz", max_size=3), st.just(UNKNOWN))
marked = (telling | telling.map("secret-{}".format)).map(hidden)
outputs = telling.map(lambda number: {SIGNATURE: OUTPUT, "value": {"in": f"secret-{number}"}, "secret": True})
trees = st.recursive(
    plain | marked | outputs,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3) | inner.map(hidden),
    max_leaves=8,
)


def bare(value: Any) -> list[Any]:
    """The leaves on the wire that are no secrets, wherever they stand."""
    if isinstance(value, dict):
        if value.get("secret") is True or value.get(SIGNATURE) == hidden(0)[SIGNATURE]:
            return []
        return [leaf for item in value.values() for leaf in bare(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in bare(item)]
    return [value]


def changed(value: Any, pool: list[Any], seed: random.Random) -> Any:
    """What a remedy may do to a value: replace, append, drop, reorder, set, at any depth."""
    if seed.randrange(4) == 0:
        return seed.choice(pool)
    if isinstance(value, list):
        inner = [changed(item, pool, seed) for item in value]
        return seed.choice([inner, [*value, seed.choice(pool)], value[1:], value[::-1]])
    if isinstance(value, dict):
        within = {key: changed(item, pool, seed) for key, item in value.items()}
        return seed.choice([within, {**value, "c": seed.choice(pool)}, dict(list(value.items())[1:])])
    return value


@st.composite
def remedies(draw: st.DrawFn) -> Remedy:
    """A remedy that moves things about, in what it was given or in a deep copy of it."""
    seed, deep = draw(st.randoms(use_true_random=False)), draw(st.booleans())

    def remedy(properties: dict[str, Any]) -> dict[str, Any]:
        given = copy.deepcopy(properties) if deep else properties
        pool = [*given.values(), "new", 7]
        return {key: changed(item, pool, seed) for key, item in given.items()}

    return remedy


def told(properties: struct_pb2.Struct) -> list[Any]:
    """The secrets that can be read in plain text."""
    leaves = bare(json_format.MessageToDict(properties))
    return [leaf for leaf in leaves if str(leaf).startswith("secret-") or (isinstance(leaf, float) and leaf >= 10**6)]


def unknowns(properties: struct_pb2.Struct) -> int:
    """How many unknowns there are."""
    return json.dumps(json_format.MessageToDict(properties)).count(UNKNOWN)


@given(st.dictionaries(keys, trees, max_size=3), remedies())
def test_no_remedy_bares_a_secret_or_replaces_an_unknown(properties: dict[str, Any], remedy: Remedy) -> None:
    """Nothing that was secret is in plain text; unknowns stay; where nothing changed, nothing is written anew."""
    original = struct(properties)
    before = decode(original)
    assert merge(original, before, copy.deepcopy(before)) == original
    try:
        merged = merge(original, before, remedy(before))
    except TypeError as error:
        assert "not Unknown" in str(error)  # noqa: PT017 - an unknown that was copied elsewhere: nothing is remediated
        return
    assert told(original) == told(merged) == []
    assert unknowns(merged) >= unknowns(original)
    again = decode(merged)
    assert merge(merged, again, again) == merged


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([hidden("abcd"), "b"], ["new", "b"], [hidden("new"), "b"]),
        ([hidden(5), 1], [1], hidden([1])),
        ([hidden(True), 1], [1, 2, 3], hidden([1, 2, 3])),
        (hidden([True, 1]), [True], hidden([True])),
        ([UNKNOWN, 1], [1], [UNKNOWN, 1]),
        ({"k": UNKNOWN, "l": 1}, "flat", {"k": UNKNOWN, "l": 1}),
        (
            {SIGNATURE: OUTPUT, "value": {"k": True}, "secret": True},
            {"k": False},
            {SIGNATURE: OUTPUT, "value": {"k": False}, "secret": True},
        ),
    ],
)
def test_what_stands_in_the_place_of_a_secret_is_secret(before: Any, after: Any, expected: Any) -> None:
    """Also in lists, inside a secret, and in an output that is one."""
    original = struct({"p": before})
    assert merge(original, decode(original), {"p": after}) == struct({"p": expected})


def test_a_secret_that_is_moved_stays_secret() -> None:
    """Text, whole numbers and numbers; and no property is named after one."""
    original = struct({"a": hidden({"text": "hush", "int": 5, "float": 0.5})})
    before = decode(original)
    moved = merge(original, before, {**before["a"], "list": [before["a"]["text"]]})
    assert moved == struct({"text": hidden("hush"), "int": hidden(5), "float": hidden(0.5), "list": [hidden("hush")]})
    with pytest.raises(TypeError, match="may not name a property after a secret"):
        encode({before["a"]["text"]: 1})


class Least(Options):
    """The least read capacity."""

    least: int = 5


@rule(on=TABLE, severity=Severity.LOW, level=Level.REMEDIATE, fix="More.", remedy=put("readCapacity", 20))
def table_reads_enough(table: Resource, options: Least) -> Findings:
    """Too little throttles."""
    if table.get("readCapacity", 0) < options.least:
        yield "reads too little", "readCapacity"


@rule(on=TABLE, severity=Severity.LOW, level=Level.REMEDIATE, fix="On.", remedy=put("ttl.enabled", True))
def table_forgets(table: Resource) -> Findings:
    """Old items cost money."""
    if not table.get("ttl.enabled", False):
        yield "keeps items for ever", "ttl"


def leave(properties: dict[str, Any]) -> dict[str, Any]:
    """Leave the process, with a secret on the lips."""
    sys.exit(f"no {properties['token'] + '!'}")


@rule(on=FUNCTION, severity=Severity.LOW, level=Level.REMEDIATE, fix="None.", remedy=leave)
def function_has_no_token(function: Resource) -> Findings:
    """Has a remedy that exits."""
    if function.has("token"):
        yield "has a token"


def analyzer(*rules: Rule, waivers: list[dict[str, str]] | None = None) -> Analyzer:
    """An analyzer in a preview."""
    made = Analyzer(Pack(name="test", version="1", rules=rules), TODAY)
    made.ConfigureStack(begin(waivers=json.dumps(waivers or [])), CONTEXT)
    return made


def test_a_waived_finding_is_not_mended() -> None:
    """The waiver counts as used; when it has expired, the remedy is applied."""
    entry = {"rule": "table-forgets", "resource": urn(TABLE, "t"), "reason": "r", "owner": "o", "expires": "2026-12-01"}
    made = analyzer(table_forgets, waivers=[entry])
    assert not made.Remediate(analyze(TABLE, "t"), CONTEXT).remediations
    assert len(made.Remediate(analyze(TABLE, "other"), CONTEXT).remediations) == 1
    assert messages(made.Analyze(analyze(TABLE, "t"), CONTEXT)) == []
    made = analyzer(table_forgets, waivers=[{**entry, "expires": (TODAY - dt.timedelta(days=1)).isoformat()}])
    assert len(made.Remediate(analyze(TABLE, "t"), CONTEXT).remediations) == 1


def test_a_remedy_goes_by_the_configured_options() -> None:
    """The remedy changes nothing that the configuration allows, and leaves nothing that it forbids."""
    made = analyzer(table_reads_enough)
    table = analyze(TABLE, "t", readCapacity=7)
    assert not made.Remediate(table, CONTEXT).remediations
    made.Configure(configure(table_reads_enough=(3, {"least": 10})), CONTEXT)
    assert made.Remediate(table, CONTEXT).remediations[0].properties == struct({"readCapacity": 20})
    made.Configure(configure(table_reads_enough=(3, {"least": 100})), CONTEXT)
    assert not made.Remediate(table, CONTEXT).remediations, "the remedy would not be enough"


def test_a_remedy_that_exits_costs_one_line() -> None:
    """It names the place, and no secret: the exception's text is only shown where there is none to quote."""
    made = analyzer(function_has_no_token)
    (failed,) = made.Remediate(analyze(FUNCTION, "f", token=hidden("hush")), CONTEXT).remediations
    assert failed.diagnostic.startswith("f: the remedy of function-has-no-token crashed: SystemExit (")
    assert "test_remediation.py:" in failed.diagnostic
    assert "hush" not in str(failed)
    (failed,) = made.Remediate(analyze(FUNCTION, "f", token="open"), CONTEXT).remediations
    assert "SystemExit: no open! (" in failed.diagnostic
    (failed,) = made.Remediate(analyze(FUNCTION, "f", token=UNKNOWN), CONTEXT).remediations
    assert failed.diagnostic.endswith("depends on a value that is unknown until deployment: token")


@pytest.mark.parametrize(("size", "remediated"), [(2_200_000, True), (LARGEST, False)])
def test_a_large_resource_is_remediated_within_the_limit_of_the_engine(size: int, *, remediated: bool) -> None:
    """The last remediation holds every change; where even that one is too large, nothing is sent but a line."""
    table = analyze(TABLE, "t", tags={"large": "x" * size})
    response: analyzer_pb2.RemediateResponse = analyzer(table_reads_enough, table_forgets).Remediate(table, CONTEXT)
    assert response.ByteSize() <= LARGEST
    *earlier, last = response.remediations
    if remediated:
        assert [each.diagnostic for each in earlier] == [
            "t: remediated together with table-forgets; the resource is too large to send twice"
        ]
        assert decode(last.properties) == {
            "readCapacity": 20,
            "ttl": {"enabled": True},
            "tags": {"large": "x" * size},
        }
    else:
        assert not earlier
        assert last.diagnostic == "t: too large to remediate: the engine accepts at most 3,500,000 bytes"
        assert not last.HasField("properties")
