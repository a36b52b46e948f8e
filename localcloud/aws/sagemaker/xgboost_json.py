"""Predictions of a model in XGBoost's JSON format, in plain Python.

The format: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html and doc/model.schema of XGBoost.
XGBoost computes in single precision, and so does this, so that values on a threshold take the same branch.
"""

from __future__ import annotations

import io
import json
import math
import struct
import tarfile
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAF: Final = -1
STEEPEST: Final = 88.0  # exp() of a single overflows a little later
_SINGLE: Final = struct.Struct("f")


class ModelFormatError(ValueError):
    """An unsupported model, and the reason."""


def single(value: float) -> float:
    """Round to single precision; too large values become infinite."""
    try:
        return float(_SINGLE.unpack(_SINGLE.pack(value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _sigmoid(margin: float) -> float:
    return single(1 / (1 + math.exp(min(-margin, STEEPEST))))


def _logit(chance: float) -> float:
    if not 0 < chance < 1:
        raise ModelFormatError(f"base_score {chance} is no probability")
    return single(-math.log(1 / chance - 1))


def _same(value: float) -> float:
    return value


_OBJECTIVES: Final[dict[str, tuple[Callable[[float], float], Callable[[float], float]]]] = {
    "binary:logistic": (_logit, _sigmoid),
    "binary:logitraw": (_logit, _same),
    "reg:logistic": (_logit, _sigmoid),
    "reg:squarederror": (_same, _same),
}
"""By objective, what makes a margin of the base score, and a prediction of the sum of margins."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as columns, one row per node. The condition of a leaf is its value."""

    left: Sequence[int]
    right: Sequence[int]
    feature: Sequence[int]
    condition: Sequence[float]
    default_left: Sequence[bool]

    def value(self, row: Sequence[float]) -> float:
        """The value of the leaf that a row, in single precision, reaches. NaN is a missing value."""
        node = 0
        while self.left[node] != LEAF:
            value = row[self.feature[node]]
            goes_left = self.default_left[node] if value != value else value < self.condition[node]  # noqa: PLR0124 - only NaN differs from itself
            node = self.left[node] if goes_left else self.right[node]
        return self.condition[node]


@dataclass(frozen=True, slots=True)
class Booster:
    """A loaded model. features: the number of values in a row."""

    trees: Sequence[Tree]
    features: int
    margin: float
    objective: str

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return one prediction per row. Raises ValueError for a row of another length."""
        return [self._predict(row) for row in rows]

    def _predict(self, row: Sequence[float]) -> float:
        if len(row) != self.features:
            raise ValueError(f"Feature shape mismatch, expected: {self.features}, got {len(row)}")
        values, margin = [single(value) for value in row], self.margin
        for tree in self.trees:
            margin = single(margin + tree.value(values))
        return _OBJECTIVES[self.objective][1](margin)


def unpack(archive: bytes) -> Booster:
    """Load the model from a `model.tar.gz` with one file. Raises ModelFormatError."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            files = [member for member in tar.getmembers() if member.isfile()]
            if len(files) != 1:
                raise ModelFormatError(f"the archive holds {len(files)} files instead of one model")
            content = tar.extractfile(files[0])
            return load(content.read() if content else b"")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ModelFormatError(f"the artefact is no .tar.gz: {error}") from error


def load(document: str | bytes) -> Booster:
    """Load a model. Raises ModelFormatError."""
    try:
        return _load(json.loads(document)["learner"])
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelFormatError(f"the model is not XGBoost's JSON: {error!r}") from error
    except ModelFormatError:
        raise
    except ValueError as error:
        raise ModelFormatError(f"the model is not XGBoost's JSON: {error}") from error


def _load(learner: dict[str, Any]) -> Booster:
    parameters, booster = learner["learner_model_param"], learner["gradient_booster"]
    objective, kind = learner["objective"]["name"], booster["name"]
    if kind != "gbtree" or objective not in _OBJECTIVES:
        raise ModelFormatError(f"{kind} of {objective} is none of gbtree of {', '.join(_OBJECTIVES)}")
    if int(parameters.get("num_class", 0)) > 1 or int(parameters.get("num_target", 1)) > 1:
        raise ModelFormatError("the model predicts several numbers a row")
    base = single(float(str(parameters["base_score"]).strip("[]")))  # a list of one from XGBoost 3.1 on
    features = int(parameters["num_feature"])
    trees = [_tree(each, features) for each in booster["model"]["trees"]]
    return Booster(trees, features, _OBJECTIVES[objective][0](base), objective)


def _tree(columns: dict[str, Any], features: int) -> Tree:
    """Check that every path ends in a leaf: children come after their parents."""
    if columns.get("categories_nodes"):
        raise ModelFormatError("the model splits by categories")
    tree = Tree(
        array("i", columns["left_children"]),
        array("i", columns["right_children"]),
        array("i", columns["split_indices"]),
        array("f", columns["split_conditions"]),
        [bool(left) for left in columns["default_left"]],
    )
    count = len(tree.left)
    if not count or {len(tree.right), len(tree.feature), len(tree.condition), len(tree.default_left)} != {count}:
        raise ModelFormatError("a tree's columns are not of one length")
    for node in range(count):
        if tree.left[node] == LEAF:
            continue
        if not (node < tree.left[node] < count and node < tree.right[node] < count):
            raise ModelFormatError(f"node {node} of a tree has children that are not below it")
        if not 0 <= tree.feature[node] < features:
            raise ModelFormatError(f"node {node} of a tree asks for feature {tree.feature[node]} of {features}")
    return tree
