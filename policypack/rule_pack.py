"""Rules that are served together, and how to make such a pack from another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from policypack.own_policies import OWN_POLICIES
from policypack.text import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.rule import Rule

RESERVED: Final = frozenset({"all", *(own.id for own in OWN_POLICIES)})
"""Names that mean something else in a configuration: every rule, and the policies of the host's own."""


@dataclass(frozen=True)
class Pack:
    """Rules that are served together.

    `faults` says in one sentence each why it cannot be served: two rules of one id, or a rule that is not there.
    """

    name: str
    version: str
    rules: tuple[Rule, ...]
    faults: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known: dict[str, Rule] = {}
        faults = list(self.faults)
        for rule in self.rules:
            if rule.id in RESERVED:
                faults.append(f"no rule may be called {rule.id}: {_function(rule)}")
            elif (other := known.get(rule.id)) is not None:
                faults.append(f"two rules are called {rule.id}: {_function(other)} and {_function(rule)}")
            known[rule.id] = rule
        object.__setattr__(self, "faults", tuple(dict.fromkeys(faults)))

    def __contains__(self, identity: str) -> bool:
        return identity in self._by_id

    def with_rules(self, *rules: Rule) -> Pack:
        """This pack and more rules, whose ids carry a prefix: no id of this pack ever has one."""
        unprefixed = [
            f'{rule.id} has no prefix ({_function(rule)}): write @rule(prefix="acme", ...), with your own name'
            for rule in rules
            if "." not in rule.id
        ]
        return replace(self, rules=(*self.rules, *rules), faults=(*self.faults, *unprefixed))

    def without(self, *ids: str) -> Pack:
        """This pack less the rules of these ids."""
        unknown = [f"no rule is called {each}{nearest(each, self.ids)}" for each in ids if each not in self]
        kept = tuple(rule for rule in self.rules if rule.id not in ids)
        return replace(self, rules=kept, faults=(*self.faults, *unknown))

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
