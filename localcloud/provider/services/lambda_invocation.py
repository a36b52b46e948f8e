"""Lambda: invocations during the life cycle of a resource."""

from __future__ import annotations

import json
from hashlib import md5
from typing import Any, ClassVar

from localcloud.provider.resource_kind import Call, Kind, Table

LATEST = "$LATEST"
EVERY_TIME = "CRUD"


class InvocationError(Exception):
    """The function returned an error."""


class Invocation(Kind):
    """An invocation when the resource is created and, with the scope CRUD, when it is updated or deleted.

    Its id is FUNCTION_QUALIFIER_HASH of the result; an import needs commas. AWS does not store a function's response: a
    read returns the state as long as the function exists. With the scope CREATE_ONLY another input replaces it.
    """

    urn_type = "aws:lambda/invocation:Invocation"
    service = "lambda"
    defaults: ClassVar[Table] = {"lifecycleScope": "CREATE_ONLY", "qualifier": LATEST, "terraformKey": "tf"}
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"lifecycleScope": ("CREATE_ONLY", EVERY_TIME)}
    replaces = frozenset({"functionName", "qualifier", "tenantId", "triggers"})

    def __init__(self) -> None:
        self._results: dict[str, str] = {}

    def create(self, call: Call) -> str:
        """Call."""
        result = self._invoke(call, "create")
        digest = md5(result.encode(), usedforsecurity=False).hexdigest()
        identity = f"{call.inputs['functionName']}_{call.inputs['qualifier']}_{digest}"
        self._results[identity] = result
        return identity

    def read(self, call: Call) -> dict[str, Any] | None:
        """Look whether the function is there."""
        client = call.client("lambda")
        identity = call.id.replace(",", "_")
        function, qualifier, _ = identity.rsplit("_", 2)
        client.get_function_configuration(FunctionName=function, Qualifier=qualifier)
        result = self._results.get(identity) or call.state.get("result")
        return {
            "__id": identity,
            "functionName": function,
            "qualifier": qualifier,
            "region": client.meta.region_name,
            **({} if result is None else {"result": result}),
        }

    def update(self, call: Call) -> None:
        """Call again."""
        self._results[call.id] = self._invoke(call, "update")

    def delete(self, call: Call) -> None:
        """Call a last time, where that is wanted."""
        if call.inputs["lifecycleScope"] == EVERY_TIME:
            self._invoke(call, "delete")
        self._results.pop(call.id, None)

    def _invoke(self, call: Call, action: str) -> str:
        inputs = call.inputs
        payload = str(inputs["input"])
        if inputs["lifecycleScope"] == EVERY_TIME:
            before = json.loads(str(call.old.get("input") or "null")) if action == "update" else None
            before = json.loads(payload) if action == "delete" else before
            payload = json.dumps(
                json.loads(payload) | {inputs["terraformKey"]: {"action": action, "prev_input": before}}
            )
        where = {"FunctionName": inputs["functionName"], "Qualifier": inputs["qualifier"]}
        answer = call.client("lambda").invoke(**where, Payload=payload.encode())
        result = str(answer["Payload"].read().decode())
        if answer.get("FunctionError"):
            raise InvocationError(f"Lambda function ({inputs['functionName']}) returned error: ({result})")
        return result


KINDS = (Invocation(),)
