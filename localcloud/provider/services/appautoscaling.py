"""Application Auto Scaling: targets and policies."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags
from localcloud.provider.resource_kind import Call, Kind, Name, Table

SERVICE = "application-autoscaling"
TAGS = Tags(put="tag_resource", drop="untag_resource", ask="list_tags_for_resource", resource="ResourceARN", pairs=None)


class Target(Kind):
    """A scalable target with its bounds. Its id is the resource's; an import needs NAMESPACE/ID/DIMENSION."""

    urn_type = "aws:appautoscaling/target:Target"
    service = SERVICE
    replaces = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})

    def create(self, call: Call) -> str:
        """Register."""
        self._register(call, {"Tags": dict(call.inputs.get("tagsAll", {}))} if call.inputs.get("tagsAll") else {})
        return str(call.inputs["resourceId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find among the targets of the namespace."""
        client = call.client(SERVICE)
        namespace, resource, dimension = _place(call)
        targets = client.describe_scalable_targets(
            ServiceNamespace=namespace, ResourceIds=[resource], ScalableDimension=dimension
        )["ScalableTargets"]
        target = next((each for each in targets if each["ResourceId"] == resource), None)
        if target is None:
            return None
        arn = target.get("ScalableTargetARN")
        return {
            "__id": resource,
            **api_parameters.properties(self.schema.properties, target, {"arn": "ScalableTargetARN"}),
            **(TAGS.read(client, arn) if arn else {}),
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Register again, with other bounds."""
        self._register(call, {})
        if call.changed("tagsAll"):
            arn = str(call.state["arn"])
            TAGS.change(call.client(SERVICE), arn, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Deregister."""
        namespace, resource, dimension = _place(call)
        call.client(SERVICE).deregister_scalable_target(
            ServiceNamespace=namespace, ResourceId=resource, ScalableDimension=dimension
        )

    def _register(self, call: Call, more: dict[str, Any]) -> None:
        inputs = {key: value for key, value in call.inputs.items() if key != "tags"}
        params = api_parameters.parameters(call.client(SERVICE), "register_scalable_target", inputs, {})
        call.client(SERVICE).register_scalable_target(**params, **more)


class Policy(Kind):
    """A scaling policy. Its id is its name; an import needs NAMESPACE/ID/DIMENSION/NAME."""

    urn_type = "aws:appautoscaling/policy:Policy"
    service = SERVICE
    name = Name()
    defaults: ClassVar[Table] = {
        "policyType": "StepScaling",
        "targetTrackingScalingPolicyConfiguration.disableScaleIn": False,
    }
    replaces = frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"})
    sets = frozenset({"dimensions", "metrics", "stepAdjustments"})
    renames: ClassVar[api_parameters.Renames] = {
        "alarmArns": "",
        "arn": "PolicyARN",
        "name": "PolicyName",
        "policyType": "PolicyType",
    }

    def create(self, call: Call) -> str:
        """Put."""
        name = naming.creation_name(self, call.inputs)
        self._put(call, name)
        return name

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find by name among the policies of the resource."""
        client = call.client(SERVICE)
        namespace, resource, dimension = _place(call)
        name = call.id.rsplit("/", 1)[-1]
        policies = client.describe_scaling_policies(
            ServiceNamespace=namespace, ResourceId=resource, ScalableDimension=dimension, PolicyNames=[name]
        )["ScalingPolicies"]
        policy = next((each for each in policies if each["PolicyName"] == name), None)
        if policy is None:
            return None
        return {
            "__id": name,
            **api_parameters.properties(self.schema.properties, policy, self.renames),
            "alarmArns": [each["AlarmARN"] for each in policy.get("Alarms") or []],
            "region": client.meta.region_name,
        }

    def update(self, call: Call) -> None:
        """Put again."""
        self._put(call, call.id)

    def delete(self, call: Call) -> None:
        """Delete."""
        namespace, resource, dimension = _place(call)
        call.client(SERVICE).delete_scaling_policy(
            PolicyName=call.id, ServiceNamespace=namespace, ResourceId=resource, ScalableDimension=dimension
        )

    def _put(self, call: Call, name: str) -> None:
        params = api_parameters.parameters(call.client(SERVICE), "put_scaling_policy", call.inputs, self.renames)
        call.client(SERVICE).put_scaling_policy(**{**params, "PolicyName": name})


def _place(call: Call) -> tuple[str, str, str]:
    """Return namespace, resource id and dimension: from the properties, or from the id of an import."""
    known = [call.known(prop) for prop in ("serviceNamespace", "resourceId", "scalableDimension")]
    if all(known):
        return str(known[0]), str(known[1]), str(known[2])
    parts = call.id.split("/")
    end = next((index for index, each in enumerate(parts) if index and each.count(":") == 2), len(parts) - 1)  # noqa: PLR2004 - service:kind:property
    return parts[0], "/".join(parts[1:end]), parts[end]


KINDS = (Target(), Policy())
