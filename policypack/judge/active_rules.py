"""The rules of a pack that a run judges, by the resource type and the moment at which they are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.judge.early import matters
from policypack.rule import Level, Scope

if TYPE_CHECKING:
    from policypack.judge.run import Run
    from policypack.judge.settings import Settings
    from policypack.rule import Rule
    from policypack.rule_pack import Pack


class ActiveRules:
    """The rules that are not disabled, and the `disabled` ones.

    `stack`: those over the whole stack; `early`: those of them that are also judged before it is whole.
    """

    def __init__(self, pack: Pack, settings: Settings, run: Run) -> None:
        self._levels = settings.levels
        active = [rule for rule in pack.rules if settings.levels[rule.id] is not Level.DISABLED]
        self.disabled = tuple(rule for rule in pack.rules if settings.levels[rule.id] is Level.DISABLED)
        self.stack = tuple(rule for rule in active if rule.scope is Scope.STACK)
        # A preview creates nothing that could be stopped: the pass over the whole stack, which knows more, is enough.
        self.early = () if run.preview else tuple(rule for rule in active if rule.early)
        self._by_type: dict[str, list[Rule]] = {}
        for rule in active:
            if rule.scope is Scope.RESOURCE:
                for type_ in rule.on:
                    self._by_type.setdefault(type_, []).append(rule)

    def on(self, type_: str) -> list[Rule]:
        """The rules about single resources of this type."""
        return self._by_type.get(type_, [])

    def concern(self, type_: str) -> bool:
        """Whether any rule needs to see a resource of this type as it registers."""
        return type_ in self._by_type or matters(type_, self.early)

    def remedies(self, type_: str) -> list[Rule]:
        """The rules that may change the inputs of a resource of this type."""
        return [rule for rule in self.on(type_) if rule.remedy and self._levels[rule.id] is Level.REMEDIATE]
