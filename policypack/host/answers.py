"""Diagnostics in the engine's format, within its limit on the size of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi.runtime.proto import analyzer_pb2

from policypack.rule import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.judge.diagnostics import Diagnostic
    from policypack.rule_pack import Pack

WIRE_LEVELS: Final = {0: Level.ADVISORY, 1: Level.MANDATORY, 2: Level.DISABLED, 3: Level.REMEDIATE}
LEVELS_ON_WIRE: Final = {level: number for number, level in WIRE_LEVELS.items()}
LARGEST: Final = 3_500_000  # bytes; the engine refuses 4 MiB
SEVERITIES_ON_WIRE: Final = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}


def response(pack: Pack, diagnostics: Sequence[Diagnostic], report: str) -> analyzer_pb2.AnalyzeResponse:
    """The answer that holds these diagnostics, as far as they fit. `report` says where the rest is found."""
    return analyzer_pb2.AnalyzeResponse(diagnostics=_fitting([_on_wire(pack, each) for each in diagnostics], report))


def _on_wire(pack: Pack, diagnostic: Diagnostic) -> analyzer_pb2.AnalyzeDiagnostic:
    """One line of the engine's policy section."""
    return analyzer_pb2.AnalyzeDiagnostic(
        policyName=diagnostic.source.id,
        policyPackName=pack.name,
        policyPackVersion=pack.version,
        description=diagnostic.source.why,
        message=diagnostic.message,
        enforcementLevel=LEVELS_ON_WIRE[diagnostic.level],  # type: ignore[arg-type] # generated enums are ints
        urn=diagnostic.urn,
        severity=SEVERITIES_ON_WIRE[diagnostic.severity],  # type: ignore[arg-type] # the same
    )


def _fitting(diagnostics: list[analyzer_pb2.AnalyzeDiagnostic], report: str) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    """The diagnostics that fit into the engine's size limit: first those that stop the run."""
    if sum(map(_size, diagnostics)) <= LARGEST:
        return diagnostics
    room, kept = LARGEST, []
    for each in sorted(diagnostics, key=lambda found: found.enforcementLevel == LEVELS_ON_WIRE[Level.ADVISORY]):
        room -= _size(each)
        if room < 0:
            break
        kept.append(each)
    last = analyzer_pb2.AnalyzeDiagnostic()
    last.CopyFrom(kept[-1] if kept else diagnostics[0])
    last.enforcementLevel = LEVELS_ON_WIRE[Level.ADVISORY]  # type: ignore[assignment] # generated enums are ints
    count = f"{len(diagnostics) - len(kept):,}"
    last.message = f"{count} more findings are not shown: the engine limits the size of a response. {report}"
    return [*kept, last]


def _size(each: analyzer_pb2.AnalyzeDiagnostic) -> int:
    return each.ByteSize() + 8  # with its length and tag in the answer
