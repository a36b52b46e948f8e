"""One rule, one subject, one verdict: whatever the rule does."""

from __future__ import annotations

import traceback
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from policypack.model import Location, Undecided, Unknown
from policypack.rule import Fault, Options, Rule, Scope, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack


class Verdict(Enum):
    """What was found for a rule and a subject."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNDECIDED = "undecided"
    WAIVED = "waived"
    NOT_APPLICABLE = "not applicable"
    CRASHED = "crashed"


class Finding(msgspec.Struct, frozen=True):
    """What is wrong, and where: the resource's URN and the path of one of its properties.

    `fix` and `severity` take the place of the rule's own, where they are given.
    """

    message: str
    urn: str
    path: str = ""
    fix: str = ""
    severity: Severity | None = None


class Judgement(msgspec.Struct, frozen=True):
    """The verdict of one rule about one subject. `unknown` is the path that left it open; `crash` names the fault."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    unknown: str = ""
    crash: str = ""


def judge(rule: Rule, subject: Resource, stack: Stack | None = None, options: Options | None = None) -> Judgement:
    """Judge one subject. Findings made before an unknown or a fault is met are kept. Raises nothing of the rule's."""
    findings: list[Finding] = []
    unknown = crash = ""
    try:
        for found in rule.function(*_arguments(rule, subject, stack, options)):
            if isinstance(found, Undecided):
                unknown = unknown or found.path
            else:
                findings.append(_finding(subject, found))
    except Undecided as undecided:
        unknown = unknown or undecided.path
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - also sys.exit in a rule: it must cost one line, not the run
        met = _unknown_behind(error)
        if met is None:
            crash = _describe(error)
        else:
            unknown = unknown or met.path
    if crash:
        return Judgement(Verdict.CRASHED, tuple(findings), crash=crash)
    if findings:
        return Judgement(Verdict.FAIL, tuple(findings), unknown=unknown)
    return Judgement(Verdict.UNDECIDED, unknown=unknown) if unknown else Judgement(Verdict.PASS)


def _arguments(rule: Rule, subject: Resource, stack: Stack | None, options: Options | None) -> Iterator[Any]:
    yield subject
    if rule.scope is Scope.STACK:
        yield stack
    if rule.options is not None:
        yield rule.options() if options is None else options


def _finding(subject: Resource, found: str | tuple[str, str | Location] | Fault) -> Finding:
    if isinstance(found, Fault):
        message, place, fix, severity = found.message, found.place, found.fix, found.severity
    else:
        message, place = (found, "") if isinstance(found, str) else found
        fix, severity = "", None
    if isinstance(place, Location):
        urn, place = place.resource.urn, place.path
    else:
        urn = subject.urn
    if not (isinstance(message, str) and isinstance(place, str)):
        raise TypeError(f"a rule yields a message, or a message and its place, not {found!r}")
    return Finding(message, urn, place, fix, severity)


def _unknown_behind(error: BaseException) -> Unknown | None:
    """The unknown that a TypeError is about: code in C, such as json.loads and re, refuses it before it can speak up.

    It is looked for among the variables of the line of Python that made the call.
    """
    trace = error.__traceback__
    if not isinstance(error, TypeError) or trace is None:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return next((value for value in trace.tb_frame.f_locals.values() if isinstance(value, Unknown)), None)


def _describe(error: BaseException) -> str:
    """The exception with the file and line it came from, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception whose own text cannot be had, such as one about an unknown
        text = type(error).__name__
    return f"{' '.join(text.split())[:500]}{where}"
