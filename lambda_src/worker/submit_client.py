"""The clients of the worker for an endpoint that answers later."""

from __future__ import annotations

import os
from functools import cache

from clients import STORE_TIMEOUT, client
from handing_in import HandingIn


@cache
def handing_in() -> HandingIn:
    """The endpoint that ENDPOINT_NAME names, whose batches lie in BATCH_BUCKET."""
    runtime = client("sagemaker-runtime", STORE_TIMEOUT)
    s3 = client("s3", STORE_TIMEOUT)
    return HandingIn(runtime, s3, os.environ["ENDPOINT_NAME"], os.environ["BATCH_BUCKET"])
