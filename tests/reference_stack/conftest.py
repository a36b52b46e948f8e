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
    """Answer the one question to AWS that most programs do not ask."""
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
    """Keep the stacks of this run by their configuration: what was registered does not change any more."""
    return {}


@pytest.fixture
def deploy(
    request: pytest.FixtureRequest,
    configure: Callable[[Mapping[str, str]], None],
    deployed: dict[frozenset[tuple[str, str]], Stack],
) -> Deploy:
    """Run the whole program in preview: `deploy(owner="team-a")` gives the stack it registers."""

    def run(**values: str) -> Stack:
        kept = deployed.get(frozenset(values.items()))
        if kept is not None and "exported" not in request.fixturenames:  # exports are made by running
            return kept
        configure(values)
        stack = program(lambda: runpy.run_path(str(PROGRAM / "__main__.py")))
        deployed[frozenset(values.items())] = stack
        return stack

    return run


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the program exports while it runs."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", found.__setitem__)
    return found


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program warns of, wherever the SDK would bring it: to the engine, or to the log of a test's mocks."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    return said
