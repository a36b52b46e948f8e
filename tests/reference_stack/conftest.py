"""The reference stack's program, run as Pulumi runs it: from its own folder, here with mocks in place of an engine."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from localcloud.checkout import ROOT
from policypack import testing
from policypack.testing import program

if TYPE_CHECKING:
    from policypack.model import Stack

PROGRAM = ROOT / "reference_stack"
sys.path.insert(0, str(PROGRAM))

Deploy = Callable[..., "Stack"]

ZONES = {"names": ["eu-west-1c", "eu-west-1a", "eu-west-1b"], "id": "eu-west-1"}


@pytest.fixture(autouse=True)
def zones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer getAvailabilityZones, which the testing kit does not."""
    monkeypatch.setitem(testing._INVOKES, "aws:index/getAvailabilityZones:getAvailabilityZones", ZONES)


@pytest.fixture
def configure() -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Set the stack's configuration for one test."""

    def set_all(values: Mapping[str, str]) -> None:
        pulumi.runtime.set_all_config({f"test:{key}": value for key, value in values.items()})

    yield set_all
    set_all({})


@pytest.fixture(scope="session")
def deployed() -> dict[frozenset[tuple[str, str]], Stack]:
    """Cache the stacks of this run by configuration."""
    return {}


@pytest.fixture
def deploy(
    request: pytest.FixtureRequest,
    configure: Callable[[Mapping[str, str]], None],
    deployed: dict[frozenset[tuple[str, str]], Stack],
) -> Deploy:
    """Run the whole program in preview: `deploy(owner="team-a")` returns the registered stack."""

    def run(**values: str) -> Stack:
        kept = deployed.get(frozenset(values.items()))
        if kept is not None and "exports" not in request.fixturenames:  # exports are made by running
            return kept
        configure(values)
        stack = program(lambda: runpy.run_path(str(PROGRAM / "__main__.py")))
        deployed[frozenset(values.items())] = stack
        return stack

    return run


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The outputs that the program exports."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", found.__setitem__)
    return found


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings that the program logs, however the SDK delivers them."""
    messages: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    return messages
