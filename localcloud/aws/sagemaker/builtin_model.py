"""The model of endpoints without an artefact: logistic regression with fixed weights, equal on every machine.

`score = 1 / (1 + exp(-(BIAS + sum of weight * feature)))`, with the weights of WEIGHTS in turn; a number from 0 to 1.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from itertools import cycle
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WEIGHTS: Final = (0.5, -0.25, 0.75, -0.5)
BIAS: Final = 0.1
STEEPEST: Final = 700.0  # exp() overflows a little later


class ContainerError(Exception):
    """An error of the container: HTTP status and text."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(text)


def score(features: Sequence[float]) -> float:
    """Return the prediction for one row."""
    total = BIAS + math.fsum(weight * feature for weight, feature in zip(cycle(WEIGHTS), features, strict=False))
    return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def rows(body: bytes, content_type: str) -> list[list[float]]:
    """Return the rows of CSV. Raises ContainerError for another content type or a value that is not a number."""
    if content_type.partition(";")[0].strip().lower() != "text/csv":
        raise ContainerError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type {content_type!r} is not supported.")
    try:
        found = [[float(value) for value in line.split(",")] for line in body.decode().splitlines() if line.strip()]
    except ValueError as error:
        raise ContainerError(HTTPStatus.BAD_REQUEST, f"Loading csv data failed: {error}") from error
    if not found:
        raise ContainerError(HTTPStatus.BAD_REQUEST, "Loading csv data failed: there is no row")
    if not all(math.isfinite(value) for row in found for value in row):
        raise ContainerError(HTTPStatus.BAD_REQUEST, "Loading csv data failed: a value is not finite")
    return found
