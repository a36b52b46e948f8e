"""The profiles: a level for all rules, and what differs from it."""

from __future__ import annotations

import json

import pytest

from policypack.controls import controls
from policypack.own_policies import OWN_POLICIES
from policypack.pack import PACK
from policypack.profiles.profiles import FOLDER, FRAMEWORKS
from policypack.rule import Severity


def levels(name: str) -> dict[str, str]:
    """The level of every rule under a profile, as Pulumi reads its file."""
    profile = json.loads((FOLDER / f"{name}.json").read_text())
    return {each: profile.get(each, profile["all"]) for each in (*PACK.ids, *(own.id for own in OWN_POLICIES))}


def test_baseline_stops_what_is_severe_and_strict_stops_everything() -> None:
    """An undecided verdict stops nothing in either."""
    baseline, strict = levels("baseline"), levels("strict")
    for rule in PACK.rules:
        severe = rule.severity in {Severity.HIGH, Severity.CRITICAL}
        assert baseline[rule.id] == ("mandatory" if severe else "advisory")
        assert strict[rule.id] == "mandatory"
    assert baseline["values-are-known"] == strict["values-are-known"] == "advisory"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_stops_what_its_controls_ask_for(framework: str) -> None:
    """All other rules are off; the host's own policies say what they always say."""
    found = levels(framework.lower().replace(" ", "-").replace(".", "-"))
    mapped = {control.rule for control in controls() if control.catalogue == framework}
    assert mapped
    assert found == {
        **dict.fromkeys(PACK.ids, "disabled"),
        **dict.fromkeys(mapped, "mandatory"),
        **{own.id: own.level.value for own in OWN_POLICIES},
    }


def test_a_rule_that_a_profile_does_not_name_follows_all() -> None:
    """Nobody has to add a new rule to eight files."""
    assert json.loads((FOLDER / "strict.json").read_text()).keys() == {"all", *(own.id for own in OWN_POLICIES)}
