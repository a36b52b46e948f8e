"""The entry point: every request to the local AWS arrives here and is routed to the implementation of its service."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ministack.app import app as ministack

from localcloud.aws import authorization, fixes, operations
from localcloud.aws.control_api import PREFIX, control
from localcloud.aws.encryption import check_keys
from localcloud.aws.faults import FAULTS
from localcloud.aws.http_messages import AwsError, Request, arn, json_response
from localcloud.aws.moto_bridge import MotoBridge
from localcloud.aws.sagemaker import async_inference, control_plane, runtime

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Receive, Response, Scope, Send

LOGGER = logging.getLogger("gateway")

MOTO: Final = frozenset(
    {
        "application-autoscaling",
        "codedeploy",
        "ec2",
        "monitoring",
        "sagemaker",
        "xray",
    }
)
"""Signing names that moto answers; ministack answers all others."""

TARGETS: Final = {
    "SageMaker": "sagemaker",
    "AnyScaleFrontendService": "application-autoscaling",
    "GraniteServiceVersion20100801": "monitoring",
}
"""Services among them that the X-Amz-Target of an unsigned request names; the error has their format."""

KEYED: Final = frozenset({"dynamodb", "s3", "sns", "sqs"})


class Gateway:
    """The ASGI application of the local AWS."""

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._moto = MotoBridge()
        fixes.apply()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await ministack(scope, receive, send)
            return
        request = Request(scope)
        service = request.service or TARGETS.get(request.target.partition(".")[0], "")
        ours = service in MOTO or request.path.startswith(PREFIX)
        if not ours and not request.signed_by_role and not FAULTS.may_match(service):
            await ministack(scope, receive, send)  # not ours: the body is passed through
            return
        await request.read(receive)
        try:
            response = await self._ours(request, service)
        except AwsError as error:
            response = authorization.error_response(request, error)
        except Exception:
            LOGGER.exception("%s %s failed", request.method, request.path)
            response = AwsError("InternalFailure", "the local AWS failed: its log says why", 500).response()
        if response is None:
            await ministack(scope, request.replayed(receive), send)
        else:
            await response.send(send)

    async def _ours(self, request: Request, service: str) -> Response | None:
        """Return the response, or None where ministack is to answer."""
        if request.path.startswith(PREFIX):
            return control(request, self._instance)
        await FAULTS.apply(service, operations.operation(request))
        if service not in MOTO:
            if service in KEYED and request.signed_by_role:
                authorization.set_request_context(request)
                check_keys(request)
            return None
        if service == "sagemaker":
            return await self._sagemaker(request)
        context = operations.context(request)
        authorization.authorize(request, operations.action(request), operations.resource(request), context)
        return await self._moto.answer(request)

    async def _sagemaker(self, request: Request) -> Response:
        name, operation = runtime.endpoint_of(request), operations.operation(request)
        if name is not None:
            endpoint = arn("sagemaker", f"endpoint/{name.lower()}", request.region)
            authorization.authorize(request, f"sagemaker:{operation}", endpoint)
            if operation == "InvokeEndpointAsync":
                return async_inference.accept(request, name)
            return await runtime.invoke(request, name)
        authorization.authorize(request, f"sagemaker:{operation}", control_plane.resource(operation, request.json))
        if control_plane.handles(operation, request.json):
            return json_response(control_plane.handle(operation, request.json))
        return await self._moto.answer(request)
