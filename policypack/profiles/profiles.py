"""Configurations to choose from, for `--policy-pack-config`: `baseline`, `strict`, and one a framework.

The JSON files beside this one are generated from the rules and their controls by `make docs`: a level for all rules,
and the rules that differ from it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.controls import controls
from policypack.own_policies import OWN_POLICIES
from policypack.rule import Level, Severity

if TYPE_CHECKING:
    from policypack.rule_pack import Pack

FOLDER: Final = Path(__file__).parent
FRAMEWORKS: Final = ("AWS FSBP", "CIS AWS", "ISO 27001", "NIST 800-53", "PCI DSS", "SOC 2")
_SEVERE: Final = frozenset((Severity.HIGH, Severity.CRITICAL))


def profiles(pack: Pack) -> dict[str, dict[str, str]]:
    """Every profile by its name: `all` is the level of the rules that it does not name."""
    severe = {rule.id for rule in pack.rules if rule.severity in _SEVERE}
    found = {"strict": _profile(Level.MANDATORY, set()), "baseline": _profile(Level.ADVISORY, severe)}
    for framework in FRAMEWORKS:
        mapped = {control.rule for control in controls() if control.catalogue == framework}
        found[re.sub(r"[^a-z0-9]+", "-", framework.lower())] = _profile(Level.DISABLED, mapped)
    return found


def _profile(level: Level, mandatory: set[str]) -> dict[str, str]:
    """A level for all, the rules that are mandatory all the same, and the host's own policies as they are."""
    own = {policy.id: policy.level.value for policy in OWN_POLICIES}
    return {"all": level.value, **dict.fromkeys(sorted(mandatory), Level.MANDATORY.value), **own}


def rendered(pack: Pack) -> dict[Path, str]:
    """The text of each profile's file."""
    return {FOLDER / f"{name}.json": json.dumps(profile, indent=2) + "\n" for name, profile in profiles(pack).items()}
