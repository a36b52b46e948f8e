"""Roles that grant data actions which the code of their functions never calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from policypack.rules.least_privilege.unused.code import role_grants_only_actions_its_code_calls
from policypack.testing import FAIL, PASS, UNDECIDED, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.function_code import (
    DYNAMIC,
    JOBS,
    NEWS,
    PUBLISH,
    PUT,
    PUTS,
    RESULTS,
    WORKER_STATEMENTS,
    archive,
    code,
    folder,
)
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.workloads import LOGS, allow, arn, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]


def with_dead_letter_queue() -> None:
    """Build a function with a dead-letter queue."""
    worker(
        PUT,
        allow("sqs:SendMessage", JOBS),
        code=archive(PUTS),
        dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=JOBS),
    )


def shared() -> None:
    """Build two functions with one role; the code of one is not local."""
    holder = role("worker-role")
    may(holder, PUT, PUBLISH)
    function(role=holder.arn, code=archive(PUTS))
    function("other", role=holder.arn, code=None, s3_bucket="code", s3_key="code.zip")


def two() -> None:
    """Build two functions with one role that call different actions."""
    holder = role("worker-role")
    may(holder, PUT, PUBLISH)
    function(role=holder.arn, code=archive(PUTS))
    function("other", role=holder.arn, code=archive("import boto3\nboto3.client('sns').publish()"))


def assumable_by_others() -> None:
    """Build a role that a principal besides Lambda can assume."""
    holder = aws.iam.Role(
        "worker-role",
        assume_role_policy='{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"Service":"lambda.amazonaws.com","AWS":"arn:aws:iam::123456789012:root"}}}',
    )
    may(holder, PUT, PUBLISH)
    function(role=holder.arn, code=archive(PUTS))


@examples(
    role_grants_only_actions_its_code_calls,
    "build",
    [
        (code(PUTS, PUT), PASS),
        (folder(*WORKER_STATEMENTS), PASS),
        (code(PUTS, PUT, allow(LOGS, "*"), allow("kms:Decrypt", "*")), PASS),
        (code(PUTS, PUT, allow("dynamodb:Describe*", RESULTS)), PASS),
        (code(PUTS, PUT, managed=["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]), PASS),
        (code("", PUT), PASS),
        (with_dead_letter_queue, PASS),
        (shared, PASS),
        (two, PASS),
        (assumable_by_others, PASS),
        (lambda: role("idle"), PASS),
        (code("import boto3\nboto3.client('dynamodb').transact_write_items()", PUT), PASS),
        (code("import boto3\nboto3.resource('s3').Bucket('x').upload_file()", allow("s3:PutObject", "*")), PASS),
        (code(PUTS, PUT, PUBLISH), FAIL),
        (code(PUTS, allow(["dynamodb:PutItem", "dynamodb:DeleteItem"], RESULTS)), FAIL),
        (folder(*WORKER_STATEMENTS, PUBLISH), FAIL),
        (code("def handle(event, context): return event", PUT), FAIL),
        (code(PUTS, PUT, allow("sqs:SendMessage", JOBS)), FAIL),
        (code(DYNAMIC, PUT, PUBLISH), UNDECIDED),
        (code(PUTS, PUT, PUBLISH, layers=[f"{arn('lambda', 'layer:tools')}:1"]), UNDECIDED),
        (code("import s3fs", PUT), UNDECIDED),
        (code(DYNAMIC, PUT), PASS),
    ],
)
def test_role_grants_only_actions_its_code_calls(build: Builder, verdict: Verdict) -> None:
    """IAM user guide, "Security best practices in IAM: Apply least-privilege permissions"."""
    assert judge(role_grants_only_actions_its_code_calls, program(build)) == verdict


def test_finding_names_the_action_and_its_place_in_the_policy() -> None:
    """The path is that of the action."""
    stack = program(code(PUTS, allow(["sns:Publish"], NEWS)))
    [found] = judgements(role_grants_only_actions_its_code_calls, stack)["worker-role"].findings
    assert found.message == "allows sns:Publish, which the code of worker never calls"
    assert found.path == "policy.Statement[0].Action[0]"
