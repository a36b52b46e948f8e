"""The whole program at its first preview, where everything that AWS assigns is unknown."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import pulumi_aws as aws
import pytest
from settings import INGRESSES, SHAPES

from policypack.model import FUNCTION, LOG_GROUP, MODEL, QUEUE, ROLE, TABLE

if TYPE_CHECKING:
    from policypack.model import Resource, Stack
    from tests.reference_stack.conftest import Deploy

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
DOCUMENTS = ("policy", "assumeRolePolicy", "redrivePolicy", "redriveAllowPolicy", "eventPattern")
WITHOUT_RESOURCES = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
CONFIGURATIONS: list[dict[str, str]] = [
    {"endpointShape": shape, "ingress": ingress, "vpc": vpc}
    for shape, ingress, vpc in zip(SHAPES, INGRESSES, ("false", "true", "true"), strict=True)
]
"""Each shape, each ingress, in a network and not: every component is in one of these."""


def aws_resources(stack: Stack) -> list[Resource]:
    """The resources that exist in AWS."""
    return [resource for resource in stack.resources if resource.type.startswith("aws:")]


def takes_tags(type_: str) -> bool:
    """Whether the resource class has a `tags` argument."""
    module, _, name = type_.removeprefix("aws:").replace("/", ":").split(":")
    class_ = getattr(getattr(aws, {"lambda": "lambda_"}.get(module, module)), name)
    return "tags" in inspect.signature(class_._internal_init).parameters


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_policy_document_is_known_at_preview(deploy: Deploy, values: dict[str, str]) -> None:
    """Policies cannot check unknown documents."""
    documents = [
        (resource.name, path, resource.get(path))
        for resource in aws_resources(deploy(**values))
        for path in DOCUMENTS
        if resource.has(path)
    ]
    assert len(documents) > 11
    for name, path, text in documents:
        assert isinstance(text, str), f"{path} of {name} is not known at preview"
        assert json.loads(text)


@pytest.mark.parametrize("shape", SHAPES)
def test_only_actions_without_resource_level_permissions_have_a_wildcard(deploy: Deploy, shape: str) -> None:
    """In statements of their own."""
    for policy in deploy(endpointShape=shape, ingress="http").of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(policy.get("policy"))["Statement"]:
            assert not any("*" in action for action in statement["Action"])
            assert ("*" in statement["Resource"]) == (set(statement["Action"]) <= WITHOUT_RESOURCES)


@pytest.mark.parametrize(
    ("values", "roles"),
    [
        ({}, {"worker": [FUNCTION], "model": [MODEL]}),
        (
            {"endpointShape": "async", "ingress": "http", "vpc": "true"},
            {
                "worker": [FUNCTION],
                "collector": [FUNCTION],
                "model": [MODEL],
                "ingress": ["aws:apigatewayv2/integration:Integration"],
                "network-flow-logs": ["aws:ec2/flowLog:FlowLog"],
            },
        ),
    ],
)
def test_every_role_trusts_one_service_and_has_one_user(
    deploy: Deploy, values: dict[str, str], roles: dict[str, list[str]]
) -> None:
    """The model does not share the worker's role."""
    stack = deploy(**values)
    assert {role.name: _users(stack, role) for role in stack.of_type(ROLE)} == roles
    assert not stack.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")


def _users(stack: Stack, role: Resource) -> list[str]:
    """The resources with a property that refers to the role, without the role's own policies."""
    return [
        resource.type
        for resource in aws_resources(stack)
        if resource.type != "aws:iam/rolePolicy:RolePolicy"
        and any(role.urn in urns for urns in resource.property_dependencies.values())
    ]


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_all_data_is_encrypted_with_the_customer_managed_key(deploy: Deploy, values: dict[str, str]) -> None:
    """Queues and topics refer to the key by alias, the others by an ARN that is unknown at preview."""
    stack = deploy(**values)
    key = {
        QUEUE: "kmsMasterKeyId",
        "aws:sns/topic:Topic": "kmsMasterKeyId",
        TABLE: "serverSideEncryption.kmsKeyArn",
        LOG_GROUP: "kmsKeyId",
        FUNCTION: "kmsKeyArn",
        CONFIGURATION: "kmsKeyArn",
        SSE: "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId",
        "aws:s3/bucketObjectv2:BucketObjectv2": "kmsKeyId",
    }
    for type_, path in key.items():
        assert stack.of_type(type_)
        for resource in stack.of_type(type_):
            assert resource.has(path), f"{resource} has no key"
    for bus in stack.of_type("aws:cloudwatch/eventBus:EventBus"):
        assert bus.has("kmsKeyIdentifier")
    buckets = {bucket.get("bucket") for bucket in stack.of_type("aws:s3/bucket:Bucket")}
    for setting in (SSE, *(f"aws:s3/bucket{one}:Bucket{one[0].upper()}{one[1:]}" for one in ("Policy", "Versioning"))):
        assert {one.get("bucket") for one in stack.of_type(setting)} == buckets, setting


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_log_group_has_retention(deploy: Deploy, values: dict[str, str]) -> None:
    """As configured."""
    groups = deploy(**values, logRetentionDays="90").of_type(LOG_GROUP)
    assert len(groups) > 1
    assert {group.get("retentionInDays") for group in groups} == {90}


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_the_key_policy_admits_exactly_the_stacks_log_groups(deploy: Deploy, values: dict[str, str]) -> None:
    """Otherwise CloudWatch rejects their creation."""
    stack = deploy(**values)
    (key,) = stack.of_type("aws:kms/key:Key")
    (logs,) = (
        statement
        for statement in json.loads(key.get("policy"))["Statement"]
        if statement["Principal"].get("Service", "").startswith("logs.")
    )
    arns = logs["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    groups = stack.of_type(LOG_GROUP)
    assert sorted(arn.partition(":log-group:")[2] for arn in arns) == sorted(group.get("name") for group in groups)


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_queue_has_a_dead_letter_queue_or_is_one(deploy: Deploy, values: dict[str, str]) -> None:
    """No message is dropped."""
    stack = deploy(**values)
    queues = {queue.get("name"): queue for queue in stack.of_type(QUEUE)}
    targets = {
        json.loads(queue.get("redrivePolicy"))["deadLetterTargetArn"].rpartition(":")[2]
        for queue in queues.values()
        if queue.has("redrivePolicy")
    }
    for target in stack.of_type("aws:cloudwatch/eventTarget:EventTarget"):
        targets.add(target.get("deadLetterConfig.arn").rpartition(":")[2])
    assert targets
    assert all(queue.has("redrivePolicy") or name in targets for name, queue in queues.items())
    policies = stack.of_type("aws:sqs/queuePolicy:QueuePolicy")
    assert len(policies) == len(queues)
    assert all("aws:SecureTransport" in policy.get("policy") for policy in policies)


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_taggable_resource_has_the_tags(deploy: Deploy, values: dict[str, str]) -> None:
    """Project and owner."""
    resources = [resource for resource in aws_resources(deploy(**values, owner="team-a")) if takes_tags(resource.type)]
    assert len(resources) > 20
    for resource in resources:
        tags = {key: value for key, value in resource.get("tags").items() if key != "Name"}
        assert tags == {"project": "test", "stack": "test", "owner": "team-a"}, resource


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_resource_belongs_to_a_component(deploy: Deploy, values: dict[str, str]) -> None:
    """The tree of `pulumi up` shows the architecture."""
    stack = deploy(**values)
    components = {resource.urn for resource in stack.resources if resource.type.startswith("decoupled:")}
    assert len(components) > 7
    assert all(resource.parent in components for resource in aws_resources(stack))


@pytest.mark.parametrize("values", CONFIGURATIONS)
def test_every_alarm_has_an_action(deploy: Deploy, values: dict[str, str]) -> None:
    """The stack's topic, except the alarm that starts the first instance."""
    stack = deploy(**values, alarmEmail="team@example.com")
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms-1a2b3c4"
    alarms = stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert len(alarms) > 8
    for alarm in alarms:
        assert alarm.get("treatMissingData") == "notBreaching"
        if alarm.name != "model-first":
            assert alarm.get("alarmActions") == [topic] == alarm.get("okActions")
    (told,) = (each for each in stack.of_type("aws:sns/topicSubscription:TopicSubscription") if each.name == "alarms")
    assert (told.get("protocol"), told.get("endpoint")) == ("email", "team@example.com")


def test_settings_reach_the_resources(deploy: Deploy) -> None:
    """Each setting changes the property it is for."""
    stack = deploy(
        deletionProtection="false",
        workerConcurrency="20",
        resultDays="7",
        modelInstances="4",
        modelInstancesMost="9",
        modelRequests="77",
        modelInstanceType="ml.m5.xlarge",
        monthlyBudget="123",
    )
    assert {table.get("deletionProtectionEnabled") for table in stack.of_type(TABLE)} == {False}
    (function,) = stack.of_type(FUNCTION)
    (variants,) = stack.of_type(CONFIGURATION)
    (target,) = stack.of_type("aws:appautoscaling/target:Target")
    (policy,) = stack.of_type("aws:appautoscaling/policy:Policy")
    (budget,) = stack.of_type("aws:budgets/budget:Budget")
    assert function.get("reservedConcurrentExecutions") == 20
    assert function.get("environment.variables.RESULT_DAYS") == "7"
    assert variants.get("productionVariants[0].initialInstanceCount") == 4
    assert variants.get("productionVariants[0].instanceType") == "ml.m5.xlarge"
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (4, 9)
    assert policy.get("targetTrackingScalingPolicyConfiguration.targetValue") == 77
    assert budget.get("limitAmount") == "123"


def test_the_local_stack_can_be_destroyed_completely(deploy: Deploy) -> None:
    """Other stacks keep their buckets, expire objects, and have a budget."""
    stack = deploy()
    assert not any(bucket.get("forceDestroy") for bucket in stack.of_type("aws:s3/bucket:Bucket"))
    lifecycles = stack.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert {lifecycle.name for lifecycle in lifecycles} == {"models", "model-captured"}
    assert stack.of_type("aws:budgets/budget:Budget")
    assert stack.of_type("aws:cloudwatch/dashboard:Dashboard")
    without = deploy(dashboard="false")
    assert without.of_type("aws:budgets/budget:Budget")
    assert not without.of_type("aws:cloudwatch/dashboard:Dashboard")
