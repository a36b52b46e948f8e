"""Lambda: event source mappings."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider import api_parameters, aws_clients
from localcloud.provider.regular_kind import tagged
from localcloud.provider.resource_kind import Call, Kind, Table
from localcloud.provider.services.lambda_function import TAGS

CLEARED: dict[str, Any] = {
    "destinationConfig": {},
    "filterCriteria": {},
    "functionResponseTypes": [],
    "kmsKeyArn": "",
    "metricsConfig": {"Metrics": []},
    "provisionedPollerConfig": {},
    "scalingConfig": {},
}
"""Values that remove a setting: an omitted parameter would leave it unchanged."""


class EventSourceMapping(Kind):
    """What Lambda polls for a function. Its id is a UUID."""

    urn_type = "aws:lambda/eventSourceMapping:EventSourceMapping"
    service = "lambda"
    defaults: ClassVar[Table] = {"documentDbEventSourceConfig.fullDocument": "Default", "enabled": True}
    renames: ClassVar[api_parameters.Renames] = {"destinationArn": "Destination"}
    quiet = frozenset({"batchSize", "maximumBatchingWindowInSeconds", "tumblingWindowInSeconds"})
    replaces = frozenset(
        {
            "amazonManagedKafkaEventSourceConfig",
            "eventSourceArn",
            "queues",
            "selfManagedEventSource",
            "selfManagedKafkaEventSourceConfig",
            "startingPosition",
            "startingPositionTimestamp",
            "topics",
        }
    )
    sets = frozenset({"filters", "functionResponseTypes", "metrics", "sourceAccessConfigurations", "topics"})
    documents = frozenset({"pattern"})
    one_of = (("eventSourceArn", "selfManagedEventSource"),)
    bounds: ClassVar[Table] = {
        "parallelizationFactor": (1, 10),
        "scalingConfig.maximumConcurrency": (2, 1000),
        "tumblingWindowInSeconds": (0, 900),
    }

    def create(self, call: Call) -> str:
        """Create."""
        params = self._params(call, "create_event_source_mapping")
        params["Tags"] = dict(call.inputs.get("tagsAll", {}))
        return str(call.client("lambda").create_event_source_mapping(**params)["UUID"])

    def settle(self, call: Call) -> None:
        """Wait until it polls, or does not, as wanted."""
        aws_clients.wait(lambda: not self._state(call).endswith("ing"), f"event source mapping {call.id} settled")

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get. The function is told in the form in which the program named it."""
        client = call.client("lambda")
        described = client.get_event_source_mapping(UUID=call.id)
        arn = described["FunctionArn"]
        return {
            "kmsKeyArn": "",
            **api_parameters.properties(self.schema.properties, described, self.renames),
            **tagged(self._tags(call, described)),
            "arn": described.get("EventSourceMappingArn")
            or call.cloud.arn("lambda", f"event-source-mapping:{call.id}"),
            "enabled": described.get("State") in ("Creating", "Enabled", "Enabling", "Updating"),
            "functionArn": arn,
            "functionName": _as_named(str(call.known("functionName") or ""), arn),
            "functionResponseTypes": described.get("FunctionResponseTypes") or [],
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Update, and wait."""
        client = call.client("lambda")
        if call.changed(*(prop for prop in self.schema.inputs.types if prop != "tags")):
            params = self._params(call, "update_event_source_mapping")
            members = api_parameters.input_shape(client, "update_event_source_mapping").members
            for prop, empty in CLEARED.items():
                if prop in call.old and prop not in call.inputs:
                    params[next(each for each in members if each.lower() == prop.lower())] = empty
            client.update_event_source_mapping(UUID=call.id, **params)
            self.settle(call)
        if call.changed("tagsAll"):
            TAGS.change(client, str(call.state["arn"]), call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete, and wait until it is gone."""
        call.client("lambda").delete_event_source_mapping(UUID=call.id)
        aws_clients.wait(lambda: self._gone(call), f"event source mapping {call.id} deleted")

    def _params(self, call: Call, operation: str) -> dict[str, Any]:
        inputs = {key: value for key, value in call.inputs.items() if key != "tags"}
        return api_parameters.parameters(call.client("lambda"), operation, inputs, self.renames)

    def _state(self, call: Call) -> str:
        return str(call.client("lambda").get_event_source_mapping(UUID=call.id).get("State", "Enabled"))

    def _gone(self, call: Call) -> bool:
        try:
            self._state(call)
        except Exception as error:
            if aws_clients.is_gone(error):
                return True
            raise
        return False

    def _tags(self, call: Call, described: dict[str, Any]) -> dict[str, str]:
        """Return the tags. If the service returns no ARN of a mapping, it has no tags of its own: use the program's."""
        arn = described.get("EventSourceMappingArn")
        tags: dict[str, str] = {}
        if arn:
            tags = call.client("lambda").list_tags(Resource=arn).get("Tags") or {}
        return tags if arn else dict(call.known("tagsAll") or {})


def _as_named(wanted: str, arn: str) -> str:
    """Return the program's reference to a function if it is equivalent to this ARN: name, NAME:QUALIFIER, or ARN."""
    return wanted if wanted and (arn == wanted or arn.endswith(f":function:{wanted}")) else arn


KINDS = (EventSourceMapping(),)
