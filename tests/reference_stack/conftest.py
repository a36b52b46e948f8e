"""The reference stack's program, run as Pulumi runs it: from its own folder, here with mocks in place of an engine."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from localcloud.checkout import ROOT
from policypack.testing import program

if TYPE_CHECKING:
    from policypack.model import Stack

PROGRAM = ROOT / "reference_stack"
sys.path.insert(0, str(PROGRAM))

Deploy = Callable[..., "Stack"]


@pytest.fixture
def configure() -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Set the stack's configuration for one test."""

    def set_all(values: Mapping[str, str]) -> None:
        pulumi.runtime.set_all_config({f"test:{key}": value for key, value in values.items()})

    yield set_all
    set_all({})


@pytest.fixture
def deploy(configure: Callable[[Mapping[str, str]], None]) -> Deploy:
    """Run the whole program in preview: `deploy(owner="team-a")` gives the stack it registers."""

    def run(**values: str) -> Stack:
        configure(values)
        return program(lambda: runpy.run_path(str(PROGRAM / "__main__.py")))

    return run


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the program exports while it runs."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", found.__setitem__)
    return found
