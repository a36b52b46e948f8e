"""A small synthetic data set, the same on every machine: 4 numbers from 0 to 1, and a binary label.

The label depends on two features separately, and on the other two only in combination.
"""

from __future__ import annotations

import math
import random
from typing import Final, NamedTuple

FEATURES: Final = 4
SEED: Final = 20_250_101


class Row(NamedTuple):
    """One observation; label: 0 or 1."""

    features: tuple[float, ...]
    label: int


def generate(count: int, seed: int = SEED) -> list[Row]:
    """Observations with random features, and labels drawn with their likelihood."""
    chance = random.Random(seed)  # noqa: S311 - a data set that is the same every time, not a secret
    rows = []
    for _ in range(count):
        features = tuple(round(chance.random(), 4) for _ in range(FEATURES))
        rows.append(Row(features, int(chance.random() < likelihood(features))))
    return rows


def likelihood(features: tuple[float, ...]) -> float:
    """The probability of label 1: the best that a model can learn."""
    first, second, third, fourth = features
    together = 1.0 if third > 0.5 and fourth > 0.5 else 0.0  # noqa: PLR2004 - the middle
    return 1 / (1 + math.exp(-(4 * first - 3 * second + 3 * together - 1)))
