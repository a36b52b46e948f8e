"""The operation of a request, in the protocols of AWS services."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from botocore.loaders import Loader
from ministack.core import iam_actions

from localcloud.aws.patching import private
from localcloud.checkout import ACCOUNT

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Request

s3_operation = private(iam_actions, "_s3_action")

NAMESPACES: Final = {"monitoring": "cloudwatch", "email": "ses", "es": "es"}
"""Signing names whose IAM prefix is another."""

MODELS: Final = {"monitoring": "cloudwatch", "apigateway": "apigatewayv2", "states": "stepfunctions"}
"""Signing names whose botocore model has another name."""

INVOCATIONS: Final = {"/invocations": "InvokeEndpoint", "/async-invocations": "InvokeEndpointAsync"}
"""How the paths of SageMaker's runtime end; its model is another one than the control plane's."""


def action(request: Request) -> str:
    """Return the IAM action, such as `cloudwatch:PutMetricData`; empty if the operation is unknown."""
    prefix = NAMESPACES.get(request.service, request.service)
    if request.service == "apigateway":  # https://docs.aws.amazon.com/service-authorization: verbs are the actions
        return f"apigateway:{request.method}"
    name = operation(request)
    return f"{prefix}:{name}" if name else ""


def operation(request: Request) -> str:
    """Return the name of the operation, such as `PutItem`; empty if unknown."""
    if request.target:
        return request.target.rpartition(".")[2]
    smithy = re.fullmatch(r"/service/[^/]+/operation/(\w+)", request.path)
    if smithy:
        return smithy[1]
    named = request.query.get("Action") or _form(request).get("Action")
    if named:
        return named[0]
    if request.service == "s3":
        return str(s3_operation(request.method, request.path, request.query) or "")
    for end, name in INVOCATIONS.items():
        if request.service == "sagemaker" and request.path.endswith(end):
            return name
    return next((name for verb, path, name in _routes(request.service) if _matches(request, verb, path)), "")


def resource(request: Request) -> str:
    """Return the resource ARN of the request; `*` if it names none that is known here."""
    parameters = {**_form(request), **request.query}
    found = iam_actions.extract_resource_arn(
        request.service,
        request.method,
        request.path,
        request.headers,
        request.body,
        parameters,
        request.region,
        ACCOUNT,
    )
    return str(found)


def context(request: Request) -> dict[str, str]:
    """Return the condition keys of a request to one of moto's services."""
    namespace = request.json.get("Namespace") or (_form(request).get("Namespace") or [""])[0]
    return {"cloudwatch:namespace": namespace} if request.service == "monitoring" and namespace else {}


def _form(request: Request) -> dict[str, list[str]]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)


def _matches(request: Request, verb: str, path: re.Pattern[str]) -> bool:
    return verb == request.method and path.fullmatch(request.path) is not None


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    """The REST operations of a service: verb, path, name; more specific paths first."""
    model = _model(MODELS.get(service, service))
    routes = []
    for name, about in model.get("operations", {}).items():
        http = about.get("http", {})
        uri = str(http.get("requestUri", "/")).partition("?")[0]
        greedy = re.sub(r"\\{[^}]+\\\+\\}", ".+", re.escape(uri))
        path = re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", greedy))
        routes.append((str(http.get("method", "POST")), path, str(name)))
    return sorted(routes, key=lambda route: -len(route[1].pattern))


def _model(name: str) -> dict[str, Any]:
    loader = Loader()
    if name not in loader.list_available_services("service-2"):
        return {}
    return dict(loader.load_service_model(name, "service-2"))
