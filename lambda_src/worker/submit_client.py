"""The clients that only the worker of an asynchronous endpoint needs."""

from __future__ import annotations

import os
from functools import cache

from async_model import AsyncEndpointModel
from clients import STORE_TIMEOUT, client


@cache
def async_model() -> AsyncEndpointModel:
    """The endpoint named by ENDPOINT_NAME, whose batches are in BATCH_BUCKET."""
    runtime = client("sagemaker-runtime", STORE_TIMEOUT)
    s3 = client("s3", STORE_TIMEOUT)
    return AsyncEndpointModel(runtime, s3, os.environ["ENDPOINT_NAME"], os.environ["BATCH_BUCKET"])
