"""The clients of the collector."""

from __future__ import annotations

import os
from functools import cache

from answers import Answers
from clients import STORE_TIMEOUT, client, sqs
from outbox import Outbox


@cache
def answers() -> Answers:
    """The answers in BATCH_BUCKET."""
    return Answers(client("s3", STORE_TIMEOUT), os.environ["BATCH_BUCKET"])


@cache
def outbox() -> Outbox:
    """The way back: to WORK_QUEUE_URL, or at last to DEAD_LETTER_QUEUE_URL."""
    return Outbox(sqs(), os.environ["WORK_QUEUE_URL"], os.environ["DEAD_LETTER_QUEUE_URL"])
