"""The default model: training, archive, and predictions compared with XGBoost's."""

from __future__ import annotations

import copy
import gzip
import io
import json
import math
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from default_model.data import FEATURES, generate, likelihood
from default_model.train import ARCHIVE, pack, train
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.sagemaker.xgboost_json import Booster, ModelFormatError, load, unpack
from localcloud.checkout import ROOT

FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "xgboost_predictions.json").read_text())
"""What XGBoost itself predicts, for our model and for models that it made; `made_by` says which version."""


def frozen(name: str) -> tuple[Booster, list[list[float]], list[float]]:
    """A model, rows, and XGBoost's predictions for them. A None in a row is a missing value."""
    kept = FROZEN[name]
    booster = load(json.dumps(kept["model"])) if "model" in kept else unpack(ARCHIVE.read_bytes())
    return (
        booster,
        [[math.nan if value is None else value for value in row] for row in kept["rows"]],
        kept["predictions"],
    )


@pytest.mark.parametrize("name", ["default", "logistic", "squared"])
def test_predictions_equal_those_of_xgboost(name: str) -> None:
    """Up to the last bit of single precision: on thresholds, far from them, and with missing values."""
    booster, rows, expected = frozen(name)
    assert booster.predict(rows) == pytest.approx(expected, rel=2e-7, abs=1e-9)


def test_training_is_reproducible() -> None:
    """The committed archive is what the script writes, in another process too."""
    module = "default_model.train"
    script = f"import sys; from {module} import pack, train; sys.stdout.buffer.write(pack(train()))"
    fresh = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "reference_stack", check=True, capture_output=True
    ).stdout
    assert fresh == ARCHIVE.read_bytes() == pack(train())


def test_the_format_of_the_archive() -> None:
    """A gzipped tar with one JSON file, without user names and times."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(ARCHIVE.read_bytes()))) as tar:
        (member,) = tar.getmembers()
    assert (member.name, member.mtime, member.uid, member.uname) == ("xgboost-model.json", 0, 0, "")


def test_the_model_is_close_to_the_best_possible_loss() -> None:
    """On unseen rows, much closer to the best possible loss than to a guess."""
    rows = generate(2_000, seed=99)
    labels = [row.label for row in rows]
    share = sum(labels) / len(labels)
    ours, guess, best = (
        _log_loss(labels, chances)
        for chances in (
            unpack(ARCHIVE.read_bytes()).predict([row.features for row in rows]),
            [share] * len(rows),
            [likelihood(row.features) for row in rows],
        )
    )
    assert best < ours < best + 0.2 * (guess - best)


def _log_loss(labels: list[int], chances: list[float]) -> float:
    """The mean logarithmic loss."""
    return -math.fsum(
        math.log(chance if label else 1 - chance) for label, chance in zip(labels, chances, strict=True)
    ) / len(labels)


def document() -> dict[str, Any]:
    """The model as XGBoost's JSON."""
    found: dict[str, Any] = json.loads(train(60))
    return found


def test_a_row_of_another_length_is_rejected() -> None:
    """As by XGBoost's container."""
    with pytest.raises(ValueError, match="Feature shape mismatch, expected: 4, got 3"):
        load(json.dumps(document())).predict([[0.1] * FEATURES, [0.1] * 3])


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("objective", "name"), "multi:softprob", "none of gbtree of"),
        (("gradient_booster", "name"), "dart", "none of gbtree of"),
        (("learner_model_param", "num_class"), "3", "several numbers a row"),
        (("learner_model_param", "base_score"), "2", "no probability"),
        (("learner_model_param", "base_score"), "half", "not XGBoost's JSON"),
        (("gradient_booster", "model", "trees", 0, "categories_nodes"), [0], "splits by categories"),
        (("gradient_booster", "model", "trees", 0, "left_children", 0), 0, "not below it"),  # it would never end
        (("gradient_booster", "model", "trees", 0, "right_children", 0), 99, "not below it"),
        (("gradient_booster", "model", "trees", 0, "split_indices", 0), 4, "asks for feature 4 of 4"),
        (("gradient_booster", "model", "trees", 0, "default_left"), [], "not of one length"),
        (("gradient_booster", "model", "trees", 0, "split_conditions"), None, "not XGBoost's JSON"),
    ],
)
def test_unsupported_models_are_rejected(path: tuple[str | int, ...], value: object, says: str) -> None:
    """With a reason, when the model is loaded."""
    changed = document()
    part: Any = changed["learner"]
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ModelFormatError, match=says):
        load(json.dumps(changed))


@pytest.mark.parametrize(
    "archive",
    [b"", b"model", gzip.compress(b"model", mtime=0), ARCHIVE.read_bytes()[:9_000]],
    ids=["empty", "text", "no tar", "cut short"],
)
def test_invalid_archives_are_rejected(archive: bytes) -> None:
    """Truncated, empty, or in another format."""
    with pytest.raises(ModelFormatError, match=r"no \.tar\.gz"):
        unpack(archive)


def test_an_archive_with_several_files_is_rejected() -> None:
    """It is unclear which of them is the model."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name in ("a", "b"):
            tar.addfile(tarfile.TarInfo(name))
    with pytest.raises(ModelFormatError, match="holds 2 files"):
        unpack(data.getvalue())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SMALL = document()
PLACES = [
    (),
    ("learner",),
    ("learner", "learner_model_param"),
    ("learner", "learner_model_param", "num_feature"),
    ("learner", "gradient_booster", "model"),
    ("learner", "gradient_booster", "model", "trees"),
    *(("learner", "gradient_booster", "model", "trees", 0, name) for name in ("left_children", "split_conditions")),
    ("learner", "gradient_booster", "model", "trees", 0, "split_indices"),
]


@given(st.sampled_from(PLACES), JSON)
def test_arbitrary_documents_are_loaded_or_rejected(path: tuple[str | int, ...], value: object) -> None:
    """Without a crash and without an endless prediction."""
    changed = copy.deepcopy({"": SMALL})
    part: Any = changed
    for step in ("", *path)[:-1]:
        part = part[step]
    part[("", *path)[-1]] = value
    try:
        booster = load(json.dumps(changed[""]))
    except ModelFormatError:
        return
    if booster.features < 1_000:  # a row of 10 ** 12 numbers would not fit into memory
        assert len(booster.predict([[0.5] * booster.features])) == 1
