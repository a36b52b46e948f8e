"""The one place where clients are made and the environment is read, once per cold start."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from deliveries import Deliveries
from model import EndpointModel
from store import ResultsTable

if TYPE_CHECKING:
    from logic import Model, Store

STORE_TIMEOUT: Final = 3.0
"""Seconds for one answer of DynamoDB, which takes milliseconds: after two without one the batch gives up on it."""


@cache
def ports() -> tuple[Model, Store]:
    """Make the model and the store that RESULTS_TABLE, ENDPOINT_NAME and MODEL_TIMEOUT_SECONDS name.

    Two attempts each: the model's two timeouts and a slow store together stay below the function's timeout, and what
    is still unanswered by then comes back with the next delivery.
    """
    runtime = boto3.client("sagemaker-runtime", config=_patience(float(os.environ["MODEL_TIMEOUT_SECONDS"])))
    dynamodb = boto3.client("dynamodb", config=_patience(STORE_TIMEOUT))
    return (
        EndpointModel(runtime, os.environ["ENDPOINT_NAME"]),
        ResultsTable(dynamodb, os.environ["RESULTS_TABLE"]),
    )


@cache
def deliveries() -> Deliveries:
    """Make the way back to the queue: only a worker that meets a poison message needs it."""
    return Deliveries(boto3.client("sqs", config=_patience(STORE_TIMEOUT)))


def _patience(seconds: float) -> Config:
    return Config(
        connect_timeout=1.0,
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
