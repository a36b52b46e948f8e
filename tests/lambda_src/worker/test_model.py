"""The client of a SageMaker endpoint, against a real HTTP server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from messages import UnavailableError
from model import EndpointModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lambda_src.worker.conftest import FakeRuntime

ROWS = [(1.0, 2.0, 3.0, 4.0), (0.5, -1e-7, 1e300, 0.1)]


pytestmark = pytest.mark.usefixtures("credentials")


@pytest.fixture
def model(runtime: FakeRuntime) -> EndpointModel:
    """The endpoint `forecast`, with one attempt and a read timeout of 0.5 s."""
    config = Config(read_timeout=0.5, retries={"total_max_attempts": 1})
    client: Any = boto3.client("sagemaker-runtime", endpoint_url=runtime.url, config=config)
    return EndpointModel(client, "forecast")


def test_all_rows_are_sent_in_one_request(model: EndpointModel, runtime: FakeRuntime) -> None:
    """One row per line, with all digits."""
    assert model.predict(ROWS) == [0.5, 0.5]
    assert runtime.requests == [
        ("/endpoints/forecast/invocations", "text/csv", "1.0,2.0,3.0,4.0\n0.5,-1e-07,1e+300,0.1"),
    ]


@pytest.mark.parametrize(
    ("answer", "predictions"),
    [
        ("0.25,0.75", [0.25, 0.75]),  # what XGBoost's container answers to text/csv
        ("0.25\n0.75\n", [0.25, 0.75]),
        ("0.25\r\n0.75\r\n", [0.25, 0.75]),
        (" 1e-3 , -2 ", [0.001, -2.0]),
        ("0.25", [0.25]),  # too few: the logic's to judge
        ("", []),
        ("\n", []),
    ],
)
def test_predictions_are_separated_by_commas_or_newlines(
    model: EndpointModel, runtime: FakeRuntime, answer: str, predictions: list[float]
) -> None:
    """SageMaker's containers use both."""
    runtime.answer = lambda _: answer
    assert model.predict(ROWS) == predictions


@pytest.mark.parametrize("answer", ["0.25,,0.75", "0.25,error,0.75", b"0.25,\xff,0.75"])
def test_an_invalid_number_becomes_nan(model: EndpointModel, runtime: FakeRuntime, answer: str | bytes) -> None:
    """The other predictions keep their positions."""
    runtime.answer = lambda _: answer
    first, second, third = model.predict([*ROWS, ROWS[0]])
    assert (first, third) == (0.25, 0.75)
    assert math.isnan(second)


def return_error(runtime: FakeRuntime) -> None:
    """The container returns an error."""
    runtime.status = 424


def cut_connection(runtime: FakeRuntime) -> None:
    """The connection is closed in the middle of the response."""
    runtime.hang_up = True


def time_out(runtime: FakeRuntime) -> None:
    """The response does not arrive in time."""
    runtime.response_gate.clear()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (return_error, "the model answers ModelError"),
        (cut_connection, "the model does not answer"),
        (time_out, "the model does not answer: Read timeout"),
    ],
)
def test_errors_of_the_model_are_unavailable(
    model: EndpointModel, runtime: FakeRuntime, fault: Callable[[FakeRuntime], None], reason: str
) -> None:
    """The request must be retried later."""
    fault(runtime)
    with pytest.raises(UnavailableError, match=reason):
        model.predict(ROWS)
