"""The model in an artefact, as a container finds it in /opt/ml/model, if it is in XGBoost's JSON format."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlparse

from ministack.services import s3

from localcloud.aws.patching import private
from localcloud.aws.sagemaker import xgboost_json
from localcloud.aws.sagemaker.builtin_model import score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Document = dict[str, Any]

get_object = private(s3, "_get_object_data")
buckets = private(s3, "_buckets")

NAMES: Final = ("xgboost-model", ".json")
"""The suffix of a file that XGBoost's container loads as the model."""


@dataclass(frozen=True)
class LoadedModel:
    """A loaded model: the predictor, and the role with which it acts."""

    predict: Callable[[Sequence[Sequence[float]]], list[float]]
    role: str


class ArtefactError(Exception):
    """A model that its container cannot load."""


def load(model: Document) -> LoadedModel:
    """Return the loaded model of an artefact, by default the built-in one.

    Raises ArtefactError for a file that is named as XGBoost's JSON and cannot be loaded.
    """
    role = str(model.get("ExecutionRoleArn") or "")
    for container in [*filter(None, [model.get("PrimaryContainer")]), *(model.get("Containers") or [])]:
        for name, text in _files(container):
            if name.endswith(NAMES):
                try:
                    return LoadedModel(xgboost_json.load(text).predict, role)
                except xgboost_json.ModelFormatError as error:
                    raise ArtefactError(f"{name} cannot be loaded: {error}") from error
    return LoadedModel(_built_in, role)


def _built_in(rows: Sequence[Sequence[float]]) -> list[float]:
    return [score(row) for row in rows]


def _files(container: Document) -> Iterator[tuple[str, bytes]]:
    """The files of an artefact: those of an archive in S3, or all objects with a prefix."""
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    if source.get("S3DataType") == "S3Prefix":
        place = urlparse(source["S3Uri"])
        prefix = place.path.lstrip("/")
        for key in sorted((buckets.get(place.netloc) or {"objects": {}})["objects"]):
            if key.startswith(prefix):
                yield key, get_object(place.netloc, key) or b""
        return
    place = urlparse(container.get("ModelDataUrl") or source.get("S3Uri") or "")
    archive = get_object(place.netloc, place.path.lstrip("/")) if place.netloc else None
    try:
        with tarfile.open(fileobj=io.BytesIO(archive or b""), mode="r:*") as files:
            for member in files:
                opened = files.extractfile(member) if member.isfile() else None
                if opened is not None:
                    yield member.name, opened.read()
    except (tarfile.TarError, EOFError):
        return  # not an archive: the built-in model asks for none
