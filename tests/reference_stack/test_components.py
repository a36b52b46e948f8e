"""Each component by itself: what it makes of its arguments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.model_endpoint import ModelEndpoint, ModelEndpointArgs
from components.results_store import ResultsStore, ResultsStoreArgs
from components.work_queue import WorkQueue, WorkQueueArgs
from components.worker import Worker, WorkerArgs, archive
from place import Place

from policypack.testing import UNKNOWN, program

if TYPE_CHECKING:
    from pathlib import Path

    from policypack.model import Resource, Stack

CHINA = Place(partition="aws-cn", dns_suffix="amazonaws.com.cn", region="cn-north-1", account="210987654321")
TAGS = {"project": "test", "owner": "team-a"}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model@sha256:" + "a" * 64


def only(stack: Stack, type_: str, name: str = "it") -> Resource:
    """The one resource of a type and a name."""
    (found,) = [resource for resource in stack.of_type(type_) if resource.name == name]
    return found


def statements(resource: Resource, path: str = "policy") -> list[dict[str, Any]]:
    """The statements of a policy document."""
    found: list[dict[str, Any]] = json.loads(resource.get(path))["Statement"]
    return found


def worker(**changed: Any) -> WorkerArgs:
    """The arguments of a worker."""
    given: dict[str, Any] = {
        "place": CHINA,
        "code": pulumi.AssetArchive({}),
        "queue_name": "jobs",
        "endpoint_name": "Forecast",
        "table_name": "answers",
        "key_alias": "alias/it",
        "key_arn": UNKNOWN,
        "log_group_name": "/aws/lambda/it",
        "log_retention_days": 30,
        "tags": TAGS,
    }
    return WorkerArgs(**(given | changed))


def model(**changed: Any) -> ModelEndpointArgs:
    """The arguments of a model endpoint."""
    given: dict[str, Any] = {
        "place": CHINA,
        "endpoint_name": "forecast",
        "image": IMAGE,
        "key_arn": UNKNOWN,
        "log_retention_days": 30,
        "tags": TAGS,
    }
    return ModelEndpointArgs(**(given | changed))


@pytest.mark.parametrize(("timeout", "hidden"), [(30, 180), (1, 6)])
def test_a_queue_hides_messages_for_six_timeouts_of_its_consumer(timeout: int, hidden: int) -> None:
    """Whatever the consumer's timeout."""
    args = WorkQueueArgs(place=CHINA, consumer_timeout_seconds=timeout, key_alias="alias/it", tags=TAGS)
    assert only(program(lambda: WorkQueue("it", args)), "aws:sqs/queue:Queue").get("visibilityTimeoutSeconds") == hidden


def test_a_queue_comes_with_its_dead_letter_queue_and_both_are_closed() -> None:
    """Redrive names each other's ARN; both have the key and refuse plain HTTP; both alarms watch the second."""
    args = WorkQueueArgs(
        place=CHINA,
        consumer_timeout_seconds=30,
        key_alias="alias/it",
        max_receives=7,
        retention_days=3,
        alarm_actions=["arn:aws-cn:sns:cn-north-1:210987654321:alarms"],
        tags=TAGS,
    )
    stack = program(lambda: WorkQueue("it", args))
    queue, dead = only(stack, "aws:sqs/queue:Queue"), only(stack, "aws:sqs/queue:Queue", "it-dead-letters")
    queue_arn, dead_arn = (f"arn:aws-cn:sqs:cn-north-1:210987654321:{each.get('name')}" for each in (queue, dead))
    assert json.loads(queue.get("redrivePolicy")) == {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 7}
    allowed = only(stack, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "it-dead-letters")
    assert json.loads(allowed.get("redriveAllowPolicy")) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [queue_arn],
    }
    for name, resource, arn in (("it", queue, queue_arn), ("it-dead-letters", dead, dead_arn)):
        assert resource.get("kmsMasterKeyId") == "alias/it"
        (deny,) = statements(only(stack, "aws:sqs/queuePolicy:QueuePolicy", name))
        assert (deny["Effect"], deny["Principal"], deny["Action"], deny["Resource"]) == ("Deny", "*", "sqs:*", arn)
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    alarms = stack.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {alarm.get("metricName"): alarm.get("threshold") for alarm in alarms} == {
        "ApproximateNumberOfMessagesVisible": 0,
        "ApproximateAgeOfOldestMessage": 10 * 86_400,  # 14 days less 3 that it may have waited before, less 1
    }
    for alarm in alarms:
        assert alarm.get("dimensions") == {"QueueName": dead.get("name")}
        assert alarm.get("alarmActions") == ["arn:aws-cn:sns:cn-north-1:210987654321:alarms"]


def test_a_worker_may_do_what_it_does_and_nothing_else() -> None:
    """The whole policy, word by word, in another partition."""
    stack = program(lambda: Worker("it", worker()))
    assert statements(only(stack, "aws:iam/rolePolicy:RolePolicy")) == [
        {
            "Effect": "Allow",
            "Action": [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",
            ],
            "Resource": ["arn:aws-cn:sqs:cn-north-1:210987654321:jobs"],
        },
        {
            "Effect": "Allow",
            "Action": ["sagemaker:InvokeEndpoint"],
            "Resource": ["arn:aws-cn:sagemaker:cn-north-1:210987654321:endpoint/forecast"],
        },
        {
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem"],
            "Resource": ["arn:aws-cn:dynamodb:cn-north-1:210987654321:table/answers"],
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["arn:aws-cn:kms:cn-north-1:210987654321:key/*"],
            "Condition": {
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/it"},
                "StringEquals": {
                    "kms:ViaService": ["sqs.cn-north-1.amazonaws.com.cn", "dynamodb.cn-north-1.amazonaws.com.cn"]
                },
            },
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ["arn:aws-cn:logs:cn-north-1:210987654321:log-group:/aws/lambda/it:*"],
        },
        {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": ["*"]},
    ]
    (trusted,) = statements(only(stack, "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_workers_limits_fit_together() -> None:
    """Pollers ignore reserved concurrency, so there is as much of it; two requests to the model fit into the time."""
    stack = program(lambda: Worker("it", worker(concurrency=25)))
    function = only(stack, "aws:lambda/function:Function")
    mapping = only(stack, "aws:lambda/eventSourceMapping:EventSourceMapping")
    assert mapping.get("scalingConfig.maximumConcurrency") == 25
    assert function.get("reservedConcurrentExecutions") == 25
    assert 2 * float(function.get("environment.variables.MODEL_TIMEOUT_SECONDS")) < function.get("timeout")
    assert mapping.get("functionResponseTypes") == ["ReportBatchItemFailures"]
    assert mapping.get("functionName").endswith(f":function:{function.get('name')}:live")


def test_the_archive_holds_the_code_and_not_what_running_it_leaves(tmp_path: Path) -> None:
    """Byte code of another interpreter would change the archive from machine to machine."""
    for name in ("handler.py", "part/more.py", "__pycache__/handler.cpython-311.pyc", "part/__pycache__/x.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(archive(tmp_path).assets) == ["handler.py", "part/more.py"]


def test_a_models_role_fetches_one_image_and_one_artefact() -> None:
    """The image's repository may be in another account and region."""
    args = model(artefact="s3://models/v1/model.tar.gz")
    stack = program(lambda: ModelEndpoint("it", args))
    granted = {
        action: resource
        for statement in statements(only(stack, "aws:iam/rolePolicy:RolePolicy"))
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    repository = "arn:aws-cn:ecr:us-east-1:123456789012:repository/team/model"
    logs = "arn:aws-cn:logs:cn-north-1:210987654321:log-group:/aws/sagemaker/Endpoints/forecast:*"
    assert granted == {
        "ecr:BatchCheckLayerAvailability": repository,
        "ecr:BatchGetImage": repository,
        "ecr:GetDownloadUrlForLayer": repository,
        "ecr:GetAuthorizationToken": "*",
        "s3:GetObject": "arn:aws-cn:s3:::models/v1/model.tar.gz",
        "logs:CreateLogStream": logs,
        "logs:DescribeLogStreams": logs,
        "logs:PutLogEvents": logs,
        "cloudwatch:PutMetricData": "*",
    }
    container = only(stack, "aws:sagemaker/model:Model").get("primaryContainer")
    assert container == {"image": IMAGE, "modelDataUrl": "s3://models/v1/model.tar.gz"}


def test_a_model_without_an_artefact_reads_nothing_from_s3() -> None:
    """The image holds the model."""
    stack = program(lambda: ModelEndpoint("it", model()))
    assert "s3:" not in only(stack, "aws:iam/rolePolicy:RolePolicy").get("policy")
    assert only(stack, "aws:sagemaker/model:Model").get("primaryContainer") == {"image": IMAGE}


def test_only_sagemaker_of_this_account_and_region_takes_on_the_models_role() -> None:
    """AWS's form against the confused deputy: any narrower ARN would break inference."""
    stack = program(lambda: ModelEndpoint("it", model()))
    (trusted,) = statements(only(stack, "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted == {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "210987654321"},
            "ArnLike": {"aws:SourceArn": "arn:aws-cn:sagemaker:cn-north-1:210987654321:*"},
        },
    }


def test_the_log_group_of_an_endpoint_is_there_before_the_endpoint() -> None:
    """SageMaker would make one without an end and without the key."""
    stack = program(lambda: ModelEndpoint("it", model()))
    endpoint, logs = only(stack, "aws:sagemaker/endpoint:Endpoint"), only(stack, "aws:cloudwatch/logGroup:LogGroup")
    assert logs.get("name") == f"/aws/sagemaker/Endpoints/{endpoint.get('name')}"
    assert logs.urn in endpoint.dependencies


@pytest.mark.parametrize("protected", [True, False])
def test_a_store_is_protected_as_it_is_told(protected: bool) -> None:
    """A stack that is thrown away has to be able to."""
    args = ResultsStoreArgs(key_arn=UNKNOWN, deletion_protection=protected, tags=TAGS)
    table = only(program(lambda: ResultsStore("it", args)), "aws:dynamodb/table:Table")
    assert table.get("deletionProtectionEnabled") is protected


def test_a_key_lets_the_logs_service_in_for_its_log_groups_only() -> None:
    """And leaves everything else to the account's own policies."""
    args = EncryptionKeyArgs(place=CHINA, alias="it", log_groups=["/aws/lambda/it"], tags=TAGS)
    key = only(program(lambda: EncryptionKey("it", args)), "aws:kms/key:Key")
    administration, logs = statements(key)
    assert administration["Principal"] == {"AWS": "arn:aws-cn:iam::210987654321:root"}
    assert logs["Principal"] == {"Service": "logs.cn-north-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": ["arn:aws-cn:logs:cn-north-1:210987654321:log-group:/aws/lambda/it"]
        }
    }
