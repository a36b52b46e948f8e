"""API Gateway: HTTP and WebSocket APIs, their integrations and routes. Stages are in apigatewayv2_stage.py.

What belongs to an API has the id that AWS gave it; an import gives API/ID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE: Final = "apigatewayv2"
TAGS = Tags(put="tag_resource", drop="untag_resource", ask="get_tags", resource="ResourceArn", pairs=None)


class Api(Kind):
    """An API. Its id is AWS's."""

    urn_type = "aws:apigatewayv2/api:Api"
    service = SERVICE
    name = Name(longest=128)
    defaults: ClassVar[Table] = {
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "disableExecuteApiEndpoint": False,
        "routeSelectionExpression": "$request.method $request.path",
    }
    replaces = frozenset({"protocolType"})
    sets = frozenset({"allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "ipAddressType": ("dualstack", "ipv4"),
        "protocolType": ("HTTP", "WEBSOCKET"),
    }
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("body", "credentialsArn", "routeKey", "target"), "aws.apigatewayv2.Integration and Route"
    )

    def create(self, call: Call) -> str:
        """Create, with tags."""
        client = call.client(SERVICE)
        params = api_parameters.parameters(client, "create_api", call.inputs, {})
        params |= {"Name": naming.creation_name(self, call.inputs), "Tags": dict(call.inputs.get("tagsAll", {}))}
        return str(client.create_api(**params)["ApiId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get it."""
        client = call.client(SERVICE)
        described = client.get_api(ApiId=call.id)
        region = client.meta.region_name
        return {
            "ipAddressType": "ipv4",
            "disableExecuteApiEndpoint": False,
            **api_parameters.properties(self.schema.properties, described, {}),
            **TAGS.read(client, _arn(call, f"/apis/{call.id}")),
            "arn": _arn(call, f"/apis/{call.id}"),
            "executionArn": call.cloud.arn("execute-api", call.id, region),
            "region": region,
        }

    def update(self, call: Call) -> None:
        """Change it, and retag."""
        client = call.client(SERVICE)
        params = _changed(call, client, "update_api", {"description": "", "version": ""})
        if params:
            client.update_api(**{**params, "ApiId": call.id})
        if call.old.get("corsConfiguration") and not call.inputs.get("corsConfiguration"):
            client.delete_cors_configuration(ApiId=call.id)
        if call.changed("tagsAll"):
            old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
            TAGS.change(client, str(call.state["arn"]), old, new)

    def delete(self, call: Call) -> None:
        """Delete it with all that belongs to it."""
        call.client(SERVICE).delete_api(ApiId=call.id)


class _Part(Kind):
    """Something that belongs to an API.

    what: its name in boto3's operations. identity: the parameter with its id. empty: values that remove a property.
    always: values of properties that AWS does not return.
    """

    service = SERVICE
    what: ClassVar[str]
    identity: ClassVar[str]
    renames: ClassVar[api_parameters.Renames] = {}
    empty: ClassVar[Mapping[str, Any]] = {}
    always: ClassVar[Mapping[str, Any]] = {}

    def create(self, call: Call) -> str:
        """Create in the API."""
        client, operation = call.client(SERVICE), f"create_{self.what}"
        params = api_parameters.parameters(client, operation, _said(call.inputs), self.renames)
        return str(getattr(client, operation)(**params)[self.identity])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get it."""
        client = call.client(SERVICE)
        api, identity = _place(call)
        described = getattr(client, f"get_{self.what}")(**{"ApiId": api, self.identity: identity})
        types = {prop: of for prop, of in self.schema.properties.items() if prop not in ("apiId", "region")}
        found = api_parameters.properties(types, described, self.renames)
        return {"__id": identity, **self.always, **found, "apiId": api, "region": client.meta.region_name}

    def update(self, call: Call) -> None:
        """Change it."""
        client, operation = call.client(SERVICE), f"update_{self.what}"
        params = _changed(call, client, operation, self.empty, self.renames)
        if params:
            getattr(client, operation)(**{**params, "ApiId": call.inputs["apiId"], self.identity: call.id})

    def delete(self, call: Call) -> None:
        """Delete it."""
        api, identity = _place(call)
        getattr(call.client(SERVICE), f"delete_{self.what}")(**{"ApiId": api, self.identity: identity})


class Integration(_Part):
    """The target of routes."""

    urn_type = "aws:apigatewayv2/integration:Integration"
    what, identity = "integration", "IntegrationId"
    defaults: ClassVar[Table] = {
        "connectionType": "INTERNET",
        "passthroughBehavior": "WHEN_NO_MATCH",
        "payloadFormatVersion": "1.0",
    }
    replaces = frozenset({"apiId", "integrationSubtype", "integrationType"})
    sets = frozenset({"responseParameters"})
    quiet = frozenset({"passthroughBehavior"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "integrationType": ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"),
        "payloadFormatVersion": ("1.0", "2.0"),
    }
    bounds: ClassVar[Table] = {"timeoutMilliseconds": (50, 30000)}
    renames: ClassVar[api_parameters.Renames] = {"timeoutMilliseconds": "TimeoutInMillis"}
    empty: ClassVar[Mapping[str, Any]] = {"credentialsArn": "", "description": ""}
    always: ClassVar[Mapping[str, Any]] = {"integrationResponseSelectionExpression": ""}
    unsupported: ClassVar[dict[str, str]] = {"responseParameters": "a real account"}


class Route(_Part):
    """Matches requests to an integration, with authorization."""

    urn_type = "aws:apigatewayv2/route:Route"
    what, identity = "route", "RouteId"
    defaults: ClassVar[Table] = {"apiKeyRequired": False, "authorizationType": "NONE"}
    replaces = frozenset({"apiId"})
    sets = frozenset({"authorizationScopes", "requestParameters"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"authorizationType": ("AWS_IAM", "CUSTOM", "JWT", "NONE")}
    empty: ClassVar[Mapping[str, Any]] = {"authorizerId": "", "operationName": "", "target": ""}
    unsupported: ClassVar[dict[str, str]] = {"requestParameters": "a real account"}


def _said(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {prop: value for prop, value in inputs.items() if prop not in ("region", "tags", "tagsAll")}


def _changed(
    call: Call, client: Any, operation: str, empty: Mapping[str, Any], renames: api_parameters.Renames | None = None
) -> dict[str, Any]:
    """Return the parameters of an update: changed properties, and empty values for removed ones."""
    news = {prop: value for prop, value in _said(call.inputs).items() if call.changed(prop)}
    gone = {prop: value for prop, value in empty.items() if call.old.get(prop) and not call.inputs.get(prop)}
    return api_parameters.parameters(client, operation, {**news, **gone}, renames or {})


def _place(call: Call) -> tuple[str, str]:
    """Return the ids of API and part: from the properties, or from the id of an import."""
    api = call.known("apiId")
    if api:
        return str(api), call.id
    api, _, identity = call.id.partition("/")
    return str(api), identity


def _arn(call: Call, resource: str) -> str:
    """Build the ARN, which has no account id."""
    return f"arn:{call.cloud.partition}:apigateway:{call.client(SERVICE).meta.region_name}::{resource}"


KINDS = (Api(), Integration(), Route())
