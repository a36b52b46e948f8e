"""InvokeEndpointAsync: input from S3, output to S3, a notification; all with the permissions of the model's role.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlparse
from uuid import uuid4

from localcloud.aws import role_clients
from localcloud.aws.faults import FAULTS
from localcloud.aws.http_messages import AwsError, Response, json_response
from localcloud.aws.sagemaker import runtime
from localcloud.aws.sagemaker.builtin_model import ContainerError
from localcloud.aws.sagemaker.resource_store import ENDPOINTS
from localcloud.aws.settings import SETTINGS
from localcloud.checkout import REGION

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Request

LOGGER = logging.getLogger("async-inference")

PREFIX: Final = "x-amzn-sagemaker-"
LIVES_SECONDS: Final = 21_600.0  # a request that is not begun by then fails
RUNS_SECONDS: Final = 900.0
AT_ONCE: Final = 4  # of an instance, where its configuration says nothing
BUSY_SECONDS: Final = 0.05  # between two looks at an endpoint that is busy, or has no instance

RUNNING: set[asyncio.Task[None]] = set()
BUSY: dict[str, int] = {}
"""Requests that each endpoint works on."""


@dataclass
class Job:
    """One request, from its acceptance to its notification."""

    endpoint: str
    input: str
    output: str
    failure: str
    inference: str
    content_type: str
    accept: str
    lives: float
    runs: float
    received: float = field(default_factory=time.time)


def accept(request: Request, name: str) -> Response:
    """Accept a request: return 202 and the location of its result."""
    config = runtime.in_service_endpoint(name).get("AsyncInferenceConfig")
    if config is None:
        raise AwsError("ValidationError", f"Endpoint {name} does not support asynchronous invocations.")
    headers = {key.removeprefix(PREFIX): value for key, value in request.headers.items() if key.startswith(PREFIX)}
    source = headers.get("inputlocation", "")
    if not source.startswith("s3://"):
        raise AwsError("ValidationError", f"InputLocation has to be an S3 URI, not {source!r}.")
    output, identity = config["OutputConfig"], str(uuid4())
    job = Job(
        endpoint=name,
        input=source,
        output=f"{output['S3OutputPath'].rstrip('/')}/{identity}.out",
        failure=f"{output['S3FailurePath'].rstrip('/')}/{identity}-error.out" if output.get("S3FailurePath") else "",
        inference=headers.get("inference-id") or identity,
        content_type=headers.get("content-type", ""),
        accept=headers.get("accept", ""),
        lives=float(headers.get("requestttlseconds", LIVES_SECONDS)),
        runs=float(headers.get("invocationtimeoutseconds", RUNS_SECONDS)),
    )
    task = asyncio.get_running_loop().create_task(_serve(job), context=Context())
    RUNNING.add(task)
    task.add_done_callback(RUNNING.discard)
    places = {f"{PREFIX}outputlocation": job.output} | (
        {f"{PREFIX}failurelocation": job.failure} if job.failure else {}
    )
    return json_response({"InferenceId": job.inference}, 202, **places)


async def _serve(job: Job) -> None:
    try:
        await _turn(job)
        try:
            async with asyncio.timeout(job.runs):
                content_type, result = await _inferred(job)
            await _put(job, job.output, result, content_type)
        finally:
            BUSY[job.endpoint] -= 1
        await _tell(job, {"contentType": content_type, "outputLocation": job.output}, "Completed")
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the request's failure, as on AWS
        reason = _reason(error)
        LOGGER.warning("request %s of endpoint %s failed: %s", job.inference, job.endpoint, reason)
        await _fail(job, reason)


async def _turn(job: Job) -> None:
    """Wait until an instance of the endpoint has room: none has while it is scaled to zero."""
    while BUSY.get(job.endpoint, 0) >= _room(job.endpoint):
        if time.time() > job.received + job.lives:
            raise TimeoutError("Request expired before it was processed")
        await asyncio.sleep(BUSY_SECONDS)
    BUSY[job.endpoint] = BUSY.get(job.endpoint, 0) + 1


def _room(name: str) -> int:
    endpoint = ENDPOINTS.get(name)
    client = endpoint["AsyncInferenceConfig"].get("ClientConfig") or {}
    count = sum(int(variant.get("CurrentInstanceCount", 1)) for variant in endpoint["ProductionVariants"])
    return count * int(client.get("MaxConcurrentInvocationsPerInstance", AT_ONCE))


async def _inferred(job: Job) -> tuple[str, bytes]:
    body = await role_clients.in_thread(_got, _role(job), job.input)
    await FAULTS.apply("sagemaker", "InvokeEndpoint")  # the container is the same, whichever way it is asked
    await asyncio.sleep(SETTINGS.model_latency_ms / 1000)
    return runtime.predict(runtime.in_service_endpoint(job.endpoint), body, job.content_type, job.accept)


async def _put(job: Job, place: str, body: bytes, content_type: str) -> None:
    config = ENDPOINTS.get(job.endpoint)["AsyncInferenceConfig"]["OutputConfig"]
    key = config.get("KmsKeyId")
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
    await role_clients.in_thread(_stored, _role(job), place, body, {"ContentType": content_type, **encrypted})


async def _fail(job: Job, reason: str) -> None:
    """Put the reason beside the results, and tell it; neither depends on the other."""
    place = {"outputLocation": job.failure} if job.failure else None
    try:
        if job.failure:
            await _put(job, job.failure, reason.encode(), "text/plain")
    except Exception as error:  # noqa: BLE001 - the role may lack the permission that made the request fail
        LOGGER.warning("the failure of request %s could not be stored: %s", job.inference, error)
        place = None
    try:
        await _tell(job, place, "Failed", reason)
    except Exception as error:  # noqa: BLE001 - the same
        LOGGER.warning("nobody could be told that request %s failed: %s", job.inference, error)


async def _tell(job: Job, result: dict[str, str] | None, status: str, reason: str = "") -> None:
    config = ENDPOINTS.get(job.endpoint)["AsyncInferenceConfig"]["OutputConfig"].get("NotificationConfig") or {}
    topic = config.get("ErrorTopic" if reason else "SuccessTopic")
    if not topic:
        return
    requested = {"accept": job.accept, "contentType": job.content_type}
    requested |= {"endpointName": job.endpoint, "inputLocation": job.input}
    message: dict[str, Any] = {
        "awsRegion": REGION,
        "eventTime": _stamp(time.time()),
        "receivedTime": _stamp(job.received),
        "invocationStatus": status,
        "requestParameters": {key: value for key, value in requested.items() if value},
        "inferenceId": job.inference,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    message |= {"failureReason": reason} if reason else {}
    message |= {"responseParameters": result} if result else {}
    await role_clients.in_thread(_published, _role(job), topic, json.dumps(message))


def _role(job: Job) -> str:
    return str(next(iter(ENDPOINTS.get(job.endpoint)["Live"].values())).role)


def _got(role: str, place: str) -> bytes:
    parts = urlparse(place)
    got = role_clients.role_client(role, "SageMaker", "s3").get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
    return bytes(got["Body"].read())


def _stored(role: str, place: str, body: bytes, more: dict[str, str]) -> None:
    parts = urlparse(place)
    role_clients.role_client(role, "SageMaker", "s3").put_object(
        Bucket=parts.netloc, Key=parts.path.lstrip("/"), Body=body, **more
    )


def _published(role: str, topic: str, message: str) -> None:
    role_clients.role_client(role, "SageMaker", "sns").publish(TopicArn=topic, Message=message)


def _reason(error: Exception) -> str:
    if isinstance(error, ContainerError):
        return f'Received client error ({error.status}) from primary with message "{error.text}"'
    if isinstance(error, AwsError):
        return f"Received server error ({error.status}) from primary: {error.message}"
    return str(error) or "The invocation took longer than it may"


def _stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03d}Z"
