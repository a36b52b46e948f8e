"""Lookup of the resource that an ARN names, with its own service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud


CLIENTS = {"execute-api": "apigatewayv2"}
"""Services that are asked by another name than ARNs have."""


def found(cloud: Cloud, arn: str) -> str:
    """The ARN, or another identifier, that the service returns; the error code if the resource does not exist."""
    service, name = arn.split(":")[2], arn.split(":", 5)[5]
    try:
        return str(_ASK[service](cloud.client(CLIENTS.get(service, service)), name, arn))
    except ClientError as error:
        return error.response["Error"]["Code"]


def _lambda(client: Any, name: str, arn: str) -> str:
    kind, _, rest = name.partition(":")
    if kind == "event-source-mapping":
        return f"{client.get_event_source_mapping(UUID=rest)['EventSourceMappingArn']}"
    if ":" in rest:
        function, alias = rest.split(":")
        return f"{client.get_alias(FunctionName=function, Name=alias)['AliasArn']}"
    return f"{client.get_function(FunctionName=arn)['Configuration']['FunctionArn']}"


def _sagemaker(client: Any, name: str, _arn: str) -> str:
    kind, _, called = name.partition("/")
    match kind:
        case "model":
            return f"{client.describe_model(ModelName=called)['ModelArn']}"
        case "endpoint-config":
            return f"{client.describe_endpoint_config(EndpointConfigName=called)['EndpointConfigArn']}"
        case _:
            return f"{client.describe_endpoint(EndpointName=called)['EndpointArn']}"


def _sqs(client: Any, name: str, _arn: str) -> str:
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    return f"{client.get_queue_attributes(QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']}"


def _logs(client: Any, name: str, _arn: str) -> str:
    called = name.removeprefix("log-group:").removesuffix(":*")
    groups = client.describe_log_groups(logGroupNamePrefix=called)["logGroups"]
    return str(next(group["arn"].removesuffix(":*") for group in groups if group["logGroupName"] == called))


def _s3(client: Any, name: str, arn: str) -> str:
    client.head_bucket(Bucket=name)
    return arn


def _execute_api(client: Any, name: str, arn: str) -> str:
    """The ARN is for execute-api; the API is a resource of API Gateway."""
    called = name.partition("/")[0]
    return arn if client.get_api(ApiId=called)["ApiId"] == called else ""


_ASK = {
    "dynamodb": lambda it, name, _: it.describe_table(TableName=name.removeprefix("table/"))["Table"]["TableArn"],
    "execute-api": _execute_api,
    "iam": lambda it, name, _: it.get_role(RoleName=name.rpartition("/")[2])["Role"]["Arn"],
    "kms": lambda it, _, arn: it.describe_key(KeyId=arn)["KeyMetadata"]["Arn"],
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "sns": lambda it, _, arn: it.get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"],
    "sqs": _sqs,
}
