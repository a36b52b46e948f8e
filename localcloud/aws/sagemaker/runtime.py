"""InvokeEndpoint: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from localcloud.aws.http_messages import AwsError, Response, json_response
from localcloud.aws.sagemaker.builtin_model import ContainerError, rows
from localcloud.aws.sagemaker.endpoints import status
from localcloud.aws.sagemaker.resource_store import ENDPOINTS
from localcloud.aws.settings import SETTINGS
from localcloud.checkout import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localcloud.aws.http_messages import Request
    from localcloud.aws.sagemaker.resource_store import Document

PATH: Final = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")

BUSY: dict[str, int] = {}
"""Requests that each serverless endpoint works on."""


def endpoint_of(request: Request) -> str | None:
    """Return the name of the endpoint that a request invokes, else None."""
    found = PATH.fullmatch(request.path)
    return found[1] if found and request.method == "POST" else None


async def invoke(request: Request, name: str) -> Response:
    """Answer after the model's latency: one prediction a row, as text/csv or as JSON where that is asked for."""
    endpoint = in_service_endpoint(name)
    if "AsyncInferenceConfig" in endpoint:
        raise AwsError("ValidationError", f"Endpoint {name} does not support synchronous invocations.")
    async with _room(endpoint):
        await asyncio.sleep(SETTINGS.model_latency_ms / 1000)
        try:
            content_type, result = predict(
                endpoint, request.body, request.headers.get("content-type", ""), request.headers.get("accept", "")
            )
        except ContainerError as refusal:
            return _refused(refusal, name)
    variant = _variant(endpoint)["VariantName"]
    return Response(200, {"x-amzn-invoked-production-variant": variant, "content-type": content_type}, result)


def in_service_endpoint(name: str) -> Document:
    """Return an endpoint that is in service. Raises AwsError otherwise."""
    endpoint = ENDPOINTS.found.get(name)
    if endpoint is None or status(endpoint) in {"Creating", "Failed"}:
        raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
    return endpoint


def predict(endpoint: Document, body: bytes, content_type: str, accept: str) -> tuple[str, bytes]:
    """Return type and body of the container's response. Raises ContainerError for invalid input."""
    features = rows(body, content_type)
    try:
        scores = endpoint["Live"][_variant(endpoint)["VariantName"]].predict(features)
    except ValueError as error:
        raise ContainerError(HTTPStatus.BAD_REQUEST, f"Unable to evaluate payload provided: {error}") from error
    if "application/json" in accept:
        return "application/json", json.dumps({"predictions": [{"score": one} for one in scores]}).encode()
    return "text/csv; charset=utf-8", "\n".join(map(repr, scores)).encode()


def _variant(endpoint: Document) -> Document:
    return dict(max(endpoint["ProductionVariants"], key=lambda one: one["CurrentWeight"]))


@contextlib.asynccontextmanager
async def _room(endpoint: Document) -> AsyncIterator[None]:
    """Count the requests of a serverless endpoint; it throttles more at once than its maximum concurrency."""
    name, limits = endpoint["EndpointName"], _variant(endpoint).get("CurrentServerlessConfig")
    if limits is None:
        yield
        return
    if BUSY.get(name, 0) >= limits["MaxConcurrency"]:
        raise AwsError("ThrottlingException", "Rate exceeded", 429)
    BUSY[name] = BUSY.get(name, 0) + 1
    try:
        yield
    finally:
        BUSY[name] -= 1


def _refused(refusal: ContainerError, name: str) -> Response:
    message = (
        f'Received client error ({refusal.status}) from primary with message "{refusal.text}". '
        f"See /aws/sagemaker/Endpoints/{name} for more information."
    )
    body = {"Message": message, "OriginalStatusCode": refusal.status, "OriginalMessage": refusal.text}
    return json_response(body, 424, **{"x-amzn-errortype": "ModelError"})
