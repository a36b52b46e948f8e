"""API Gateway: stages."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from localcloud.provider import api_parameters, naming
from localcloud.provider.resource_kind import Call, Kind, Name, Table
from localcloud.provider.services.apigatewayv2 import SERVICE, TAGS

DEFAULT_STAGE: Final = "$default"


class Stage(Kind):
    """A deployed version of an API. Its id is its name; an import gives API/NAME."""

    urn_type = "aws:apigatewayv2/stage:Stage"
    service = SERVICE
    name = Name(longest=128)
    defaults: ClassVar[Table] = {"autoDeploy": False}
    replaces = frozenset({"apiId", "name"})
    sets = frozenset({"routeSettings"})
    computed = frozenset({"defaultRouteSettings.loggingLevel", "routeSettings[].loggingLevel"})
    renames: ClassVar[api_parameters.Renames] = {"name": "StageName"}
    unsupported: ClassVar[dict[str, str]] = {"clientCertificateId": "a real account"}

    def create(self, call: Call) -> str:
        """Create in the API, with tags."""
        client, name = call.client(SERVICE), naming.creation_name(self, call.inputs)
        params = self._params(call, "create_stage", call.inputs)
        client.create_stage(**{**params, "StageName": name, "Tags": dict(call.inputs.get("tagsAll", {}))})
        return name

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get it. Where callers reach it is built on the API's own address."""
        client = call.client(SERVICE)
        api, name = _place(call)
        described = client.get_stage(ApiId=api, StageName=name)
        settings = [{"RouteKey": key, **value} for key, value in (described.get("RouteSettings") or {}).items()]
        described = {**described, "RouteSettings": settings}
        region = client.meta.region_name
        arn = f"arn:{call.cloud.partition}:apigateway:{region}::/apis/{api}/stages/{name}"
        address = client.get_api(ApiId=api)["ApiEndpoint"]
        return {
            "__id": name,
            "autoDeploy": False,
            "deploymentId": "",
            **api_parameters.properties(self.schema.properties, described, self.renames),
            **TAGS.read(client, arn),
            "apiId": api,
            "arn": arn,
            "executionArn": call.cloud.arn("execute-api", f"{api}/{name}", region),
            "invokeUrl": f"{address}/{'' if name == DEFAULT_STAGE else name}",
            "region": region,
        }

    def update(self, call: Call) -> None:
        """Change it, and retag."""
        client = call.client(SERVICE)
        news = {prop: value for prop, value in call.inputs.items() if call.changed(prop)}
        if call.old.get("accessLogSettings") and not call.inputs.get("accessLogSettings"):
            client.delete_access_log_settings(ApiId=call.inputs["apiId"], StageName=call.id)
        params = self._params(call, "update_stage", news)
        if params.keys() - {"ApiId"}:
            client.update_stage(**{**params, "ApiId": call.inputs["apiId"], "StageName": call.id})
        if call.changed("tagsAll"):
            old, new = call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {})
            TAGS.change(client, str(call.state["arn"]), old, new)

    def delete(self, call: Call) -> None:
        """Delete it."""
        api, name = _place(call)
        call.client(SERVICE).delete_stage(ApiId=api, StageName=name)

    def _params(self, call: Call, operation: str, inputs: Table) -> dict[str, Any]:
        """Build the parameters; the settings of routes are a map in the API."""
        client = call.client(SERVICE)
        given = {prop: value for prop, value in inputs.items() if prop not in ("tags", "tagsAll", "routeSettings")}
        params = api_parameters.parameters(client, operation, given, self.renames)
        if "routeSettings" in inputs:
            params["RouteSettings"] = {each["routeKey"]: _settings(each) for each in inputs["routeSettings"]}
        return params


def _settings(given: Table) -> dict[str, Any]:
    return {f"{key[0].upper()}{key[1:]}": value for key, value in given.items() if key != "routeKey"}


def _place(call: Call) -> tuple[str, str]:
    """Return API id and stage name: from the properties, or from the id of an import."""
    api = call.known("apiId")
    if api:
        return str(api), call.id
    api, _, name = call.id.partition("/")
    return str(api), name


KINDS = (Stage(),)
