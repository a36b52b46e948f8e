"""SageMaker: models, endpoint configurations, endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import aws_clients
from localcloud.provider.regular_kind import RegularKind, Tags
from localcloud.provider.resource_kind import ALL, Call, Name, Table

if TYPE_CHECKING:
    from localcloud.provider.api_parameters import Renames

TAGS = Tags(put="add_tags", drop="delete_tags", ask="list_tags", resource="ResourceArn")


class Model(RegularKind):
    """What an endpoint serves: image, artefact, role. Everything but tags replaces it."""

    urn_type = "aws:sagemaker/model:Model"
    service = "sagemaker"
    name = Name()
    making, asking, removing = "create_model", "describe_model", "delete_model"
    identity = "ModelName"
    renames: ClassVar[Renames] = {"name": "ModelName", "arn": "ModelArn"}
    tagging = TAGS
    replaces = ALL
    defaults: ClassVar[Table] = {"primaryContainer.mode": "SingleModel", "containers[].mode": "SingleModel"}
    computed = frozenset(
        f"{place}.{part}"
        for place in ("primaryContainer", "containers[]")
        for part in ("modelDataSource", "additionalModelDataSources")
    )
    sets = frozenset({"subnets", "securityGroupIds"})


class EndpointConfiguration(RegularKind):
    """Variants of an endpoint: instances or serverless, capture, asynchronous output. Everything replaces it."""

    urn_type = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    service = "sagemaker"
    name = Name()
    making, asking, removing = "create_endpoint_config", "describe_endpoint_config", "delete_endpoint_config"
    identity = "EndpointConfigName"
    renames: ClassVar[Renames] = {
        "name": "EndpointConfigName",
        "arn": "EndpointConfigArn",
        "kmsKeyArn": "KmsKeyId",
        "memorySizeInMb": "MemorySizeInMB",
        "volumeSizeInGb": "VolumeSizeInGB",
        "enableSsmAccess": "EnableSSMAccess",
    }
    tagging = TAGS
    replaces = ALL
    defaults: ClassVar[Table] = {
        "productionVariants[].initialVariantWeight": 1,
        "shadowProductionVariants[].initialVariantWeight": 1,
    }
    computed = frozenset(
        {
            "productionVariants[].variantName",
            "productionVariants[].volumeSizeInGb",
            "shadowProductionVariants[].variantName",
        }
    )
    sets = frozenset({"csvContentTypes", "jsonContentTypes", "includeInferenceResponseIns"})

    def request(self, call: Call, operation: str) -> dict[str, Any]:
        """Name the variants that have no name, as Terraform does."""
        params = super().request(call, operation)
        for group in ("ProductionVariants", "ShadowProductionVariants"):
            for index, variant in enumerate(params.get(group, [])):
                variant.setdefault("VariantName", f"variant-{index + 1}")
        return params


class Endpoint(RegularKind):
    """What callers invoke. A new configuration is deployed in place."""

    urn_type = "aws:sagemaker/endpoint:Endpoint"
    service = "sagemaker"
    name = Name()
    making, asking, changing, removing = "create_endpoint", "describe_endpoint", "update_endpoint", "delete_endpoint"
    identity = "EndpointName"
    renames: ClassVar[Renames] = {
        "name": "EndpointName",
        "arn": "EndpointArn",
    }
    tagging = TAGS
    replaces = frozenset({"name", "deploymentConfig.autoRollbackConfiguration"})
    defaults: ClassVar[Table] = {"deploymentConfig.blueGreenUpdatePolicy.terminationWaitInSeconds": 0}
    sets = frozenset({"alarms"})

    def settle(self, call: Call) -> None:
        """Wait until the endpoint answers."""
        aws_clients.wait(lambda: self._in_service(call), f"endpoint {call.id} in service")

    def answer(self, response: dict[str, Any]) -> dict[str, Any] | None:
        """Call the last deployment's settings what they are in requests."""
        return {**response, "DeploymentConfig": response.get("LastDeploymentConfig")}

    def update(self, call: Call) -> None:
        """Deploy, wait, retag."""
        super().update(call)
        self.settle(call)

    def delete(self, call: Call) -> None:
        """Delete and wait until it is gone."""
        super().delete(call)
        aws_clients.wait(lambda: self._told(call) is None, f"endpoint {call.id} deleted")

    def _in_service(self, call: Call) -> bool:
        described = self._told(call) or {}
        status, reason = described.get("EndpointStatus"), described.get("FailureReason")
        if status in ("Failed", "UpdateRollbackFailed") or (status == "InService" and reason):
            raise RuntimeError(f"endpoint {call.id} is {status}: {reason or 'for no known reason'}")
        return status == "InService"

    def _told(self, call: Call) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = call.client(self.service).describe_endpoint(EndpointName=call.id)
        except Exception as error:
            if aws_clients.is_gone(error):
                return None
            raise
        return answer


KINDS = (Model(), EndpointConfiguration(), Endpoint())
