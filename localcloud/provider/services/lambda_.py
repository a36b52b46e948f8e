"""Lambda: aliases, permissions, function URLs."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.resource_kind import ALL, Call, Kind, Name, Table


def plain_name(function: str) -> str:
    """Return a function's name, given name, NAME:QUALIFIER or ARN."""
    return function.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


class Alias(Kind):
    """A name for a version. Its id is its ARN."""

    urn_type = "aws:lambda/alias:Alias"
    service = "lambda"
    name = Name()
    replaces = frozenset({"functionName", "name"})

    def create(self, call: Call) -> str:
        """Create."""
        params = api_parameters.parameters(call.client("lambda"), "create_alias", call.inputs, {})
        params["Name"] = naming.creation_name(self, call.inputs)
        return str(call.client("lambda").create_alias(**params)["AliasArn"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get by function and name, both of which the ARN has. An import gives FUNCTION/ALIAS."""
        client = call.client("lambda")
        function, name = self._parts(call.id)
        described = client.get_alias(FunctionName=function, Name=name)
        arn, region = described["AliasArn"], client.meta.region_name
        wanted = str(call.known("functionName") or function)
        path = f"lambda:path/2015-03-31/functions/{arn}/invocations"
        return {
            "__id": arn,
            "description": "",
            **api_parameters.properties(self.schema.properties, described, {"arn": "AliasArn"}),
            "functionName": wanted if plain_name(wanted) == function else function,
            "invokeArn": f"arn:{call.cloud.partition}:apigateway:{region}:{path}",
            "region": region,
        }

    def update(self, call: Call) -> None:
        """Point at another version."""
        function, name = self._parts(call.id)
        params = api_parameters.parameters(call.client("lambda"), "update_alias", call.inputs, {})
        params |= {"FunctionName": function, "Name": name}
        params.setdefault("RoutingConfig", {"AdditionalVersionWeights": {}})
        call.client("lambda").update_alias(**params)

    def delete(self, call: Call) -> None:
        """Delete."""
        function, name = self._parts(call.id)
        call.client("lambda").delete_alias(FunctionName=function, Name=name)

    def _parts(self, identity: str) -> tuple[str, str]:
        function, _, name = identity.rsplit(":function:", maxsplit=1)[-1].replace("/", ":").partition(":")
        return function, name


class Permission(Kind):
    """A statement of a function's policy. Its id is the statement's; an import gives FUNCTION[:QUALIFIER]/STATEMENT."""

    urn_type = "aws:lambda/permission:Permission"
    service = "lambda"
    name = Name(prop="statementId", longest=100)
    replaces = ALL
    conditions: ClassVar[dict[str, str]] = {
        "aws:principalorgid": "principalOrgId",
        "aws:sourceaccount": "sourceAccount",
        "aws:sourcearn": "sourceArn",
        "lambda:eventsourcetoken": "eventSourceToken",
        "lambda:functionurlauthtype": "functionUrlAuthType",
        "lambda:invokedviafunctionurl": "invokedViaFunctionUrl",
    }

    def create(self, call: Call) -> str:
        """Add the statement."""
        params = api_parameters.parameters(
            call.client("lambda"), "add_permission", call.inputs, {"function": "FunctionName"}
        )
        params["StatementId"] = naming.creation_name(self, call.inputs)
        call.client("lambda").add_permission(**params)
        return str(params["StatementId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find the statement in the function's policy."""
        client = call.client("lambda")
        where, statement_id = self._where(call)
        policy = json.loads(client.get_policy(**where)["Policy"])
        statement = next((each for each in policy["Statement"] if each.get("Sid") == statement_id), None)
        if statement is None:
            return None
        principal = statement["Principal"]
        found = {
            "__id": statement_id,
            "action": statement["Action"],
            "function": call.known("function") or where["FunctionName"],
            "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
            "qualifier": where.get("Qualifier"),
            "region": client.meta.region_name,
            "statementId": statement_id,
            "statementIdPrefix": "",
        }
        for tests in statement.get("Condition", {}).values():
            for key, value in tests.items():
                if key.lower() in self.conditions:
                    found[self.conditions[key.lower()]] = value
        return found

    def update(self, call: Call) -> None:
        """Have nothing that could change."""

    def delete(self, call: Call) -> None:
        """Remove the statement."""
        where, statement_id = self._where(call)
        call.client("lambda").remove_permission(StatementId=statement_id, **where)

    def _where(self, call: Call) -> tuple[dict[str, str], str]:
        given, _, statement_id = call.id.rpartition("/")
        name, _, part = given.partition(":")
        function, qualifier = call.known("function") or name, call.known("qualifier") or part
        where = {"FunctionName": str(function)}
        return ({**where, "Qualifier": str(qualifier)} if qualifier else where), statement_id


class FunctionUrl(Kind):
    """A function's own HTTPS address. Its id is FUNCTION or FUNCTION/QUALIFIER."""

    urn_type = "aws:lambda/functionUrl:FunctionUrl"
    service = "lambda"
    defaults: ClassVar[Table] = {"invokeMode": "BUFFERED"}
    replaces = frozenset({"functionName", "qualifier"})
    sets = frozenset({"allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"authorizationType": ("AWS_IAM", "NONE")}
    renames: ClassVar[api_parameters.Renames] = {"authorizationType": "AuthType"}

    def create(self, call: Call) -> str:
        """Create."""
        params = api_parameters.parameters(
            call.client("lambda"), "create_function_url_config", call.inputs, self.renames
        )
        call.client("lambda").create_function_url_config(**params)
        function = plain_name(call.inputs["functionName"])
        return f"{function}/{call.inputs['qualifier']}" if call.inputs.get("qualifier") else function

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get."""
        client = call.client("lambda")
        described = client.get_function_url_config(**self._where(call))
        function, _, qualifier = call.id.partition("/")
        url = described["FunctionUrl"]
        return {
            "invokeMode": "BUFFERED",
            **api_parameters.properties(self.schema.properties, described, self.renames),
            "functionName": call.known("functionName") or function,
            "qualifier": qualifier or None,
            "region": client.meta.region_name,
            "urlId": url.split("//", 1)[-1].split(".", 1)[0],
        }

    def update(self, call: Call) -> None:
        """Update."""
        params = api_parameters.parameters(
            call.client("lambda"), "update_function_url_config", call.inputs, self.renames
        )
        if "cors" in call.old and "cors" not in call.inputs:
            params["Cors"] = {}
        call.client("lambda").update_function_url_config(**params)

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("lambda").delete_function_url_config(**self._where(call))

    def _where(self, call: Call) -> dict[str, str]:
        function, _, qualifier = call.id.partition("/")
        return {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}


KINDS = (Alias(), Permission(), FunctionUrl())
