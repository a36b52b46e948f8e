"""The clients that all functions have, made once per cold start from the environment.

Those that only one has are in a module of its own: what a function loads calls no more than its role may. They are
botocore's: boto3 makes the same ones, and what else it loads makes a cold start a tenth longer.

Two attempts each: the two timeouts of the model and those of a slow store together stay below the function's timeout,
and what is still unanswered by then comes back with the next delivery.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.config import Config
from botocore.session import get_session
from deliveries import Deliveries
from store import Tables, TransactionStore
from telemetry import Telemetry

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STORE_TIMEOUT: Final = 3.0
"""Seconds for one answer of DynamoDB, SQS or S3, which takes milliseconds."""


def store(owner: str) -> TransactionStore:
    """The tables that RESULTS_TABLE and IDEMPOTENCY_TABLE name, for one owner of claims.

    A claim holds CLAIM_SECONDS, an id is remembered IDEMPOTENCY_DAYS, a result is kept RESULT_DAYS (0: for ever).
    """
    return TransactionStore(_dynamodb(), _tables(), owner)


def new_owner() -> str:
    """An owner of claims that nobody else is."""
    return uuid4().hex


@cache
def deliveries() -> Deliveries:
    """The way back to the queue: only a worker that meets a failure needs it."""
    return Deliveries(sqs())


def telemetry(context: object) -> Telemetry:
    """The log of one invocation."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "worker")
    return Telemetry(function, str(getattr(context, "aws_request_id", "")))


def client(service: str, seconds: float) -> Any:
    """A client of a service that waits so long for one answer, of two attempts."""
    config = Config(connect_timeout=1.0, read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": 2})
    return _session().create_client(service, config=config)


@cache
def sqs() -> SQSClient:
    """SQS."""
    made: SQSClient = client("sqs", STORE_TIMEOUT)
    return made


@cache
def _dynamodb() -> DynamoDBClient:
    made: DynamoDBClient = client("dynamodb", STORE_TIMEOUT)
    return made


@cache
def _session() -> Session:
    """What all clients have in common: credentials, region, and the descriptions of the services."""
    return get_session()


@cache
def _tables() -> Tables:
    return Tables(
        results=os.environ["RESULTS_TABLE"],
        claims=os.environ["IDEMPOTENCY_TABLE"],
        claim_seconds=float(os.environ["CLAIM_SECONDS"]),
        claim_days=int(os.environ["IDEMPOTENCY_DAYS"]),
        result_days=int(os.environ["RESULT_DAYS"]),
    )
