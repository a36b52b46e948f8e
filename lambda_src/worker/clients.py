"""The AWS clients that all functions share, made once per cold start from the environment.

Clients that only one function needs are in a module of their own, so that no function loads code which calls more than
its role permits. They are botocore's: boto3 makes the same clients, but its import makes a cold start a tenth longer.

Each call has two attempts: two timeouts of the model and those of a slow table together stay below the function's
timeout. What has no response by then is retried with the message's next delivery.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from botocore.config import Config
from botocore.session import get_session
from retry_schedule import RetryScheduler
from store import Tables, TransactionStore
from telemetry import Telemetry

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

STORE_TIMEOUT: Final = 3.0
"""Read timeout in seconds for DynamoDB, SQS and S3, which usually respond in milliseconds."""


def store(owner: str) -> TransactionStore:
    """The store with the tables named by RESULTS_TABLE and IDEMPOTENCY_TABLE, for one owner of claims.

    A claim lasts CLAIM_SECONDS, an id is remembered for IDEMPOTENCY_DAYS, a result for RESULT_DAYS (0: for ever).
    """
    return TransactionStore(_dynamodb(), _tables(), owner)


def new_owner() -> str:
    """A unique owner of claims."""
    return uuid4().hex


@cache
def retry_scheduler() -> RetryScheduler:
    """The retry scheduler; made when the first message fails."""
    return RetryScheduler(sqs())


def telemetry(context: object) -> Telemetry:
    """Logs and metrics of one invocation."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "worker")
    return Telemetry(function, str(getattr(context, "aws_request_id", "")))


def client(service: str, seconds: float) -> Any:
    """A client of a service. seconds: the read timeout of each of two attempts."""
    config = Config(connect_timeout=1.0, read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": 2})
    return _session().create_client(service, config=config)


@cache
def sqs() -> SQSClient:
    """The SQS client."""
    made: SQSClient = client("sqs", STORE_TIMEOUT)
    return made


@cache
def _dynamodb() -> DynamoDBClient:
    made: DynamoDBClient = client("dynamodb", STORE_TIMEOUT)
    return made


@cache
def _session() -> Session:
    """Shared by all clients: credentials, region, and service models."""
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
