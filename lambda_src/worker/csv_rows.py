"""CSV encoding of rows of numbers, as SageMaker's built-in containers read and write it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CSV: Final = "text/csv"
SEPARATOR: Final = re.compile(r",|\r?\n")


def encode_csv(rows: Sequence[Sequence[float]]) -> bytes:
    """Encode one row per line, with all digits of each number."""
    return "\n".join(",".join(map(repr, row)) for row in rows).encode()


def decode_csv(body: bytes) -> list[float]:
    """Decode numbers separated by commas or newlines; NaN for a value that is not a number."""
    text = body.decode(errors="replace").strip()
    return [_number(cell) for cell in SEPARATOR.split(text)] if text else []


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
