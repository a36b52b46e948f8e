"""The pack: its name, its version, and the rules in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from policypack.rules import (
    cost,
    data_protection,
    least_privilege,
    network,
    observability,
    resilience,
    scalability,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.rule import Rule

VERSION: Final = "0.1.0"
"""The version of the package and of the pack. A constant, because reading the package's metadata costs every run."""


RESERVED: Final = frozenset({"all", "values-are-known", "waivers-are-in-force", "report-is-written"})
"""Names that mean something else in a configuration: every rule, and what the host itself reports."""


@dataclass(frozen=True)
class Pack:
    """Rules that are served together. No two may have the same id: ValueError names both functions."""

    name: str
    version: str
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        known: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.id in RESERVED:
                raise ValueError(f"no rule may be called {rule.id}: {_function(rule)}")
            if (other := known.get(rule.id)) is not None:
                raise ValueError(f"two rules are called {rule.id}: {_function(other)} and {_function(rule)}")
            known[rule.id] = rule

    def __contains__(self, identity: str) -> bool:
        return identity in self._by_id

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its rules, in the pack's order."""
        return tuple(self._by_id)

    def rule(self, identity: str) -> Rule:
        """The rule with this id. KeyError where there is none."""
        return self._by_id[identity]

    def rules_for(self, resource_type: str) -> tuple[Rule, ...]:
        """The rules that judge resources of this type, in the pack's order."""
        return self._by_type.get(resource_type, ())

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Rule, ...]]:
        types = {type_ for rule in self.rules for type_ in rule.on}
        return {type_: tuple(rule for rule in self.rules if type_ in rule.on) for type_ in types}


def _function(rule: Rule) -> str:
    return f"{rule.function.__module__}.{rule.function.__qualname__}"


PACK: Final = Pack(
    name="policypack",
    version=VERSION,
    rules=(
        *scalability.RULES,
        *resilience.RULES,
        *least_privilege.RULES,
        *data_protection.RULES,
        *network.RULES,
        *observability.RULES,
        *cost.RULES,
    ),
)
