"""The controls that each rule maps to: of compliance frameworks, and checks of other tools.

The table is `controls.csv`: one row for each rule and control. `version` is empty if the catalogue's ids do not
change between versions.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import msgspec


class Control(msgspec.Struct, frozen=True, order=True):
    """One control that a rule maps to: `CIS AWS` 5.0, 1.15."""

    rule: str
    catalogue: str
    version: str
    control: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.catalogue, self.version, self.control)))


@cache
def controls() -> tuple[Control, ...]:
    """The whole table, in its own order."""
    table = files("policypack").joinpath("controls.csv").read_text(encoding="utf-8")
    return tuple(Control(**row) for row in csv.DictReader(table.splitlines()))


def controls_of(rule: str) -> tuple[Control, ...]:
    """The controls that the rule with this id maps to."""
    return tuple(control for control in controls() if control.rule == rule)


def rules_for(control: str) -> tuple[str, ...]:
    """The ids of the rules that map to a control of any catalogue, whatever its case: `CKV_AWS_28`."""
    return tuple(dict.fromkeys(known.rule for known in controls() if known.control.lower() == control.lower()))
