"""The rules of a group of least_privilege, as `group("trust")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules import least_privilege

if TYPE_CHECKING:
    from policypack.rule import Rule


def group(*names: str) -> tuple[Rule, ...]:
    """Give the rules of these folders, or of these modules in them: `identity`, `hygiene.statements`."""
    starts = tuple(f"{least_privilege.__name__}.{name}." for name in names)
    return tuple(rule for rule in least_privilege.RULES if f"{rule.function.__module__}.".startswith(starts))
