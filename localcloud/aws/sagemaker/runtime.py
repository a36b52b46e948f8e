"""InvokeEndpoint: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Final

from localcloud.aws.sagemaker.endpoints import status
from localcloud.aws.sagemaker.model import ModelRefusal, predict
from localcloud.aws.sagemaker.store import ENDPOINTS
from localcloud.aws.settings import SETTINGS
from localcloud.aws.wire import AwsError, Response, answer
from localcloud.checkout import ACCOUNT

if TYPE_CHECKING:
    from localcloud.aws.wire import Request

PATH: Final = re.compile(r"/endpoints/([^/]+)/invocations")


def endpoint_of(request: Request) -> str | None:
    """Return the endpoint that a request invokes; None when it is not InvokeEndpoint."""
    found = PATH.fullmatch(request.path)
    return found[1] if found and request.method == "POST" else None


async def invoke(request: Request, name: str) -> Response:
    """Answer after the model's latency: one prediction a row, as text/csv or as JSON where that is asked for."""
    endpoint = ENDPOINTS.found.get(name)
    if endpoint is None or status(endpoint) == "Creating":
        raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
    await asyncio.sleep(SETTINGS.model_latency_ms / 1000)
    try:
        scores = predict(request.body, request.headers.get("content-type", ""))
    except ModelRefusal as refusal:
        return _refused(refusal, name)
    variant = max(endpoint["ProductionVariants"], key=lambda one: one["CurrentWeight"])["VariantName"]
    headers = {"x-amzn-invoked-production-variant": variant}
    if "application/json" in request.headers.get("accept", ""):
        body = json.dumps({"predictions": [{"score": one} for one in scores]}).encode()
        return Response(200, headers | {"content-type": "application/json"}, body)
    text = "\n".join(map(repr, scores))
    return Response(200, headers | {"content-type": "text/csv; charset=utf-8"}, text.encode())


def _refused(refusal: ModelRefusal, name: str) -> Response:
    message = (
        f'Received client error ({refusal.status}) from primary with message "{refusal.text}". '
        f"See /aws/sagemaker/Endpoints/{name} for more information."
    )
    body = {"Message": message, "OriginalStatusCode": refusal.status, "OriginalMessage": refusal.text}
    return answer(body, 424, **{"x-amzn-errortype": "ModelError"})
