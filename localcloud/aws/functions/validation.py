"""Validation of AWS Lambda that ministack lacks: each function raises AwsError with Lambda's message."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from botocore.loaders import Loader
from ministack.services import lambda_svc, sqs

from localcloud.aws import authorization
from localcloud.aws.functions.poller import RECEIVED, missing_permission, version_of
from localcloud.aws.http_messages import AwsError, arn
from localcloud.aws.patching import private
from localcloud.aws.subnets import vpc_of

if TYPE_CHECKING:
    from collections.abc import Mapping

queue_by_arn = private(sqs, "_queue_by_arn")
from_bucket = private(lambda_svc, "_fetch_code_from_s3")
resolve_name = private(lambda_svc, "_resolve_request_scoped_name_and_qualifier")

INVALID: Final = "InvalidParameterValueException"
RANGES: Final = {"Timeout": (1, 900), "MemorySize": (128, 10240)}
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: seconds, MB."""
VARIABLE_BYTES: Final = 4096
RESERVED: Final = frozenset(
    [
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    ]
)
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""


def check_function(name: str, wanted: Mapping[str, Any]) -> None:
    """Validate the common parameters of CreateFunction and UpdateFunctionConfiguration."""
    for key, (least, most) in RANGES.items():
        if key in wanted and not least <= int(wanted[key]) <= most:
            _constraint(wanted[key], key, "greater" if int(wanted[key]) < least else "less", least, most)
    if wanted.get("Runtime") and wanted["Runtime"] not in runtimes():
        message = (
            f"Value {wanted['Runtime']} at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
        )
        raise AwsError(INVALID, f"{message}set: {sorted(runtimes())} or be a valid ARN")
    _variables((wanted.get("Environment") or {}).get("Variables") or {})
    role = wanted.get("Role")
    if role is not None and not authorization.role_trusts_service(
        role, "lambda.amazonaws.com", arn("lambda", f"function:{name}")
    ):
        raise AwsError(INVALID, "The role defined for the function cannot be assumed by Lambda.")
    network = wanted.get("VpcConfig") or {}
    if role is not None and network.get("SubnetIds"):
        _check_network_interfaces(role, network)


def _check_network_interfaces(role: str, network: Mapping[str, Any]) -> None:
    """The role of a function in a VPC needs permissions for network interfaces.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html, "Required IAM permissions".
    """
    for subnet in network["SubnetIds"]:
        if vpc_of(subnet) is None:
            message = (
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: "
            )
            raise AwsError(INVALID, f"{message}The subnet ID '{subnet}' does not exist")
    key, interface = authorization.role_key(role, "Lambda"), arn("ec2", "network-interface/*")
    places = [arn("ec2", f"subnet/{each}") for each in network["SubnetIds"]]
    places += [arn("ec2", f"security-group/{each}") for each in network.get("SecurityGroupIds") or []]
    needs = {
        "CreateNetworkInterface": [interface, *places],
        "DescribeNetworkInterfaces": ["*"],
        "DeleteNetworkInterface": [interface],
    }
    for name, targets in needs.items():
        if any(authorization.denial(key, f"ec2:{name}", target) for target in targets):
            raise AwsError(INVALID, f"The provided execution role does not have permissions to call {name} on EC2")


def check_code(wanted: Mapping[str, Any]) -> None:
    """Validate the code of CreateFunction."""
    source = wanted.get("Code") or {}
    if wanted.get("PackageType", "Zip") == "Zip" and not (wanted.get("Runtime") and wanted.get("Handler")):
        raise AwsError(
            INVALID, "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    if "S3Bucket" in source and from_bucket(source["S3Bucket"], source["S3Key"], source.get("S3ObjectVersion")) is None:
        raise AwsError(
            INVALID,
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not "
            f"exist: s3://{source['S3Bucket']}/{source['S3Key']}",
        )


def check_mapping(wanted: Mapping[str, Any]) -> None:
    """Validate the event source mapping of a queue, as it would be after creation or update."""
    queue = queue_by_arn(wanted["EventSourceArn"])
    name, qualifier = resolve_name(wanted["FunctionName"])
    _version, config = version_of(name, qualifier)
    if config is None:
        return  # ministack says so itself
    if queue is None:
        raise AwsError(
            INVALID,
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist.",
        )
    size, window = int(wanted.get("BatchSize") or RECEIVED), int(wanted.get("MaximumBatchingWindowInSeconds") or 0)
    _sizes(size, window, is_fifo=queue["is_fifo"])
    hidden, seconds = int(queue["attributes"]["VisibilityTimeout"]), int(config["Timeout"])
    if hidden < seconds:
        message = f"Queue visibility timeout: {hidden} seconds is less than Function timeout: {seconds} seconds"
        raise AwsError(INVALID, message)
    if (wanted.get("ScalingConfig") or {}).get("MaximumConcurrency") and wanted.get("ProvisionedPollerConfig"):
        raise AwsError(INVALID, "MaximumConcurrency and ProvisionedPollerConfig cannot be used together.")
    refusal = missing_permission(config, queue)
    if refusal is not None:
        raise AwsError(INVALID, refusal)


@cache
def runtimes() -> frozenset[str]:
    """Return the runtimes in Lambda's API model."""
    model = Loader().load_service_model("lambda", "service-2")
    return frozenset(model["shapes"]["Runtime"]["enum"])


def _sizes(size: int, window: int, *, is_fifo: bool) -> None:
    most = RECEIVED if is_fifo else 10_000
    if not 1 <= size <= most:
        raise AwsError(INVALID, f"Batch size must be between 1 and {most}")
    if not 0 <= window <= 300:  # noqa: PLR2004 - AWS's limit in seconds, named in the message
        raise AwsError(INVALID, "Maximum batch window in seconds must be between 0 and 300")
    if is_fifo and window:
        raise AwsError(INVALID, "Batching window is not supported for FIFO queues")
    if size > RECEIVED and not window:
        raise AwsError(
            INVALID, "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )


def _variables(variables: Mapping[str, str]) -> None:
    head = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    taken = sorted(RESERVED & set(variables))
    if taken:
        raise AwsError(
            INVALID,
            f"{head} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(taken)}",
        )
    if len(json.dumps(dict(variables), separators=(",", ":"))) > VARIABLE_BYTES:
        raise AwsError(INVALID, f"{head} exceeded the 4KB limit. String measured: {json.dumps(dict(variables))}")


def _constraint(value: object, key: str, side: str, least: int, most: int) -> None:
    field, bound = key[0].lower() + key[1:], least if side == "greater" else most
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: "
        f"Member must have value {side} than or equal to {bound}",
    )
