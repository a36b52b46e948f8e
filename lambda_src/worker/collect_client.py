"""The clients that only the collector needs."""

from __future__ import annotations

import os
from functools import cache

from async_requeue import Requeuer
from async_results import AsyncResults
from clients import STORE_TIMEOUT, client, sqs


@cache
def async_results() -> AsyncResults:
    """The batches and results in BATCH_BUCKET."""
    return AsyncResults(client("s3", STORE_TIMEOUT), os.environ["BATCH_BUCKET"])


@cache
def requeuer() -> Requeuer:
    """Sends items to WORK_QUEUE_URL, or after too many attempts to DEAD_LETTER_QUEUE_URL."""
    return Requeuer(sqs(), os.environ["WORK_QUEUE_URL"], os.environ["DEAD_LETTER_QUEUE_URL"])
