"""A uniform description of each rule of a pack and of each policy of the host itself, for the commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.controls import controls_of
from policypack.judge import options_schema
from policypack.own_policies import OWN_POLICIES

if TYPE_CHECKING:
    from policypack.own_policies import OwnPolicy
    from policypack.rule import Rule
    from policypack.rule_pack import Pack

OWN: Final = "host"
"""The concern under which the host's own policies are listed."""


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, or a policy of the host's own. `file` is where it is written; `options` maps names to JSON schemas."""

    id: str
    concern: str
    severity: str
    level: str
    scope: str
    on: list[str]
    why: str
    fix: str
    file: str
    terms: list[str]
    options: dict[str, dict[str, Any]]
    controls: list[str]

    @property
    def summary(self) -> str:
        """The first sentence of `why`."""
        return re.split(r"(?<=[.!?])\s", " ".join(self.why.split()), maxsplit=1)[0]


def catalogue(pack: Pack) -> list[Described]:
    """Every rule in the pack's order, then the host's own policies."""
    return [*map(_rule, pack.rules), *map(_own, OWN_POLICIES)]


def _rule(rule: Rule) -> Described:
    return Described(
        id=rule.id,
        concern=rule.concern.replace("_", " "),
        severity=rule.severity.value,
        level=rule.level.value,
        scope=rule.scope.value,
        on=sorted(rule.on),
        why=rule.why,
        fix=rule.fix,
        file=rule.function.__module__.replace(".", "/") + ".py",
        terms=list(rule.terms),
        options=options_schema.properties(rule.options) if rule.options else {},
        controls=[str(control) for control in controls_of(rule.id)],
    )


def _own(own: OwnPolicy) -> Described:
    return Described(
        id=own.id,
        concern=OWN,
        severity=own.severity.value,
        level=own.level.value,
        scope="run",
        on=[],
        why=own.why,
        fix=own.fix,
        file="policypack/own_policies.py",
        terms=list(own.terms),
        options=own.config_schema,
        controls=[],
    )
