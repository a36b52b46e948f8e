"""Rows of numbers as CSV, which SageMaker's built-in containers read and write."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CSV: Final = "text/csv"
SEPARATOR: Final = re.compile(r",|\r?\n")


def rows_of(rows: Sequence[Sequence[float]]) -> bytes:
    """CSV, a row a line, numbers in full."""
    return "\n".join(",".join(map(repr, row)) for row in rows).encode()


def values_of(body: bytes) -> list[float]:
    """The numbers of a CSV body, separated by commas or lines; NaN for what is no number."""
    text = body.decode(errors="replace").strip()
    return [_number(cell) for cell in SEPARATOR.split(text)] if text else []


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
