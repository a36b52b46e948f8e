"""The profiles on disk are those that the rules and their controls make."""

from __future__ import annotations

import json

import pytest

from policypack.pack import PACK
from policypack.profiles import FOLDER, FRAMEWORKS, rendered
from policypack.rule import Severity


def test_the_files_are_up_to_date() -> None:
    """Whoever adds a rule runs `python -m policypack.profiles`."""
    on_disk = {path: path.read_text() for path in FOLDER.glob("*.json")}
    assert on_disk == rendered(PACK)


def test_baseline_stops_what_is_grave_and_strict_stops_everything() -> None:
    """An undecided verdict stops nothing in either."""
    baseline, strict = (json.loads((FOLDER / f"{name}.json").read_text()) for name in ("baseline", "strict"))
    for rule in PACK.rules:
        grave = rule.severity in {Severity.HIGH, Severity.CRITICAL}
        assert baseline[rule.id] == ("mandatory" if grave else "advisory")
        assert strict[rule.id] == "mandatory"
    assert baseline["values-are-known"] == strict["values-are-known"] == "advisory"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_has_rules(framework: str) -> None:
    """A profile that switches everything off would be a mistake in its name."""
    name = framework.lower().replace(" ", "-").replace(".", "-")
    assert "mandatory" in json.loads((FOLDER / f"{name}.json").read_text()).values()
