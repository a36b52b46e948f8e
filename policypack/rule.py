"""What a rule author needs: `@rule`, `Severity`, `Level`, `Options`, and the findings a rule yields."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from policypack.model import Location, Resource, Stack, Undecided
from policypack.remedy import Remedy, put

__all__ = ["Fault", "Findings", "Level", "Options", "Remedy", "Rule", "Severity", "bounded", "put", "rule", "rules_in"]


class Severity(Enum):
    """How bad a violation of the rule is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Fault(msgspec.Struct, frozen=True):
    """A finding with a fix of its own, or a severity that differs from the rule's."""

    message: str
    place: str | Location = ""
    fix: str = ""
    severity: Severity | None = None


Findings = Iterator[str | tuple[str, str | Location] | Fault | Undecided]
"""What a rule yields: what is wrong, with where: a property's path of the subject, or `other.at(path)`.

A `Fault` adds a fix or a severity. `Undecided(path)`, yielded instead of raised, means that one part cannot be judged
yet, and lets the rule go on.
"""


class Level(Enum):
    """What a finding does: it warns, stops the deployment, or changes the resource; a disabled rule is not judged."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A rule's own configuration: a subclass with typed fields, each with a default."""


def bounded(least: float, most: float) -> msgspec.Meta:
    """Bounds of a number in a rule's options, both allowed: `Annotated[int, bounded(1, 20)]`."""
    return msgspec.Meta(ge=least, le=most)


class Scope(Enum):
    """What a rule is judged over: one resource as it registers, or one resource within the whole stack."""

    RESOURCE = "resource"
    STACK = "stack"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. Made by `@rule`, and callable like the function it was made from."""

    id: str
    on: frozenset[str]
    severity: Severity
    level: Level
    why: str
    fix: str
    concern: str
    scope: Scope
    early: bool
    remedy: Remedy | None
    options: type[Options] | None
    terms: tuple[str, ...]
    function: Callable[..., Findings]

    def __call__(self, subject: Resource, *rest: Any) -> Findings:
        """Judge one subject: yields its findings, raises `Undecided` where an unknown decides."""
        return self.function(subject, *rest)


_EXPECTED: Final = "(subject), (subject, stack), (subject, options) or (subject, stack, options)"


def rule(
    *,
    on: str | tuple[str, ...],
    severity: Severity,
    fix: str,
    level: Level = Level.ADVISORY,
    early: bool = False,
    remedy: Remedy | None = None,
    terms: tuple[str, ...] = (),
    prefix: str = "",
) -> Callable[[Callable[..., Findings]], Rule]:
    """Make a rule from a function about one subject, whose signature is its scope.

    The function's name is the rule's id (`queue_has_dead_letter_queue`: `queue-has-dead-letter-queue`), its
    docstring says why the rule exists, `fix` says what to change. `on` names the resource types judged. `early` marks
    a stack rule whose finding no later resource can cure. `terms` are words that people search for and that neither
    the id nor the docstring has, such as abbreviations (`DLQ`). `prefix` is for the rules of an organization or of
    another package: `acme` makes the id `acme.queue-has-owner`. Raises TypeError where the function does not fit.
    """
    types = frozenset((on,) if isinstance(on, str) else on)

    def make(function: Callable[..., Findings]) -> Rule:
        wants_stack, options = _signature(function)
        why = inspect.cleandoc(function.__doc__ or "")
        if not why or not fix:
            raise TypeError(f"{function.__qualname__}: a rule needs a docstring (why) and a fix (what to do)")
        if early and not wants_stack:
            raise TypeError(f"{function.__qualname__}: early is for rules over the stack")
        return Rule(
            id=(f"{prefix}." if prefix else "") + function.__name__.replace("_", "-"),
            on=types,
            severity=severity,
            level=level,
            why=why,
            fix=fix,
            concern=_concern(function.__module__),
            scope=Scope.STACK if wants_stack else Scope.RESOURCE,
            early=early,
            remedy=remedy,
            options=options,
            terms=terms,
            function=function,
        )

    return make


def _signature(function: Callable[..., Findings]) -> tuple[bool, type[Options] | None]:
    """Whether the function wants the stack, and the type of its options."""
    names = list(inspect.signature(function).parameters)
    if not names or names[1:] not in ([], ["stack"], ["options"], ["stack", "options"]):
        raise TypeError(f"{function.__qualname__}({', '.join(names)}): a rule's parameters are {_EXPECTED}")
    if "options" not in names:
        return "stack" in names, None
    options = _hints(function).get("options")
    if not (isinstance(options, type) and issubclass(options, Options)):
        raise TypeError(f"{function.__qualname__}: options must be annotated with a subclass of Options")
    return "stack" in names, options


def _hints(function: Callable[..., Findings]) -> Mapping[str, Any]:
    """Annotations, also where a module imports its types for the type checker only."""
    known = {"Resource": Resource, "Stack": Stack, "Findings": Findings}
    return typing.get_type_hints(function, {**known, **getattr(function, "__globals__", {})})


def _concern(module: str) -> str:
    """The folder below `rules` that a rule lives in: `policypack.rules.resilience.sqs` is about resilience."""
    parts = module.split(".")
    return parts[parts.index("rules") + 1] if "rules" in parts[:-2] else "custom"


def rules_in(package: str) -> tuple[Rule, ...]:
    """The rules that the modules of an imported package define, at any depth: by module, then as they are written."""
    found: list[Rule] = []
    for module in pkgutil.walk_packages(sys.modules[package].__path__, f"{package}."):
        defined = vars(importlib.import_module(module.name)).values()
        found += (each for each in defined if isinstance(each, Rule) and each.function.__module__ == module.name)
    return tuple(found)
