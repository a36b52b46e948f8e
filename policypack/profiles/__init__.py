"""Configurations to choose from, for `--policy-pack-config`: `baseline`, `strict`, and one a framework.

`python -m policypack.profiles` writes the JSON files beside this one from the rules and their controls.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.controls import controls
from policypack.own_policies import OWN_POLICIES
from policypack.rule import Level, Severity

if TYPE_CHECKING:
    from policypack.rule_pack import Pack

FOLDER: Final = Path(__file__).parent
FRAMEWORKS: Final = ("AWS FSBP", "CIS AWS", "ISO 27001", "NIST 800-53", "PCI DSS", "SOC 2")
_GRAVE: Final = (Severity.HIGH, Severity.CRITICAL)


def profiles(pack: Pack) -> dict[str, dict[str, Any]]:
    """Every profile by its name: a level for each rule, and for what the host itself reports."""
    notices = {own.id: own.level.value for own in OWN_POLICIES}
    found = {
        "baseline": {**_levels(pack, {rule.id for rule in pack.rules if rule.severity in _GRAVE}), **notices},
        "strict": {**_levels(pack, {rule.id for rule in pack.rules}), **notices},
    }
    for framework in FRAMEWORKS:
        mapped = {control.rule for control in controls() if control.catalogue == framework}
        name = re.sub(r"[^a-z0-9]+", "-", framework.lower())
        found[name] = {**_levels(pack, mapped, Level.DISABLED), **notices}
    return found


def _levels(pack: Pack, mandatory: set[str], otherwise: Level = Level.ADVISORY) -> dict[str, str]:
    return {
        rule.id: (Level.MANDATORY if rule.id in mandatory else otherwise).value
        for rule in sorted(pack.rules, key=lambda rule: rule.id)
    }


def rendered(pack: Pack) -> dict[Path, str]:
    """The text of each profile's file."""
    return {FOLDER / f"{name}.json": json.dumps(profile, indent=2) + "\n" for name, profile in profiles(pack).items()}
