"""Changes to ministack's API Gateway v2: reachable URLs, SQS integrations, throttling and access logs."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, Final

from ministack import app
from ministack.services import apigateway

from localcloud.aws.http_messages import AwsError
from localcloud.aws.httpapi import sqs_integration, throttling
from localcloud.aws.patching import private, replace
from localcloud.aws.server_record import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

apis = private(apigateway, "_apis")
integrations = private(apigateway, "_integrations")
stages = private(apigateway, "_stages")
match_route = private(apigateway, "_match_route")
stage_variables = private(apigateway, "_get_stage_variables")
error_answer = private(apigateway, "_apigw_error")
answer = private(apigateway, "_apigw_response")

ECHOED: Final = ("connectionId", "credentialsArn", "integrationSubtype", "passthroughBehavior", "tlsConfig")
"""Settings of an integration that ministack drops."""

Answer = tuple[int, dict[str, str], bytes]


def apply() -> None:
    """Apply the changes."""
    _addresses()
    _integrations()
    _requests()


def _addresses() -> None:
    """No DNS server resolves the host name of an API: its URL is a path of the local port instead."""
    create = private(apigateway, "_create_api")

    def created(data: dict[str, Any]) -> Answer:
        before = set(apis.keys())
        made: Answer = create(data)
        for api_id in set(apis.keys()) - before:
            if data.get("protocolType") == "HTTP":
                apis[api_id]["apiEndpoint"] = f"http://{HOST}:{os.environ['GATEWAY_PORT']}/_aws/execute-api/{api_id}"
            made = answer(apis[api_id], 201)
        return made

    replace(apigateway, "_create_api", created)


def _integrations() -> None:
    create, update = private(apigateway, "_create_integration"), private(apigateway, "_update_integration")

    def created(api_id: str, data: dict[str, Any]) -> Answer:
        before = set(integrations.get(api_id, {}))
        made: Answer = create(api_id, data)
        for identity in set(integrations.get(api_id, {})) - before:
            if "integrationMethod" not in data:
                integrations[api_id][identity].pop("integrationMethod", None)  # ministack makes one up
            made = answer(_kept(integrations[api_id][identity], data), 201)
        return made

    def updated(api_id: str, identity: str, data: dict[str, Any]) -> Answer:
        done: Answer = update(api_id, identity, data)
        kept = integrations.get(api_id, {}).get(identity)
        return done if kept is None else answer(_kept(kept, data))

    def checked_update(api_id: str, identity: str, data: dict[str, Any]) -> Answer:
        kept = integrations.get(api_id, {}).get(identity, {})
        return _checked({**kept, **data}, lambda: updated(api_id, identity, data))

    replace(apigateway, "_create_integration", lambda api_id, data: _checked(data, lambda: created(api_id, data)))
    replace(apigateway, "_update_integration", checked_update)


def _kept(integration: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    integration |= {name: data[name] for name in ECHOED if name in data}
    for name in [name for name in ("integrationUri", *ECHOED) if integration.get(name) == ""]:
        del integration[name]
    return integration


def _checked(wanted: dict[str, Any], action: Callable[[], Answer]) -> Answer:
    try:
        sqs_integration.check(wanted)
    except AwsError as error:
        refused: Answer = error_answer(error.code, error.message, error.status)
        return refused
    return action()


def _requests() -> None:
    execute, proxy = private(apigateway, "handle_execute"), private(apigateway, "_invoke_lambda_proxy")
    enforce = private(app, "_enforce_execute_api")

    async def invoked(integration: dict[str, Any], api_id: str, stage: str, *rest: Any, **more: Any) -> Answer:
        if integration.get("integrationSubtype") != sqs_integration.SUBTYPE:
            passed: Answer = await proxy(integration, api_id, stage, *rest, **more)
            return passed
        path, method, headers, body, query, route, path_params = rest
        context = {"httpMethod": method, "path": path, "request.path": path, "routeKey": route, "stage": stage}
        request = {
            "body": body or b"",
            "context_vars": context,
            "path_params": path_params or {},
            "request_headers": headers,
            "request_query": query or {},
            "stage_vars": stage_variables(api_id, stage),
        }
        return sqs_integration.send(integration, api_id, request)

    async def executed(
        api_id: str, stage: str, path: str, method: str, headers: dict[str, str], *rest: Any, **more: Any
    ) -> Answer:
        settings = stages.get(api_id, {}).get(stage)
        route = match_route(api_id, method, "/" + path.lstrip("/")) if settings is not None else None
        if settings is None or route is None:
            missed: Answer = await execute(api_id, stage, path, method, headers, *rest, **more)
            return missed
        began, key = time.monotonic(), str(route.get("routeKey"))
        if throttling.THROTTLE.allows(api_id, stage, settings, key):
            done: Answer = await execute(api_id, stage, path, method, headers, *rest, **more)
        else:
            done = 429, {"Content-Type": "application/json"}, json.dumps({"message": "Too Many Requests"}).encode()
        _log(api_id, stage, done, path=path, method=method, headers=headers, began=began)
        return done

    def enforced(
        api_id: str, stage: str, method: str, path: str, headers: dict[str, str], *rest: Any, **more: Any
    ) -> Answer | None:
        """Refuse whom a policy does not let in, which is a line in the log like any other request."""
        denied: Answer | None = enforce(api_id, stage, method, path, headers, *rest, **more)
        if denied is not None:
            _log(api_id, stage, denied, path=path, method=method, headers=headers, began=time.monotonic())
        return denied

    replace(apigateway, "_invoke_lambda_proxy", invoked)
    replace(apigateway, "handle_execute", executed)
    replace(app, "_enforce_execute_api", enforced)


def _log(
    api_id: str, stage: str, done: Answer, *, path: str, method: str, headers: dict[str, str], began: float
) -> None:
    """Write the outcome of a request to the access log, if the API has such a stage and route."""
    settings = stages.get(api_id, {}).get(stage)
    route = match_route(api_id, method, "/" + path.lstrip("/")) if settings is not None else None
    if settings is None or route is None:
        return
    about = {
        "apiId": api_id,
        "httpMethod": method,
        "identity.userAgent": headers.get("user-agent", "-"),
        "integrationStatus": done[0],
        "path": path,
        "requestId": throttling.request_id(),
        "responseLatency": round((time.monotonic() - began) * 1000),
        "responseLength": len(done[2]),
        "routeKey": str(route.get("routeKey")),
        "stage": stage,
        "status": done[0],
    }
    throttling.log(settings, about)
