"""Read code in tests."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from policypack.code.aws_calls import find_aws_calls
from policypack.code.code_archive import CodeArchive
from policypack.model.values import Archive, Asset

if TYPE_CHECKING:
    from policypack.code.analysis_state import AwsCalls


def of(**modules: str) -> AwsCalls:
    """Read modules, of which `handler` is where Lambda starts."""
    assets = {
        f"{name.replace('__', '/').replace('/init', '/__init__')}.py": Asset(text=dedent(text))
        for name, text in modules.items()
    }
    return at(Archive(assets=assets))


def at(archive: Archive, handler: str = "handler.handle") -> AwsCalls:
    """Read an archive. handler: `module.function` where Lambda starts."""
    code = CodeArchive(archive)
    try:
        calls = find_aws_calls(code, handler)
    finally:
        code.close()
    assert calls is not None
    return calls


def called(calls: AwsCalls) -> set[str]:
    """What is called, as `service.operation`."""
    return {".".join(call) for call in calls.operations}


def out_of_reach(archive: Archive) -> bool:
    """Whether nothing is said about an archive, since it is not where the pack can read it."""
    return find_aws_calls(CodeArchive(archive), "handler.handle") is None
