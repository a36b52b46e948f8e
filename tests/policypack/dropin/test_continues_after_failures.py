"""Where pulumi_policy's server fails, ours goes on."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)

from tests.policypack.dropin.servers import Servers, analyze, answer

if TYPE_CHECKING:
    from collections.abc import Callable

MANDATORY = EnforcementLevel.MANDATORY


def exits(_: Any, report: ReportViolation) -> None:
    """End the process, as scripts do."""
    report("before", None)
    sys.exit(3)


async def exits_later(_: Any, __: Any) -> None:
    """End the process from a coroutine."""
    await asyncio.sleep(0)
    sys.exit("no reason")


async def is_cancelled(_: Any, __: Any) -> None:
    """Cancel itself, which is no Exception either."""
    raise asyncio.CancelledError


def interrupts(_: Any, __: Any) -> None:
    """Raise what Ctrl-C raises."""
    raise KeyboardInterrupt


def reports(_: Any, report: ReportViolation) -> None:
    """Report."""
    report("goes on", None)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (exits, "SystemExit(3)"),
        (exits_later, "SystemExit(no reason)"),
        (is_cancelled, "CancelledError()"),
        (interrupts, "KeyboardInterrupt()"),
    ],
)
def test_a_policy_that_ends_the_process(ends: Callable[..., Any], said: str) -> None:
    """It fails at its level, is told by name, exception and line; what it reported before is kept, and others go on."""

    def policies() -> list[Policy]:
        return [
            ResourceValidationPolicy("ends", "Ends.", ends, MANDATORY, severity=Severity.HIGH),
            ResourceValidationPolicy("after", "After.", reports),
            StackValidationPolicy("ends-stack", "Ends.", ends, EnforcementLevel.REMEDIATE),
            StackValidationPolicy("after-stack", "After.", reports),
        ]

    servers = Servers(policies)
    for method, request, name in (
        ("Analyze", analyze({}), "ends"),
        ("AnalyzeStack", analyzer_pb2.AnalyzeStackRequest(), "ends-stack"),
    ):
        *before, end, after = answer(servers.ours, method, request).diagnostics
        assert [one.message for one in before] == (["Ends.\nbefore"] if ends is exits else [])
        assert end.message.startswith(f"can't run policy '{name}' from policy pack 'somebodys-pack@v0.0.1': ")
        assert f"it raised {said} at {__file__}:" in end.message
        assert (end.enforcementLevel, end.policyName) == (analyzer_pb2.MANDATORY, name)
        assert end.severity == (analyzer_pb2.POLICY_SEVERITY_HIGH if name == "ends" else 0)
        assert after.message == "After.\ngoes on"


@pytest.mark.parametrize("ends", [exits, exits_later, interrupts])
def test_a_remediation_that_ends_the_process(ends: Callable[..., Any]) -> None:
    """It is told in the remediation's place, and later remediations run."""

    def policies() -> list[Policy]:
        return [
            ResourceValidationPolicy(
                "ends", "E.", remediate=lambda args: ends(args, _nobody), enforcement_level=EnforcementLevel.REMEDIATE
            ),
            ResourceValidationPolicy("after", "A.", remediate=adds, enforcement_level=EnforcementLevel.REMEDIATE),
        ]

    end, after = answer(Servers(policies).ours, "Remediate", analyze({})).remediations
    assert end.diagnostic.startswith(
        "can't run remediation 'ends' from policy pack 'somebodys-pack@v0.0.1': it raised "
    )
    assert not end.HasField("properties")
    assert dict(after.properties) == {"a": 1}


def adds(_: Any) -> Any:
    """Return new properties."""
    return {"a": 1}


def _nobody(_: str, __: str | None = None) -> None:
    """Hear nothing."""


def test_handshake_and_cancel() -> None:
    """Both are answered; pulumi_policy's server says that they are not implemented."""
    ours = Servers(lambda: [ResourceValidationPolicy("a", "A.", reports)]).ours
    assert answer(ours, "Handshake", analyzer_pb2.AnalyzerHandshakeRequest(engine_address="x")) == (
        analyzer_pb2.AnalyzerHandshakeResponse()
    )
    assert answer(ours, "Cancel", empty_pb2.Empty()) == empty_pb2.Empty()


def test_a_loop_that_a_policy_left_open_is_closed() -> None:
    """A coroutine that raises leaves no event loop behind."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def raises(_: ResourceValidationArgs, __: ReportViolation) -> None:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())
        raise LookupError

    Servers(lambda: [ResourceValidationPolicy("a", "A.", raises)]).agree("Analyze", analyze({}))
    stock, ours = loops
    assert ours.is_closed()
    stock.close()
