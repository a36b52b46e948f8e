"""Execution roles that allow the AWS API calls in the code of their functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from policypack.rules.least_privilege.missing.code import function_role_allows_actions_its_code_calls
from policypack.testing import FAIL, PASS, UNDECIDED, judge, messages, program
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
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.workloads import POLL, allow, deny, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]


def allowed_by_the_queue_policy() -> None:
    """Build a function that may send by the policy of the queue."""
    allowed = allow("sqs:SendMessage", JOBS, Principal={"AWS": "123456789012"})
    aws.sqs.Queue("jobs", name="jobs", policy=text(document(allowed)))
    worker(code=archive("import boto3\nboto3.client('sqs').send_message()"))


def external_role() -> None:
    """Build a function whose role is outside the stack."""
    function(code=archive(PUTS))


def unknown_policy() -> None:
    """Build a role with a policy that is unknown at preview."""
    holder = role("worker-role")
    may(holder, PUT)
    aws.iam.RolePolicy("more", role=holder.name, policy=queue_policy())
    function(role=holder.arn, code=archive("import boto3\nboto3.client('s3').put_object()"))


def queue_policy() -> pulumi.Output[str]:
    """Give a policy document that is unknown at preview."""
    return aws.sqs.Queue("later").arn.apply(lambda known: f'{{"Statement":[{{"Resource":"{known}"}}]}}')


@examples(
    function_role_allows_actions_its_code_calls,
    "build",
    [
        (code(PUTS, PUT), PASS),
        (code(PUTS, allow("dynamodb:*", RESULTS)), PASS),
        (folder(*WORKER_STATEMENTS), PASS),
        (code("", PUT), PASS),
        (code("def handle(event, context): return event", PUT), PASS),
        (allowed_by_the_queue_policy, PASS),
        (external_role, PASS),
        (code(PUTS, runtime="nodejs22.x"), PASS),
        (code(PUTS, code=None, s3_bucket="code", s3_key="code.zip"), PASS),
        (code("import boto3\nboto3.client('sts').get_caller_identity()", PUT), PASS),
        (code("import boto3\nboto3.client('kms').decrypt()", PUT), PASS),
        (code(PUTS), FAIL),
        (code(PUTS, PUBLISH), FAIL),
        (code(PUTS, PUT, deny("dynamodb:PutItem")), FAIL),
        (folder(*WORKER_STATEMENTS[:2]), FAIL),
        (code(DYNAMIC, PUBLISH), FAIL),
        (code("import boto3\nboto3.client('s3').copy_object()", allow("s3:GetObject", "arn:aws:s3:::b/*")), FAIL),
        (code(DYNAMIC, PUT), UNDECIDED),
        (code("def handle(:", PUT), UNDECIDED),
        (code(PUTS, PUT, code=pulumi.AssetArchive({"other.py": pulumi.StringAsset(PUTS)})), UNDECIDED),
        (code(PUTS, PUT, code=pulumi.RemoteArchive("https://example.com/code.zip")), PASS),
        (unknown_policy, UNDECIDED),
    ],
)
def test_function_role_allows_actions_its_code_calls(build: Builder, verdict: Verdict) -> None:
    """Lambda developer guide, "Defining Lambda function permissions with an execution role"."""
    assert judge(function_role_allows_actions_its_code_calls, program(build)) == verdict


def test_message_names_the_call_its_place_the_role_and_the_action() -> None:
    """The place is a file and a line."""
    stack = program(code(PUTS, allow(["sns:Publish"], NEWS)))
    assert messages(function_role_allows_actions_its_code_calls, stack) == [
        "calls put_item in handler.py:4, for which role worker-role lacks dynamodb:PutItem"
    ]


def test_each_missing_data_action_of_the_worker_is_found() -> None:
    """For each data action that its role loses, except those that Lambda itself uses, the call is found."""
    for at, action in ((0, "sqs:ChangeMessageVisibility"), (1, "sagemaker:InvokeEndpoint"), (2, "dynamodb:PutItem")):
        left = [allow(POLL, JOBS) if at == 0 else deny("sns:Publish"), *WORKER_STATEMENTS]
        del left[at + 1]
        [message] = messages(function_role_allows_actions_its_code_calls, program(folder(*left)))
        assert message.endswith(f"for which role worker-role lacks {action}")
