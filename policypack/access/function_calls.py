"""The AWS API calls of the functions of a stack, read from the Python source in their deployment packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model import Archive, Undecided, is_unknown

if TYPE_CHECKING:
    from policypack.code.analysis_state import AwsCalls
    from policypack.model import Resource, Stack


class FunctionCalls:
    """The calls of each function of a stack; the code of a function is read once, when it is first asked for."""

    def __init__(self, _: Stack) -> None:
        self._calls: dict[str, AwsCalls | None] = {}

    def of(self, function: Resource) -> AwsCalls | None:
        """The AWS API calls of a function; None if its code is not Python in a local archive."""
        if function.urn not in self._calls:
            self._calls[function.urn] = _read(function)
        return self._calls[function.urn]


def _read(function: Resource) -> AwsCalls | None:
    archive, runtime, handler = (function.get(path) for path in ("code", "runtime", "handler"))
    if is_unknown(runtime) or not str(runtime or "").startswith("python"):
        return None
    if not isinstance(archive, Archive) or not isinstance(handler, str) or archive.uri:
        return None
    from policypack.code.aws_calls import find_aws_calls  # noqa: PLC0415 - only where there is code to judge
    from policypack.code.code_archive import CodeArchive  # noqa: PLC0415 - the same

    code = CodeArchive(archive)
    try:
        return find_aws_calls(code, handler)
    finally:
        code.close()


def unresolved(calls: AwsCalls) -> Undecided:
    """The reason why a function may make more calls than were found: the code at this place cannot be followed."""
    return Undecided(f"code ({calls.unresolved})")
