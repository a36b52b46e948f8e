"""A small data set that is generated, the same on every machine: 4 numbers from 0 to 1, and whether something is so.

Whatever it stands for, it takes a model: the answer depends on two features each by itself, and on two only together.
"""

from __future__ import annotations

import math
import random
from typing import Final, NamedTuple

FEATURES: Final = 4
SEED: Final = 20_250_101


class Row(NamedTuple):
    """One observation; label: 1 where it is so, else 0."""

    features: tuple[float, ...]
    label: int


def generate(count: int, seed: int = SEED) -> list[Row]:
    """Observations, with as much chance in them as real ones have."""
    chance = random.Random(seed)  # noqa: S311 - a data set that is the same every time, not a secret
    rows = []
    for _ in range(count):
        features = tuple(round(chance.random(), 4) for _ in range(FEATURES))
        rows.append(Row(features, int(chance.random() < likelihood(features))))
    return rows


def likelihood(features: tuple[float, ...]) -> float:
    """How likely it is so: what a model can learn at best."""
    first, second, third, fourth = features
    together = 1.0 if third > 0.5 and fourth > 0.5 else 0.0  # noqa: PLR2004 - the middle
    return 1 / (1 + math.exp(-(4 * first - 3 * second + 3 * together - 1)))
