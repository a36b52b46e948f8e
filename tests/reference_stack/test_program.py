"""The whole program, as its first preview sees it: whatever AWS would assign is unknown."""

from __future__ import annotations

import inspect
import json
import runpy
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from localcloud.checkout import ROOT
from policypack.model import FUNCTION, LOG_GROUP, MODEL, QUEUE, ROLE, TABLE, contains_unknown
from policypack.testing import program

if TYPE_CHECKING:
    import pytest

    from policypack.model import Resource, Stack
    from tests.reference_stack.conftest import Deploy

DOCUMENTS = ("policy", "assumeRolePolicy", "redrivePolicy", "redriveAllowPolicy")
WITHOUT_RESOURCES = {
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def made(stack: Stack) -> list[Resource]:
    """The resources that exist in AWS."""
    return [resource for resource in stack.resources if resource.type.startswith("aws:")]


def takes_tags(type_: str) -> bool:
    """Whether the resource class has a `tags` argument."""
    module, _, name = type_.removeprefix("aws:").replace("/", ":").split(":")
    class_ = getattr(getattr(aws, {"lambda": "lambda_"}.get(module, module)), name)
    return "tags" in inspect.signature(class_._internal_init).parameters


def test_every_policy_document_is_known_before_anything_exists(deploy: Deploy) -> None:
    """Nothing else can be judged in a preview."""
    documents = [
        (resource.name, path, resource.get(path))
        for resource in made(deploy())
        for path in DOCUMENTS
        if resource.has(path)
    ]
    assert len(documents) == 9  # 2 trust, 2 role, 2 queue and 1 key policy, redrive in both directions
    for name, path, text in documents:
        assert isinstance(text, str), f"{path} of {name} is not known at preview"
        assert json.loads(text)


def test_only_actions_that_have_no_resource_are_granted_on_everything(deploy: Deploy) -> None:
    """And they stand in statements of their own."""
    for policy in deploy().of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(policy.get("policy"))["Statement"]:
            assert not any("*" in action for action in statement["Action"])
            assert ("*" in statement["Resource"]) == (set(statement["Action"]) <= WITHOUT_RESOURCES)


def test_every_role_is_taken_on_by_one_service_and_used_by_one_resource(deploy: Deploy) -> None:
    """The model cannot do what the worker may do."""
    stack = deploy()
    used = {role.name: [user.type for user in stack.users_of(role)] for role in stack.of_type(ROLE)}
    assert used == {"worker": [FUNCTION], "model": [MODEL]}
    assert not stack.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")


def test_everything_that_holds_data_is_under_the_customers_key(deploy: Deploy) -> None:
    """The queue names the key by its alias, the others by an ARN that the deployment brings."""
    stack = deploy()
    key = {QUEUE: "kmsMasterKeyId", TABLE: "serverSideEncryption.kmsKeyArn", LOG_GROUP: "kmsKeyId"}
    key |= {FUNCTION: "kmsKeyArn", "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "kmsKeyArn"}
    for type_, path in key.items():
        assert stack.of_type(type_)
        for resource in stack.of_type(type_):
            assert resource.has(path), f"{resource} has no key"


def test_every_log_group_ends(deploy: Deploy) -> None:
    """As long as the settings say."""
    groups = deploy(logRetentionDays="90").of_type(LOG_GROUP)
    assert [group.get("retentionInDays") for group in groups] == [90, 90]


def test_every_queue_has_a_dead_letter_queue_or_is_one(deploy: Deploy) -> None:
    """Nothing falls out at the end."""
    queues = {queue.get("name"): queue for queue in deploy().of_type(QUEUE)}
    targets = {
        json.loads(queue.get("redrivePolicy"))["deadLetterTargetArn"].rpartition(":")[2]
        for queue in queues.values()
        if queue.has("redrivePolicy")
    }
    assert targets
    assert all(queue.has("redrivePolicy") or name in targets for name, queue in queues.items())


def test_everything_that_takes_tags_says_whose_it_is(deploy: Deploy) -> None:
    """Project and owner, on what costs money and on what does not."""
    resources = [resource for resource in made(deploy(owner="team-a")) if takes_tags(resource.type)]
    assert len(resources) > 10
    for resource in resources:
        assert resource.get("tags") == {"project": "test", "stack": "test", "owner": "team-a"}, resource


def test_every_resource_belongs_to_a_component(deploy: Deploy) -> None:
    """So that the tree of `pulumi up` reads like the architecture."""
    stack = deploy()
    components = {resource.urn for resource in stack.resources if resource.type.startswith("decoupled:")}
    assert len(components) == 5
    assert all(resource.parent in components for resource in made(stack))


def test_settings_reach_the_resources(deploy: Deploy) -> None:
    """Each one where it belongs."""
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    stack = deploy(
        deletionProtection="false",
        workerConcurrency="20",
        modelInstances="4",
        modelInstanceType="ml.m5.xlarge",
        alarmTopic=topic,
    )
    (table,) = stack.of_type(TABLE)
    (function,) = stack.of_type(FUNCTION)
    (variants,) = stack.of_type("aws:sagemaker/endpointConfiguration:EndpointConfiguration")
    assert table.get("deletionProtectionEnabled") is False
    assert function.get("reservedConcurrentExecutions") == 20
    assert variants.get("productionVariants[0].initialInstanceCount") == 4
    assert variants.get("productionVariants[0].instanceType") == "ml.m5.xlarge"
    assert all(
        alarm.get("alarmActions") == [topic] for alarm in stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    )


def test_the_worker_is_the_folder_of_the_worker(deploy: Deploy) -> None:
    """All its modules, and nothing else."""
    (function,) = deploy().of_type(FUNCTION)
    assert sorted(function.get("code").assets) == sorted(
        path.name for path in (ROOT / "lambda_src" / "worker").glob("*.py")
    )


def test_what_others_need_is_exported(deploy: Deploy, exported: dict[str, Any]) -> None:
    """URLs and names to call, ARNs to grant."""
    deploy()
    assert {
        "queue_url",
        "queue_arn",
        "dead_letter_queue_url",
        "dead_letter_queue_arn",
        "results_table",
        "results_table_arn",
        "endpoint_name",
        "endpoint_arn",
        "endpoint_configuration_arn",
        "model_arn",
        "model_role_arn",
        "function_name",
        "function_arn",
        "worker_role_arn",
        "key_arn",
    } <= set(exported)


def test_the_naive_stack_is_a_program_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It registers the same parts, and its faults are known at preview, too."""
    folder = ROOT / "examples" / "naive_stack"
    monkeypatch.chdir(folder)
    stack = program(lambda: runpy.run_path(str(folder / "__main__.py")))
    (role,) = stack.of_type(ROLE)
    assert {user.type for user in stack.users_of(role)} == {FUNCTION, MODEL}
    for resource in made(stack):
        assert not any(contains_unknown(resource.get(path)) for path in DOCUMENTS)
