"""Read code in tests."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from policypack.code.aws_calls import calls_of
from policypack.code.source import Code
from policypack.model.values import Archive, Asset

if TYPE_CHECKING:
    from policypack.code.analysis_state import Calls


def of(**modules: str) -> Calls:
    """Read modules, of which `handler` is where Lambda starts."""
    assets = {
        f"{name.replace('__', '/').replace('/init', '/__init__')}.py": Asset(text=dedent(text))
        for name, text in modules.items()
    }
    return at(Archive(assets=assets))


def at(archive: Archive) -> Calls:
    """Read an archive."""
    code = Code(archive)
    try:
        calls = calls_of(code, "handler.handle")
    finally:
        code.close()
    assert calls is not None
    return calls


def called(calls: Calls) -> set[str]:
    """What is called, as `service.operation`."""
    return {".".join(call) for call in calls.made}


def out_of_reach(archive: Archive) -> bool:
    """Whether nothing is said about an archive, since it is not where the pack can read it."""
    return calls_of(Code(archive), "handler.handle") is None
