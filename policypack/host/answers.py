"""What is said to the engine: diagnostics, each once, and never more than fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi.runtime.proto import analyzer_pb2

from policypack.judge.settings import LEVELS_ON_WIRE
from policypack.rule import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.judge.settings import Notice
    from policypack.rule import Rule

LARGEST: Final = 3_500_000  # bytes; the engine refuses 4 MiB
_SEVERITIES: Final = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}


def severity(source: Rule | Notice) -> int:
    """The severity as the engine numbers it."""
    return _SEVERITIES[source.severity]


def diagnostic(
    pack: tuple[str, str],
    source: Rule | Notice,
    level: Level,
    urn: str,
    message: str,
    *,
    graver: Severity | None = None,
) -> analyzer_pb2.AnalyzeDiagnostic:
    """One line of the engine's policy section. `graver` is the severity of this one finding, if it has its own."""
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=source.id,
        policyPackName=pack[0],
        policyPackVersion=pack[1],
        description=source.why,
        message=message,
        enforcementLevel=LEVELS_ON_WIRE[level],  # type: ignore[arg-type] # generated enums are ints
        urn=urn,
        severity=_SEVERITIES[graver or source.severity],  # type: ignore[arg-type] # the same
    )


def fitting(diagnostics: Sequence[analyzer_pb2.AnalyzeDiagnostic], report: str) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """What the engine can take: those that stop the run first. `report` says where the rest is found."""
    if sum(map(_size, diagnostics)) <= LARGEST:
        return list(diagnostics)
    room, kept = LARGEST, []
    for each in sorted(diagnostics, key=lambda found: found.enforcementLevel == LEVELS_ON_WIRE[Level.ADVISORY]):
        room -= _size(each)
        if room < 0:
            break
        kept.append(each)
    last = analyzer_pb2.AnalyzeDiagnostic()
    last.CopyFrom(kept[-1] if kept else diagnostics[0])
    last.enforcementLevel = LEVELS_ON_WIRE[Level.ADVISORY]  # type: ignore[assignment] # generated enums are ints
    last.message = f"{len(diagnostics) - len(kept):,} more findings are left out: more than the engine takes. {report}"
    return [*kept, last]


def _size(each: analyzer_pb2.AnalyzeDiagnostic) -> int:
    return each.ByteSize() + 8  # with its length and tag in the answer
