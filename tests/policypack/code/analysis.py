"""Analyze code in tests."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from policypack.code.aws_calls import find_aws_calls
from policypack.code.code_archive import CodeArchive
from policypack.model.values import Archive, Asset

if TYPE_CHECKING:
    from policypack.code.analysis_state import AwsCalls


def analyze_modules(**modules: str) -> AwsCalls:
    """Analyze modules given by name; `handler` is the module of the Lambda handler."""
    assets = {
        f"{name.replace('__', '/').replace('/init', '/__init__')}.py": Asset(text=dedent(text))
        for name, text in modules.items()
    }
    return analyze_archive(Archive(assets=assets))


def analyze_archive(archive: Archive, handler: str = "handler.handle") -> AwsCalls:
    """Analyze the code in an archive. `handler` is the Lambda handler, `module.function`."""
    code = CodeArchive(archive)
    try:
        calls = find_aws_calls(code, handler)
    finally:
        code.close()
    assert calls is not None
    return calls


def operations_of(calls: AwsCalls) -> set[str]:
    """The operations that are called, as `service.operation`."""
    return {".".join(call) for call in calls.operations}


def is_unavailable(archive: Archive) -> bool:
    """Whether the code of an archive is not available, so that it is not analyzed."""
    return find_aws_calls(CodeArchive(archive), "handler.handle") is None
