"""The client of the worker for an endpoint that answers at once."""

from __future__ import annotations

import os
from functools import cache

import boto3
from clients import patience
from model import EndpointModel


@cache
def model() -> EndpointModel:
    """The endpoint that ENDPOINT_NAME names, which has MODEL_TIMEOUT_SECONDS to answer."""
    runtime = boto3.client("sagemaker-runtime", config=patience(float(os.environ["MODEL_TIMEOUT_SECONDS"])))
    return EndpointModel(runtime, os.environ["ENDPOINT_NAME"])
