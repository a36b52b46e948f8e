"""300 rules like those of the pack: 240 that judge one resource, 60 that follow links through the stack.

They are made from the resources themselves: what a property is decides what is asked of it. Nearly all of them pass,
as in a stack that has been under a pack for a while.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Final

from benchmarks.workload.requests import KINDS
from policypack.iam.documents import parse_policy
from policypack.model import KEY, METRIC_ALARM, Resource, Stack
from policypack.rule import Findings, Rule, Severity, rule
from policypack.rule_pack import Pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PER_TYPE: Final = 12
_BROKEN: Final = 50
"""Every so many rules, one is broken by its subjects."""


def _is_set(subject: Resource, path: str, expected: object) -> Findings:
    if not subject.has(path) or expected is None:
        yield "is not set", path


def _is_as_expected(subject: Resource, path: str, expected: object) -> Findings:
    if (found := subject.get(path, False)) != expected:
        yield f"is {found}", path


def _is_bounded(subject: Resource, path: str, expected: object) -> Findings:
    if (found := subject.get(path, 3)) > (expected or -1):
        yield f"is {found}", path


def _is_full(subject: Resource, path: str, expected: object) -> Findings:
    for index, item in enumerate(subject.get(path, ())):
        if item in ("", None) or expected is None:
            yield "has an empty element", f"{path}[{index}]"


def _allows_no_star(subject: Resource, path: str, expected: object) -> Findings:
    for statement in parse_policy(subject.get(path)).statements:
        if statement.is_allow and ("*" in [entry.text() for entry in statement.actions] or expected is None):
            yield f"allows everything in {statement.place}", path


def _serves_its_own_kind(subject: Resource, stack: Stack) -> Findings:
    for other in stack.resources_with_role(stack.role_of(subject)):
        if other.type != subject.type:
            yield f"shares its role with {other.name}"


def _has_a_key_of_the_stack(subject: Resource, stack: Stack) -> Findings:
    for path in ("kmsKeyArn", "kmsMasterKeyId", "kmsKeyId", "serverSideEncryption.kmsKeyArn"):
        arn = subject.get(path)
        if arn is not None and stack.find(arn, KEY) is None:
            yield "is encrypted with a key from elsewhere", path


def _is_watched(subject: Resource, stack: Stack) -> Findings:
    if subject.get("redrivePolicy") and subject.get("name") not in stack.cached(_watched):
        yield "is watched by no alarm"


def _watched(stack: Stack) -> frozenset[str]:
    dimensions = (alarm.get("dimensions", {}) for alarm in stack.of_type(METRIC_ALARM))
    return frozenset(name for each in dimensions for name in each.values())


def _question(value: object) -> Callable[[Resource, str, object], Findings]:
    """What a rule asks of a property, by what the property is."""
    if isinstance(value, bool):
        return _is_as_expected
    if isinstance(value, (int, float)):
        return _is_bounded
    if isinstance(value, list):
        return _is_full
    return _allows_no_star if "Statement" in str(value) else _is_set


def _resource_rule(name: str, type_: str, path: str, value: object, expected: object) -> Rule:
    question = _question(value)

    def judge(subject: Resource) -> Findings:
        return question(subject, path, expected)

    return _rule(judge, name, type_)


def _stack_rule(name: str, type_: str, question: Callable[[Resource, Stack], Findings]) -> Rule:
    def judge(subject: Resource, stack: Stack) -> Findings:
        return question(subject, stack)

    return _rule(judge, name, type_)


def _rule(function: Callable[..., Findings], name: str, type_: str) -> Rule:
    function.__name__ = name
    function.__doc__ = "Stands for a rule that people write, with a reason as long as theirs usually are."
    fix = "Change the program so that the property is as it should be."
    return rule(on=type_, severity=Severity.MEDIUM, fix=fix)(function)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each property that is not an object, with its path; a list is one property."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path, value


def _rules() -> Iterator[Rule]:
    for place, (type_, inputs) in enumerate(KINDS.items()):
        for index, (path, value) in enumerate(islice(cycle(_leaves(inputs("00000"))), _PER_TYPE)):
            broken = (place * _PER_TYPE + index) % _BROKEN == 0
            yield _resource_rule(f"of_kind_{place}_{index}", type_, path, value, None if broken else value)
    for place, type_ in enumerate(KINDS):
        for index, question in enumerate((_serves_its_own_kind, _has_a_key_of_the_stack, _is_watched)):
            yield _stack_rule(f"in_stack_{place}_{index}", type_, question)


PACK: Final = Pack(name="three-hundred", version="1.0.0", rules=tuple(_rules()))
