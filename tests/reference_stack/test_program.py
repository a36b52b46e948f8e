"""The whole program, as its first preview sees it: whatever AWS would assign is unknown."""

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
EVERYTHING: list[dict[str, str]] = [
    {"endpointShape": shape, "ingress": ingress, "vpc": vpc}
    for shape, ingress, vpc in zip(SHAPES, INGRESSES, ("false", "true", "true"), strict=True)
]
"""Each shape, each ingress, in a network and not: every component is in one of these."""


def made(stack: Stack) -> list[Resource]:
    """The resources that exist in AWS."""
    return [resource for resource in stack.resources if resource.type.startswith("aws:")]


def takes_tags(type_: str) -> bool:
    """Whether the resource class has a `tags` argument."""
    module, _, name = type_.removeprefix("aws:").replace("/", ":").split(":")
    class_ = getattr(getattr(aws, {"lambda": "lambda_"}.get(module, module)), name)
    return "tags" in inspect.signature(class_._internal_init).parameters


@pytest.mark.parametrize("values", EVERYTHING)
def test_every_policy_document_is_known_before_anything_exists(deploy: Deploy, values: dict[str, str]) -> None:
    """Nothing else can be judged in a preview."""
    documents = [
        (resource.name, path, resource.get(path))
        for resource in made(deploy(**values))
        for path in DOCUMENTS
        if resource.has(path)
    ]
    assert len(documents) > 11
    for name, path, text in documents:
        assert isinstance(text, str), f"{path} of {name} is not known at preview"
        assert json.loads(text)


@pytest.mark.parametrize("shape", SHAPES)
def test_only_actions_that_have_no_resource_are_granted_on_everything(deploy: Deploy, shape: str) -> None:
    """And they stand in statements of their own."""
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
def test_every_role_is_taken_on_by_one_service_and_used_by_one_resource(
    deploy: Deploy, values: dict[str, str], roles: dict[str, list[str]]
) -> None:
    """The model cannot do what the worker may do."""
    stack = deploy(**values)
    assert {role.name: _users(stack, role) for role in stack.of_type(ROLE)} == roles
    assert not stack.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")


def _users(stack: Stack, role: Resource) -> list[str]:
    """Whatever a property binds to the role, but for the role's own policies."""
    return [
        resource.type
        for resource in made(stack)
        if resource.type != "aws:iam/rolePolicy:RolePolicy"
        and any(role.urn in urns for urns in resource.property_dependencies.values())
    ]


@pytest.mark.parametrize("values", EVERYTHING)
def test_everything_that_holds_data_is_under_the_customers_key(deploy: Deploy, values: dict[str, str]) -> None:
    """Queues and topics name the key by its alias, the others by an ARN that the deployment brings."""
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


@pytest.mark.parametrize("values", EVERYTHING)
def test_every_log_group_ends(deploy: Deploy, values: dict[str, str]) -> None:
    """As long as the settings say."""
    groups = deploy(**values, logRetentionDays="90").of_type(LOG_GROUP)
    assert len(groups) > 1
    assert {group.get("retentionInDays") for group in groups} == {90}


@pytest.mark.parametrize("values", EVERYTHING)
def test_the_key_lets_the_logs_in_for_all_log_groups_and_no_others(deploy: Deploy, values: dict[str, str]) -> None:
    """Otherwise CloudWatch refuses to make them."""
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


@pytest.mark.parametrize("values", EVERYTHING)
def test_every_queue_has_a_dead_letter_queue_or_is_one(deploy: Deploy, values: dict[str, str]) -> None:
    """Nothing falls out at the end."""
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


@pytest.mark.parametrize("values", EVERYTHING)
def test_everything_that_takes_tags_says_whose_it_is(deploy: Deploy, values: dict[str, str]) -> None:
    """Project and owner, on what costs money and on what does not."""
    resources = [resource for resource in made(deploy(**values, owner="team-a")) if takes_tags(resource.type)]
    assert len(resources) > 20
    for resource in resources:
        tags = {key: value for key, value in resource.get("tags").items() if key != "Name"}
        assert tags == {"project": "test", "stack": "test", "owner": "team-a"}, resource


@pytest.mark.parametrize("values", EVERYTHING)
def test_every_resource_belongs_to_a_component(deploy: Deploy, values: dict[str, str]) -> None:
    """So that the tree of `pulumi up` reads like the architecture."""
    stack = deploy(**values)
    components = {resource.urn for resource in stack.resources if resource.type.startswith("decoupled:")}
    assert len(components) > 7
    assert all(resource.parent in components for resource in made(stack))


@pytest.mark.parametrize("values", EVERYTHING)
def test_every_alarm_tells_somebody(deploy: Deploy, values: dict[str, str]) -> None:
    """The stack's own topic, but for the one that starts an instance; and those who confirmed hear of it."""
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
    """Each one where it belongs."""
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


def test_the_stack_that_is_thrown_away_leaves_nothing_and_costs_nothing(deploy: Deploy) -> None:
    """Not so this one: its buckets stay, what is in them ends, and somebody is told what it costs."""
    stack = deploy()
    assert not any(bucket.get("forceDestroy") for bucket in stack.of_type("aws:s3/bucket:Bucket"))
    lifecycles = stack.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    assert {lifecycle.name for lifecycle in lifecycles} == {"models", "model-captured"}
    assert stack.of_type("aws:budgets/budget:Budget")
    assert stack.of_type("aws:cloudwatch/dashboard:Dashboard")
    without = deploy(dashboard="false")
    assert without.of_type("aws:budgets/budget:Budget")
    assert not without.of_type("aws:cloudwatch/dashboard:Dashboard")
