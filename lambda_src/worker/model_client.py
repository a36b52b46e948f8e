"""The client of the worker for an endpoint that answers at once."""

from __future__ import annotations

import os
from functools import cache

from clients import client
from model import EndpointModel


@cache
def model() -> EndpointModel:
    """The endpoint that ENDPOINT_NAME names, which has MODEL_TIMEOUT_SECONDS to answer."""
    runtime = client("sagemaker-runtime", float(os.environ["MODEL_TIMEOUT_SECONDS"]))
    return EndpointModel(runtime, os.environ["ENDPOINT_NAME"])
