"""The one door: every request to the local AWS comes in here and goes to whoever answers its service best."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ministack.app import app as ministack

from localcloud.aws import access, fixes, operations
from localcloud.aws.control import PREFIX, control
from localcloud.aws.encryption import check_keys
from localcloud.aws.faults import FAULTS
from localcloud.aws.moto_bridge import MotoBridge
from localcloud.aws.sagemaker import asynchronous, runtime
from localcloud.aws.sagemaker import control as control_plane
from localcloud.aws.wire import AwsError, Request, answer, arn

if TYPE_CHECKING:
    from localcloud.aws.wire import Receive, Response, Scope, Send

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
"""The services among them that an unsigned request's X-Amz-Target names; it is then refused in their name."""

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
        if not ours and not request.by_function and not FAULTS.concern(service):
            await ministack(scope, receive, send)  # nothing of ours to do: the body goes through as it comes
            return
        await request.read(receive)
        try:
            response = await self._ours(request, service)
        except AwsError as error:
            response = access.told(request, error)
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
        await FAULTS.meet(service, operations.operation(request))
        if service not in MOTO:
            if service in KEYED and request.by_function:
                access.identify(request)
                check_keys(request)
            return None
        if service == "sagemaker":
            return await self._sagemaker(request)
        context = operations.context(request)
        access.check(request, operations.action(request), operations.resource(request), context)
        return await self._moto.answer(request)

    async def _sagemaker(self, request: Request) -> Response:
        name, operation = runtime.endpoint_of(request), operations.operation(request)
        if name is not None:
            endpoint = arn("sagemaker", f"endpoint/{name.lower()}", request.region)
            access.check(request, f"sagemaker:{operation}", endpoint)
            if operation == "InvokeEndpointAsync":
                return asynchronous.accept(request, name)
            return await runtime.invoke(request, name)
        access.check(request, f"sagemaker:{operation}", control_plane.resource(operation, request.json))
        if control_plane.answers(operation, request.json):
            return answer(control_plane.answer(operation, request.json))
        return await self._moto.answer(request)
