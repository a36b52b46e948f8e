"""Roles that grant access to resources which their workloads do not refer to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import KEY, Unknown
from policypack.rules.least_privilege.unused.resources import (
    OutsideOptions,
    role_grants_no_resources_outside_stack,
    role_grants_only_resources_its_workload_uses,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, role, table
from tests.policypack.rules.workloads import LOGS, POLL, allow, arn, environment, feed, may, model, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

RESULTS = arn("dynamodb", "table/results")
PUT = allow("dynamodb:PutItem", RESULTS)
STREAM = f"{RESULTS}/stream/*"
REFERRED = "a resource of the stack, which the workload refers to or not"


def writer(variables: Any, *statements: Any, **settings: Any) -> Builder:
    """Build a function beside a table; `variables` makes its environment from the table."""

    def build() -> None:
        results = table("results", name="results")
        worker(*(statements or [PUT]), environment=environment(**variables(results)), **settings)

    return build


def unwired(_: Any) -> dict[str, Any]:
    """Give an environment without variables."""
    return {}


def through_a_parameter() -> None:
    """Build a function that reads the table's name from an SSM parameter."""
    parameter = aws.ssm.Parameter(
        "place", name="/app/place", type="String", value=table("results", name="results").name
    )
    worker(PUT, environment=environment(PLACE=parameter.name))


def depends_on_the_table() -> None:
    """Build a function that depends on the table by depends_on."""
    results = table("results", name="results")
    holder = role("worker-role")
    may(holder, PUT)
    aws.lambda_.Function(
        "worker",
        role=holder.arn,
        handler="handler.handle",
        runtime="python3.13",
        code=pulumi.AssetArchive({}),
        opts=pulumi.ResourceOptions(depends_on=[results]),
    )


def announced_objects(*, notified: bool = True) -> Builder:
    """Build a bucket that notifies a queue, and a function that reads the objects of the notifications."""

    def build() -> None:
        bucket, queue = aws.s3.Bucket("data", bucket="data"), aws.sqs.Queue("work", name="work")
        queues = [aws.s3.BucketNotificationQueueArgs(queue_arn=queue.arn, events=["s3:ObjectCreated:*"])]
        if notified:
            aws.s3.BucketNotification("tells", bucket=bucket.bucket, queues=queues)
        feed(queue.arn, worker(allow(POLL, arn("sqs", "work")), allow("s3:GetObject", "arn:aws:s3:::data/*")))

    return build


def invokes(*, event_source_of_other: bool = False) -> Builder:
    """Build a function that invokes another, and may send to its own event source or to that of the other."""

    def build() -> None:
        theirs, ours = aws.sqs.Queue("theirs", name="theirs"), aws.sqs.Queue("ours", name="ours")
        other = function("other")
        statement = allow("sqs:SendMessage", arn("sqs", "theirs" if event_source_of_other else "ours"))
        caller = worker(statement, environment=environment(NEXT=other.name))
        aws.lambda_.EventSourceMapping("theirs", event_source_arn=theirs.arn, function_name=other.arn)
        aws.lambda_.EventSourceMapping("ours", event_source_arn=ours.arn, function_name=caller.arn)

    return build


def machine(task: str) -> Builder:
    """Build a state machine that invokes a function."""

    def build() -> None:
        function("task")
        holder = role("machine-role", "states.amazonaws.com")
        may(holder, allow("lambda:InvokeFunction", arn("lambda", "function:task-1a2b3c4:*")))
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": task, "End": True}}})
        aws.sfn.StateMachine("machine", role_arn=holder.arn, definition=definition)

    return build


@examples(
    role_grants_only_resources_its_workload_uses,
    "source, build",
    [
        (REFERRED, writer(lambda results: {"TABLE": results.name}), PASS),
        (REFERRED, writer(lambda results: {"TABLE": results.arn}), PASS),
        (REFERRED, writer(lambda _: {"TABLE": "results"}), PASS),  # by name
        (REFERRED, writer(lambda _: {"CONFIG": json.dumps({"tables": [RESULTS]})}), PASS),  # inside a JSON text
        (REFERRED, through_a_parameter, PASS),
        (REFERRED, depends_on_the_table, PASS),
        (REFERRED, announced_objects(), PASS),
        (REFERRED, invokes(), PASS),
        (REFERRED, machine(arn("lambda", "function:task-1a2b3c4")), PASS),
        (REFERRED, writer(lambda _: {"MODE": "fast"}), FAIL),
        (REFERRED, writer(unwired, allow("dynamodb:*Item", f"{RESULTS}*")), FAIL),
        (REFERRED, announced_objects(notified=False), FAIL),
        (REFERRED, invokes(event_source_of_other=True), FAIL),
        (REFERRED, machine(arn("lambda", "function:another")), FAIL),
        ("wildcards are judged by other rules", writer(unwired, allow("dynamodb:PutItem", "*")), PASS),
        ("judged by role-reads-only-its-event-sources", writer(unwired, allow("dynamodb:GetRecords", STREAM)), PASS),
        ("no workload uses the role", lambda: (table("results", name="results"), may(role("held"), PUT)), PASS),
        ("unknowns: a setting", writer(lambda _: {"TABLE": UNKNOWN}), UNDECIDED),
        ("unknowns: a policy", writer(lambda results: {"TABLE": results.name}, allow(UNKNOWN, RESULTS)), UNDECIDED),
    ],
)
def test_role_grants_only_resources_its_workload_uses(source: str, build: Builder, verdict: Verdict) -> None:
    """A role grants access only to resources that the settings and event sources of its workload refer to."""
    assert judge(role_grants_only_resources_its_workload_uses, program(build)) == verdict, source


OUTSIDE = "a resource outside the stack, which the workload refers to or not"


def alone(*statements: Any, **variables: Any) -> Builder:
    """Build a function by itself."""
    return lambda: worker(*statements, environment=environment(**variables), name="worker")


def hosted(*statements: Any) -> Builder:
    """Build a model of an image and an artefact that are elsewhere."""
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn@sha256:0"
    return lambda: model(*statements, image=image, model_data_url="s3://models/churn/model.tar.gz")


@examples(
    role_grants_no_resources_outside_stack,
    "source, build",
    [
        (OUTSIDE, alone(PUT, TABLE="results"), PASS),  # its settings name it
        (OUTSIDE, alone(PUT, TABLE=RESULTS), PASS),
        (OUTSIDE, writer(unwired), PASS),  # in the stack: judged by role-grants-only-resources-its-workload-uses
        (OUTSIDE, alone(allow(LOGS, arn("logs", "log-group:/aws/lambda/worker-1a2b3c4:*"))), PASS),  # its own
        (OUTSIDE, hosted(allow("ecr:BatchGetImage", arn("ecr", "repository/churn"))), PASS),
        (OUTSIDE, hosted(allow("s3:GetObject", "arn:aws:s3:::models/churn/*")), PASS),
        (OUTSIDE, hosted(allow(LOGS, arn("logs", "log-group:/aws/sagemaker/Endpoints/*"))), PASS),  # AWS's example
        (OUTSIDE, alone(allow("ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/x")), PASS),  # AWS's
        (OUTSIDE, alone(allow("dynamodb:PutItem", "*")), PASS),  # names nothing
        (OUTSIDE, alone(allow("sqs:SendMessage", arn("sqs", "work")), MODE="fast"), FAIL),
        (OUTSIDE, alone(PUT, TABLE="other"), FAIL),
        (OUTSIDE, alone(allow("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:db-??????"))), FAIL),
        (OUTSIDE, alone(allow(LOGS, arn("logs", "log-group:/aws/lambda/other:*"))), FAIL),
        (OUTSIDE, hosted(allow("s3:GetObject", "arn:aws:s3:::customers/*")), FAIL),
        (OUTSIDE, hosted(allow("ecr:BatchGetImage", arn("ecr", "repository/other"))), FAIL),
        ("unknowns: a setting", alone(PUT, TABLE=UNKNOWN), UNDECIDED),
    ],
)
def test_role_grants_no_resources_outside_stack(source: str, build: Builder, verdict: Verdict) -> None:
    """A role grants access only to resources that the stack creates or a workload refers to."""
    assert judge(role_grants_no_resources_outside_stack, program(build)) == verdict, source


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [((RESULTS,), PASS), (("arn:aws:dynamodb:*:*:table/res*",), PASS), (("arn:aws:sqs:*:*:*",), FAIL), ((), FAIL)],
)
def test_shared_resources_can_be_allowed(allowed: tuple[str, ...], verdict: Verdict) -> None:
    """The option allowed holds ARN patterns."""
    options = OutsideOptions(allowed=allowed)
    assert judge(role_grants_no_resources_outside_stack, program(alone(PUT)), options) == verdict


def test_messages_name_the_resource_and_the_workload() -> None:
    """The path is that of the resource in the statement."""
    stack = program(writer(unwired, allow(["dynamodb:PutItem", "dynamodb:GetItem"], [RESULTS])))
    (finding,) = judgements(role_grants_only_resources_its_workload_uses, stack)["worker-role"].findings
    assert (
        finding.message
        == "allows dynamodb:PutItem, dynamodb:GetItem on results, which the configuration of worker does not refer to"
    )
    assert finding.path == "policy.Statement[0].Resource[0]"
    assert messages(role_grants_no_resources_outside_stack, program(alone(PUT))) == [
        f"allows dynamodb:PutItem on {RESULTS}, which the stack neither creates nor refers to"
    ]


def test_properties_that_the_provider_sets_are_no_references() -> None:
    """In a real preview the ID of a new key is unknown; it is no setting that may name any resource."""

    def build() -> None:
        key = aws.kms.Key("key")
        queue = aws.sqs.Queue("work", name="work", kms_master_key_id=key.arn)
        feed(queue.arn, worker(allow(POLL, arn("sqs", "work"))))

    stack = program(build)
    for key in stack.of_type(KEY):
        key.value["keyId"] = Unknown("keyId")
    assert judge(role_grants_only_resources_its_workload_uses, stack) == PASS
    assert judge(role_grants_no_resources_outside_stack, stack) == PASS
