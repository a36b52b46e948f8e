"""Lambda: functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters, archive, aws_clients, naming
from localcloud.provider.regular_kind import Tags
from localcloud.provider.resource_kind import Call, Kind, Name, Table
from localcloud.provider.wire import Asset

if TYPE_CHECKING:
    from collections.abc import Iterator

TAGS = Tags(put="tag_resource", drop="untag_resource", ask="list_tags", resource="Resource", pairs=None)
CODE = ("code", "imageUri", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash", "sourceKmsKeyArn")
CONFIGURATION = (
    "deadLetterConfig",
    "description",
    "durableConfig",
    "environment",
    "ephemeralStorage",
    "fileSystemConfig",
    "handler",
    "imageConfig",
    "kmsKeyArn",
    "layers",
    "loggingConfig",
    "memorySize",
    "role",
    "runtime",
    "snapStart",
    "timeout",
    "tracingConfig",
    "vpcConfig",
)
EMPTY: dict[str, Any] = {
    "deadLetterConfig": {"TargetArn": ""},
    "description": "",
    "environment": {"Variables": {}},
    "fileSystemConfig": [],
    "kmsKeyArn": "",
    "layers": [],
    "vpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
"""Values that remove a setting: an omitted parameter would leave it unchanged."""


class Function(Kind):
    """A function. Its id is its name."""

    urn_type = "aws:lambda/function:Function"
    service = "lambda"
    name = Name(longest=64)
    defaults: ClassVar[Table] = {
        "durableConfig.retentionPeriod": 14,
        "loggingConfig.applicationLogLevel": "",
        "loggingConfig.systemLogLevel": "",
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "reservedConcurrentExecutions": -1,
        "skipDestroy": False,
        "timeout": 3,
        "vpcConfig.ipv6AllowedForDualStack": False,
    }
    computed = frozenset(
        {"ephemeralStorage.size", "loggingConfig.logGroup", "snapStart.optimizationStatus", "vpcConfig.vpcId"}
    )
    replaces = frozenset({"name", "packageType", "tenancyConfig"})
    sets = frozenset({"replacementSecurityGroupIds", "securityGroupIds", "subnetIds"})
    one_of = (("code", "imageUri", "s3Bucket"),)
    bounds: ClassVar[Table] = {
        "ephemeralStorage.size": (512, 10240),
        "memorySize": (128, 10240),
        "timeout": (1, 900),
    }
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "loggingConfig.logFormat": ("JSON", "Text"),
        "packageType": ("Zip", "Image"),
        "tracingConfig.mode": ("Active", "PassThrough"),
    }

    def faults(self, inputs: Table, /) -> Iterator[tuple[str, str]]:
        """Want handler and runtime of a function that is no image."""
        if inputs["packageType"] == "Zip":
            for prop in ("handler", "runtime"):
                if not inputs.get(prop):
                    yield prop, "must be set when packageType is Zip"

    def unsettled(self, changed: set[str], inputs: Table) -> set[str]:
        """Tell what a change makes AWS compute anew: the version only where one is published."""
        code, configured = changed & {*CODE, "architectures"}, changed & set(CONFIGURATION)
        out = {"codeSha256", "sourceCodeHash", "sourceCodeSize"} - inputs.keys() if code else set()
        if code or configured:
            out |= {"lastModified"}
        if inputs.get("publish") and (code or configured or "publish" in changed):
            out |= {"qualifiedArn", "qualifiedInvokeArn", "version"}
        return out

    def create(self, call: Call) -> str:
        """Create from an archive, an object in S3 or an image."""
        name = naming.creation_name(self, call.inputs)
        params = api_parameters.parameters(call.client("lambda"), "create_function", _plain(call.inputs), {})
        params |= {"FunctionName": name, "Code": _code(call), "Tags": dict(call.inputs.get("tagsAll", {}))}
        call.client("lambda").create_function(**params)
        return name

    def settle(self, call: Call) -> None:
        """Wait until it can run, and reserve concurrency."""
        self._wait(call)
        self._reserve(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read the function as it is now, and which version was published last."""
        client = call.client("lambda")
        answer = client.get_function(FunctionName=call.id)
        described, arn = answer["Configuration"], answer["Configuration"]["FunctionArn"]
        if described.get("SnapStart", {}).get("ApplyOn") == "None":
            del described["SnapStart"]
        types = {prop: of for prop, of in self.schema.properties.items() if prop not in ("code", "layers", "version")}
        latest = self._latest(call)
        return {
            "description": "",
            "kmsKeyArn": "",
            **api_parameters.properties(types, described, {"name": "FunctionName", "arn": "FunctionArn"}),
            "imageUri": answer.get("Code", {}).get("ImageUri"),
            "invokeArn": _invoke_arn(call, arn),
            "layers": [each["Arn"] for each in described.get("Layers") or []],
            "qualifiedArn": f"{arn}:{latest}",
            "qualifiedInvokeArn": _invoke_arn(call, f"{arn}:{latest}"),
            "region": client.meta.region_name,
            "reservedConcurrentExecutions": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1),
            "responseStreamingInvokeArn": _invoke_arn(call, arn, "2021-11-15", "response-streaming-invocations"),
            "signingJobArn": "",
            "signingProfileVersionArn": "",
            "sourceCodeHash": described.get("CodeSha256"),
            "sourceCodeSize": described.get("CodeSize"),
            "tags": answer.get("Tags") or {},
            "tagsAll": answer.get("Tags") or {},
            "version": latest,
        }

    def update(self, call: Call) -> None:
        """Update code, then configuration, then publish, as Terraform does."""
        client = call.client("lambda")
        code, configured = call.changed(*CODE, "architectures"), call.changed(*CONFIGURATION)
        if configured:
            client.update_function_configuration(**self._configuration(call))
            self._wait(call)
        if code:
            architectures = call.inputs.get("architectures")
            params = {"Architectures": architectures} if architectures else {}
            client.update_function_code(FunctionName=call.id, **_code(call), **params)
            self._wait(call)
        if call.changed("reservedConcurrentExecutions"):
            self._reserve(call)
        if call.inputs.get("publish") and (code or configured or call.changed("publish")):
            client.publish_version(FunctionName=call.id)
        if call.changed("tagsAll"):
            arn = str(call.state["arn"])
            TAGS.change(client, arn, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete all versions, unless it is to be left behind."""
        if not call.known("skipDestroy"):
            call.client("lambda").delete_function(FunctionName=call.id)

    def _configuration(self, call: Call) -> dict[str, Any]:
        inputs = {key: value for key, value in _plain(call.inputs).items() if key in CONFIGURATION}
        params = api_parameters.parameters(call.client("lambda"), "update_function_configuration", inputs, {})
        shape = api_parameters.input_shape(call.client("lambda"), "update_function_configuration")
        for prop, empty in EMPTY.items():
            if prop in call.old and prop not in call.inputs:
                params[
                    next(
                        each
                        for each in shape.members
                        if each.lower().removesuffix("s") == prop.lower().removesuffix("s")
                    )
                ] = empty
        return {**params, "FunctionName": call.id}

    def _reserve(self, call: Call) -> None:
        wanted = call.inputs.get("reservedConcurrentExecutions", -1)
        client = call.client("lambda")
        if wanted >= 0:
            client.put_function_concurrency(FunctionName=call.id, ReservedConcurrentExecutions=wanted)
        elif call.old.get("reservedConcurrentExecutions", -1) >= 0:
            client.delete_function_concurrency(FunctionName=call.id)

    def _wait(self, call: Call) -> None:
        def ready() -> bool:
            described = call.client("lambda").get_function_configuration(FunctionName=call.id)
            if described.get("State") == "Failed" or described.get("LastUpdateStatus") == "Failed":
                raise RuntimeError(
                    f"function {call.id}: {described.get('StateReason') or described.get('LastUpdateStatusReason')}"
                )
            return (
                bool(described.get("State", "Active") != "Pending")
                and described.get("LastUpdateStatus") != "InProgress"
            )

        aws_clients.wait(ready, f"function {call.id} active")

    def _latest(self, call: Call) -> str:
        pages = call.client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=call.id)
        versions = [each["Version"] for page in pages for each in page["Versions"]]
        numbers = [int(each) for each in versions if each.isdigit()]
        return str(max(numbers)) if numbers else "$LATEST"


def _plain(inputs: Table) -> dict[str, Any]:
    """Leave out what has calls of its own, and texts that only mean "nothing"."""
    out = {key: value for key, value in inputs.items() if value not in ("", None) and key not in ("code", "tags")}
    if "loggingConfig" in out:
        out["loggingConfig"] = {key: value for key, value in out["loggingConfig"].items() if value}
    return out


def _code(call: Call) -> dict[str, Any]:
    inputs = call.inputs
    if isinstance(inputs.get("code"), Asset):
        return {"ZipFile": archive.zipped(inputs["code"])}
    names = {"imageUri": "ImageUri", "s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}
    return {name: inputs[prop] for prop, name in names.items() if inputs.get(prop)}


def _invoke_arn(call: Call, arn: str, date: str = "2015-03-31", what: str = "invocations") -> str:
    region = call.client("lambda").meta.region_name
    return f"arn:{call.cloud.partition}:apigateway:{region}:lambda:path/{date}/functions/{arn}/{what}"


KINDS = (Function(),)
