"""The client that only the worker of a real-time endpoint needs."""

from __future__ import annotations

import os
from functools import cache

from clients import client
from model import EndpointModel


@cache
def model() -> EndpointModel:
    """The endpoint named by ENDPOINT_NAME, with a read timeout of MODEL_TIMEOUT_SECONDS."""
    runtime = client("sagemaker-runtime", float(os.environ["MODEL_TIMEOUT_SECONDS"]))
    return EndpointModel(runtime, os.environ["ENDPOINT_NAME"])
