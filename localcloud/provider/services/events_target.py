"""EventBridge: targets of rules."""

from __future__ import annotations

import secrets
import time
from typing import Any, ClassVar

from localcloud.provider import api_parameters
from localcloud.provider.resource_kind import Call, Kind, Table
from localcloud.provider.services.events import DEFAULT_BUS

NAMES = {
    "deadLetterConfig": "DeadLetterConfig",
    "httpTarget": "HttpParameters",
    "input": "Input",
    "inputPath": "InputPath",
    "inputTransformer": "InputTransformer",
    "kinesisTarget": "KinesisParameters",
    "retryPolicy": "RetryPolicy",
    "roleArn": "RoleArn",
    "sagemakerPipelineTarget": "SageMakerPipelineParameters",
    "sqsTarget": "SqsParameters",
}
RENAMES: api_parameters.Renames = {
    "inputPaths": "InputPathsMap",
    "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    **NAMES,
}


class EventTarget(Kind):
    """A target of a rule. Its id is RULE-TARGET, after BUS- where the bus is not the default one.

    An import gives BUS/RULE/TARGET.
    """

    urn_type = "aws:cloudwatch/eventTarget:EventTarget"
    service = "events"
    defaults: ClassVar[Table] = {"eventBusName": DEFAULT_BUS, "forceDestroy": False}
    replaces = frozenset({"eventBusName", "rule", "targetId"})
    conflicts = (("input", "inputPath", "inputTransformer"),)
    bounds: ClassVar[Table] = {
        "retryPolicy.maximumEventAgeInSeconds": (60, 86400),
        "retryPolicy.maximumRetryAttempts": (0, 185),
    }
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("appsyncTarget", "batchTarget", "ecsTarget", "redshiftTarget", "runCommandTargets"), "a real account"
    )

    def create(self, call: Call) -> str:
        """Put it, under an id of its own where the program gives none."""
        unique = f"terraform-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}{secrets.token_hex(6)}"
        identity = str(call.inputs.get("targetId") or unique)
        self._put(call, identity)
        bus, rule = call.inputs["eventBusName"], call.inputs["rule"]
        return f"{rule}-{identity}" if bus == DEFAULT_BUS else f"{bus}-{rule}-{identity}"

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find it among the targets of its rule."""
        client = call.client("events")
        bus, rule, identity = _place(call)
        client.describe_rule(Name=rule, EventBusName=bus)
        targets = client.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
        found = next((each for each in targets if each["Id"] == identity), None)
        if found is None:
            return None
        types = {prop: self.schema.properties[prop] for prop in ("arn", *NAMES)}
        return {
            "__id": f"{rule}-{identity}" if bus == DEFAULT_BUS else f"{bus}-{rule}-{identity}",
            **api_parameters.properties(types, found, RENAMES),
            "eventBusName": bus,
            "region": client.meta.region_name,
            "rule": rule,
            "targetId": identity,
        }

    def update(self, call: Call) -> None:
        """Put it again."""
        self._put(call, _place(call)[2])

    def delete(self, call: Call) -> None:
        """Remove it from its rule."""
        bus, rule, identity = _place(call)
        call.client("events").remove_targets(Rule=rule, EventBusName=bus, Ids=[identity])

    def _put(self, call: Call, identity: str) -> None:
        client = call.client("events")
        wanted = {prop: call.inputs[prop] for prop in ("arn", *NAMES) if prop in call.inputs}
        targets = api_parameters.parameters(client, "put_targets", {"targets": [wanted]}, RENAMES)["Targets"]
        bus, rule = call.inputs["eventBusName"], call.inputs["rule"]
        answer = client.put_targets(Rule=rule, EventBusName=bus, Targets=[{**targets[0], "Id": identity}])
        for failed in answer.get("FailedEntries") or []:
            raise RuntimeError(f"target {identity} of rule {rule}: {failed.get('ErrorMessage')}")


def _place(call: Call) -> tuple[str, str, str]:
    """Return bus, rule and target: from the properties, or from the id of an import."""
    rule, identity = call.known("rule"), call.known("targetId")
    if rule and identity:
        return str(call.known("eventBusName") or DEFAULT_BUS), str(rule), str(identity)
    if rule:
        start = "" if call.known("eventBusName") == DEFAULT_BUS else f"{call.known('eventBusName')}-"
        return str(call.known("eventBusName")), str(rule), call.id.removeprefix(f"{start}{rule}-")
    *bus, rule, identity = call.id.split("/")
    return "/".join(bus) or DEFAULT_BUS, rule, identity


KINDS = (EventTarget(),)
