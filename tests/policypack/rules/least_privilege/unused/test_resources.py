"""Roles that reach more than their work is wired to."""

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
WIRED = "d6: a grant to a stack resource that the workload is not wired to"


def writer(variables: Any, *statements: Any, **settings: Any) -> Builder:
    """Build a function beside a table; `variables` makes its environment from the table."""

    def build() -> None:
        results = table("results", name="results")
        worker(*(statements or [PUT]), environment=environment(**variables(results)), **settings)

    return build


def unwired(_: Any) -> dict[str, Any]:
    """Give an environment that names nothing."""
    return {}


def through_a_parameter() -> None:
    """Build a function that finds the table's name in a parameter."""
    parameter = aws.ssm.Parameter(
        "place", name="/app/place", type="String", value=table("results", name="results").name
    )
    worker(PUT, environment=environment(PLACE=parameter.name))


def depends_on_the_table() -> None:
    """Build a function whose code knows the table, which the program says."""
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
    """Build a bucket that tells a queue of its objects, and a function that reads what it is told of."""

    def build() -> None:
        bucket, queue = aws.s3.Bucket("data", bucket="data"), aws.sqs.Queue("work", name="work")
        queues = [aws.s3.BucketNotificationQueueArgs(queue_arn=queue.arn, events=["s3:ObjectCreated:*"])]
        if notified:
            aws.s3.BucketNotification("tells", bucket=bucket.bucket, queues=queues)
        feed(queue.arn, worker(allow(POLL, arn("sqs", "work")), allow("s3:GetObject", "arn:aws:s3:::data/*")))

    return build


def called(*, own: bool = True) -> Builder:
    """Build a function that calls another, and has a grant on what feeds itself, or on what feeds the other."""

    def build() -> None:
        theirs, ours = aws.sqs.Queue("theirs", name="theirs"), aws.sqs.Queue("ours", name="ours")
        other = function("other")
        statement = allow("sqs:SendMessage", arn("sqs", "ours" if own else "theirs"))
        caller = worker(statement, environment=environment(NEXT=other.name))
        aws.lambda_.EventSourceMapping("theirs", event_source_arn=theirs.arn, function_name=other.arn)
        aws.lambda_.EventSourceMapping("ours", event_source_arn=ours.arn, function_name=caller.arn)

    return build


def machine(task: str) -> Builder:
    """Build a state machine that calls a function."""

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
        (WIRED, writer(lambda results: {"TABLE": results.name}), PASS),
        (WIRED, writer(lambda results: {"TABLE": results.arn}), PASS),
        (WIRED, writer(lambda _: {"TABLE": "results"}), PASS),  # by name
        (WIRED, writer(lambda _: {"CONFIG": json.dumps({"tables": [RESULTS]})}), PASS),  # within a text
        (WIRED, through_a_parameter, PASS),
        (WIRED, depends_on_the_table, PASS),
        (WIRED, announced_objects(), PASS),
        (WIRED, called(), PASS),
        (WIRED, machine(arn("lambda", "function:task-1a2b3c4")), PASS),
        (WIRED, writer(lambda _: {"MODE": "fast"}), FAIL),
        (WIRED, writer(unwired, allow("dynamodb:*Item", f"{RESULTS}*")), FAIL),
        (WIRED, announced_objects(notified=False), FAIL),
        (WIRED, called(own=False), FAIL),
        (WIRED, machine(arn("lambda", "function:another")), FAIL),
        ("a5: patterns of a whole kind are another rule's", writer(unwired, allow("dynamodb:PutItem", "*")), PASS),
        ("d7: what takes messages is another rule's", writer(unwired, allow("dynamodb:GetRecords", STREAM)), PASS),
        ("nobody works under it", lambda: (table("results", name="results"), may(role("held"), PUT)), PASS),
        ("unknowns: a setting that may name anything", writer(lambda _: {"TABLE": UNKNOWN}), UNDECIDED),
        ("unknowns: a document", writer(lambda results: {"TABLE": results.name}, allow(UNKNOWN, RESULTS)), UNDECIDED),
    ],
)
def test_role_grants_only_resources_its_workload_uses(source: str, build: Builder, verdict: Verdict) -> None:
    """A role is for what the workload's settings and sources lead to."""
    assert judge(role_grants_only_resources_its_workload_uses, program(build)) == verdict, source


OUTSIDE = "d5: a grant to something outside the stack and outside an allow-list"


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
        (OUTSIDE, writer(unwired), PASS),  # in the stack: d6
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
        ("unknowns: a setting that may name anything", alone(PUT, TABLE=UNKNOWN), UNDECIDED),
    ],
)
def test_role_grants_no_resources_outside_stack(source: str, build: Builder, verdict: Verdict) -> None:
    """A role is for what the program makes, or a workload's settings name."""
    assert judge(role_grants_no_resources_outside_stack, program(build)) == verdict, source


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [((RESULTS,), PASS), (("arn:aws:dynamodb:*:*:table/res*",), PASS), (("arn:aws:sqs:*:*:*",), FAIL), ((), FAIL)],
)
def test_what_is_shared_can_be_listed(allowed: tuple[str, ...], verdict: Verdict) -> None:
    """The organisation knows of it."""
    options = OutsideOptions(allowed=allowed)
    assert judge(role_grants_no_resources_outside_stack, program(alone(PUT)), options) == verdict


def test_resource_and_workload_are_named() -> None:
    """The statement is where the finding is."""
    stack = program(writer(unwired, allow(["dynamodb:PutItem", "dynamodb:GetItem"], [RESULTS])))
    (finding,) = judgements(role_grants_only_resources_its_workload_uses, stack)["worker-role"].findings
    assert finding.message == "may dynamodb:PutItem, dynamodb:GetItem on results, which worker is not wired to"
    assert finding.path == "policy.Statement[0].Resource[0]"
    assert messages(role_grants_no_resources_outside_stack, program(alone(PUT))) == [
        f"may dynamodb:PutItem on {RESULTS}, which nothing here makes or names"
    ]


def test_what_only_the_deployment_brings_leaves_nothing_open() -> None:
    """A real preview knows of a key that it will have an identifier, and a model's files are the provider's to say."""

    def build() -> None:
        key = aws.kms.Key("key")
        queue = aws.sqs.Queue("work", name="work", kms_master_key_id=key.arn)
        feed(queue.arn, worker(allow(POLL, arn("sqs", "work"))))

    stack = program(build)
    for key in stack.of_type(KEY):
        key.value["keyId"] = Unknown("keyId")
    assert judge(role_grants_only_resources_its_workload_uses, stack) == PASS
    assert judge(role_grants_no_resources_outside_stack, stack) == PASS
