"""Counts work, so that growth can be asserted without a clock."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from _typeshed import TraceFunction


def steps(call: Callable[[], object]) -> int:
    """Lines of Python that a call runs, each as often as it is run: work that does not depend on the machine.

    A line that loops, such as a comprehension, counts once for each turn. (Instructions would be counted as well as
    lines, and five times as slowly.)
    """
    count = 0

    def trace(_frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
