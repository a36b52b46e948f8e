"""Which AWS service a resource type belongs to, and how the ARNs of its resources are made.

Sources: Service Authorization Reference, "Resource types defined by ..." of each service; properties from the schema of
pulumi-aws 7.51.1.
"""

from __future__ import annotations

from typing import Final

import msgspec

from policypack.model.types import (
    ATHENA_WORKGROUP,
    BUCKET,
    BUCKET_V2,
    CODEBUILD_PROJECT,
    CODEPIPELINE,
    ECS_CLUSTER,
    ENDPOINT,
    ENDPOINT_CONFIGURATION,
    EVENT_BUS,
    FIREHOSE_STREAM,
    FUNCTION,
    GLUE_JOB,
    KEY,
    KEY_ALIAS,
    LOG_GROUP,
    METRIC_ALARM,
    MODEL,
    PIPE,
    POLICY,
    QUEUE,
    REPOSITORY,
    ROLE,
    SCHEDULE_GROUP,
    SECRET,
    SSM_PARAMETER,
    STATE_MACHINE,
    STEP_FUNCTIONS_ACTIVITY,
    STREAM,
    TABLE,
    TOPIC,
    USER,
)


class ArnFormat(msgspec.Struct, frozen=True):
    """How the ARNs of a type are made: `arn:PARTITION:service:REGION:ACCOUNT:` + `head` + the property `name`.

    `within`: what separates the name from the name of something inside the resource (`/` before an object of a bucket);
    empty where nothing inside it has an ARN.
    """

    service: str
    head: str = ""
    name: str = "name"
    within: str = ""


ARN_FORMATS: Final[dict[str, ArnFormat]] = {
    QUEUE: ArnFormat("sqs"),
    TABLE: ArnFormat("dynamodb", "table/", within="/"),
    FUNCTION: ArnFormat("lambda", "function:", within=":"),
    ENDPOINT: ArnFormat("sagemaker", "endpoint/"),
    ENDPOINT_CONFIGURATION: ArnFormat("sagemaker", "endpoint-config/"),
    MODEL: ArnFormat("sagemaker", "model/"),
    TOPIC: ArnFormat("sns", within=":"),
    STREAM: ArnFormat("kinesis", "stream/", within="/"),
    LOG_GROUP: ArnFormat("logs", "log-group:", within=":"),
    ROLE: ArnFormat("iam", "role/"),
    POLICY: ArnFormat("iam", "policy/"),
    KEY: ArnFormat("kms", "key/", "keyId"),
    KEY_ALIAS: ArnFormat("kms"),
    BUCKET: ArnFormat("s3", "", "bucket", "/"),
    BUCKET_V2: ArnFormat("s3", "", "bucket", "/"),
    SECRET: ArnFormat("secretsmanager", "secret:", within="-"),
    SSM_PARAMETER: ArnFormat("ssm", "parameter/"),
    STATE_MACHINE: ArnFormat("states", "stateMachine:", within=":"),
    STEP_FUNCTIONS_ACTIVITY: ArnFormat("states", "activity:"),
    EVENT_BUS: ArnFormat("events", "event-bus/"),
    METRIC_ALARM: ArnFormat("cloudwatch", "alarm:"),
    REPOSITORY: ArnFormat("ecr", "repository/"),
    FIREHOSE_STREAM: ArnFormat("firehose", "deliverystream/"),
    PIPE: ArnFormat("pipes", "pipe/"),
    SCHEDULE_GROUP: ArnFormat("scheduler", "schedule-group/"),
    CODEBUILD_PROJECT: ArnFormat("codebuild", "project/"),
    CODEPIPELINE: ArnFormat("codepipeline", within="/"),
    GLUE_JOB: ArnFormat("glue", "job/"),
    ATHENA_WORKGROUP: ArnFormat("athena", "workgroup/"),
    ECS_CLUSTER: ArnFormat("ecs", "cluster/"),
    USER: ArnFormat("iam", "user/"),
}
"""The types whose resources policies may name."""

NAME_ONLY_SERVICES: Final = frozenset(
    format_.service for format_ in ARN_FORMATS.values() if not format_.head and format_.service != "kms"
)
"""Services in whose ARNs the resource starts with the name itself, and not with a word for its type."""

_SERVICES_OF_MODULES: Final = {"cloudwatch": ("cloudwatch", "events", "logs"), "cfg": ("config",), "sfn": ("states",)}
"""Modules of pulumi-aws whose resources have another service in their ARNs than the module's name."""


def services_of_type(type_: str) -> tuple[str, ...]:
    """The services in the ARNs of a type's resources, by the module of the type; none if the type is not of AWS."""
    if not type_.startswith("aws:"):
        return ()
    module = type_.removeprefix("aws:").partition("/")[0]
    return _SERVICES_OF_MODULES.get(module, (module,))
