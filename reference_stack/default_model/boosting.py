"""Gradient boosting of decision trees for binary classification, as XGBoost's `binary:logistic`, in plain Python.

Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System", 2016: https://arxiv.org/abs/1603.02754 (algorithm 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS: Final = 6
"""Decimal places of the model's numbers: rounding hides differences of exp() in the last bit."""


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """Hyperparameters. XGBoost's names: num_round, max_depth, eta, lambda, gamma and min_child_weight."""

    rounds: int = 24
    depth: int = 3
    rate: float = 0.3
    regularisation: float = 1.0
    least_gain: float = 0.1
    least_weight: float = 2.0


@dataclass(slots=True)
class Node:
    """A node of a tree. A leaf has no feature; its value is added to the score."""

    value: float
    weight: float
    feature: int = -1
    threshold: float = 0.0
    gain: float = 0.0
    children: list[Node] = field(default_factory=list)

    def score(self, features: Sequence[float]) -> float:
        """The value of the leaf that a row reaches: left if the feature is below the threshold."""
        node = self
        while node.children:
            node = node.children[features[node.feature] >= node.threshold]
        return node.value


@dataclass(frozen=True, slots=True)
class _Gradients:
    """First and second derivatives of the loss, by row."""

    first: Sequence[float]
    second: Sequence[float]

    def of(self, rows: Sequence[int]) -> tuple[float, float]:
        return math.fsum(self.first[row] for row in rows), math.fsum(self.second[row] for row in rows)


def boost(features: Sequence[Sequence[float]], labels: Sequence[int], how: Boosting) -> list[Node]:
    """Train trees whose sum is the log-odds. The initial score is 0: even odds."""
    scores = [0.0] * len(labels)
    trees = []
    for _ in range(how.rounds):
        chances = [1 / (1 + math.exp(-score)) for score in scores]
        gradients = _Gradients(
            [chance - label for chance, label in zip(chances, labels, strict=True)],
            [chance * (1 - chance) for chance in chances],
        )
        tree = _grow(features, gradients, list(range(len(labels))), how, how.depth)
        scores = [score + tree.score(row) for score, row in zip(scores, features, strict=True)]
        trees.append(tree)
    return trees


def _grow(
    features: Sequence[Sequence[float]], gradients: _Gradients, rows: list[int], how: Boosting, depth: int
) -> Node:
    first, second = gradients.of(rows)
    node = Node(round(-how.rate * first / (second + how.regularisation), DIGITS), round(second, DIGITS))
    found = _split(features, gradients, rows, how) if depth else None
    if found is None:
        return node
    node.gain, node.feature, node.threshold = found
    parts: tuple[list[int], list[int]] = ([], [])
    for row in rows:
        parts[features[row][node.feature] >= node.threshold].append(row)
    node.children = [_grow(features, gradients, part, how, depth - 1) for part in parts]
    return node


def _split(
    features: Sequence[Sequence[float]], gradients: _Gradients, rows: list[int], how: Boosting
) -> tuple[float, int, float] | None:
    """The best split: gain, feature, threshold. None if no split gains enough."""
    first, second = gradients.of(rows)
    whole = first * first / (second + how.regularisation)
    best: tuple[float, int, float] | None = None
    for feature in range(len(features[0])):
        ordered = sorted(rows, key=lambda row: features[row][feature])
        left_first = left_second = 0.0
        for row, following in pairwise(ordered):
            left_first, left_second = left_first + gradients.first[row], left_second + gradients.second[row]
            below, above = features[row][feature], features[following][feature]
            right_first, right_second = first - left_first, second - left_second
            if below == above or min(left_second, right_second) < how.least_weight:
                continue
            gain = round(
                left_first * left_first / (left_second + how.regularisation)
                + right_first * right_first / (right_second + how.regularisation)
                - whole,
                DIGITS,
            )
            if gain > how.least_gain and (best is None or gain > best[0]):
                best = (gain, feature, round((below + above) / 2, DIGITS))
    return best
