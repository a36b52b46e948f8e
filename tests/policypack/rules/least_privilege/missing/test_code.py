"""Code against grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from localcloud.checkout import ROOT
from policypack.rules.least_privilege.missing.code import (
    function_role_allows_actions_its_code_calls,
    role_grants_only_actions_its_code_calls,
)
from policypack.testing import FAIL, PASS, UNDECIDED, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.workloads import LOGS, POLL, allow, arn, deny, feed, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

RESULTS, JOBS, NEWS = arn("dynamodb", "table/results"), arn("sqs", "jobs"), arn("sns", "news")
PUT, PUBLISH = allow("dynamodb:PutItem", RESULTS), allow("sns:Publish", NEWS)
PUTS = "import boto3\ntable = boto3.client('dynamodb')\ndef handle(event, context):\n    table.put_item()\n"
DYNAMIC = f"{PUTS}    getattr(table, event['verb'])()\n"
FOLDER = ROOT / "lambda_src" / "worker"
OF_THE_WORKER = (
    allow([*POLL, "sqs:ChangeMessageVisibility"], JOBS),
    allow("sagemaker:InvokeEndpoint", arn("sagemaker", "endpoint/model")),
    PUT,
    allow(LOGS, f"{arn('logs', 'log-group:x')}:*"),
    allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    allow("kms:Decrypt", arn("kms", "key/x")),
)


def archive(source: str) -> pulumi.AssetArchive:
    """Give an archive of one module."""
    return pulumi.AssetArchive({"handler.py": pulumi.StringAsset(source)})


def code(source: str, *statements: Any, **settings: Any) -> Builder:
    """Build a function of this code, whose role has these statements."""
    return lambda: worker(*statements, **{"code": archive(source), **settings})


def folder(*statements: Any) -> Builder:
    """Build the reference stack's worker, which a queue feeds."""
    return lambda: feed(JOBS, worker(*statements, code=pulumi.FileArchive(str(FOLDER))))


def granted_by_the_queue() -> None:
    """Build a function that its queue's own policy lets send."""
    admitted = allow("sqs:SendMessage", JOBS, Principal={"AWS": "123456789012"})
    aws.sqs.Queue("jobs", name="jobs", policy=text(document(admitted)))
    worker(code=archive("import boto3\nboto3.client('sqs').send_message()"))


def elsewhere() -> None:
    """Build a function whose role is not the program's."""
    function(code=archive(PUTS))


def not_known_policy() -> None:
    """Build a role whose policy the deployment will bring."""
    holder = role("worker-role")
    may(holder, PUT)
    aws.iam.RolePolicy("more", role=holder.name, policy=queue_policy())
    function(role=holder.arn, code=archive("import boto3\nboto3.client('s3').put_object()"))


def queue_policy() -> pulumi.Output[str]:
    """Give a document that holds what is not known at preview."""
    return aws.sqs.Queue("later").arn.apply(lambda known: f'{{"Statement":[{{"Resource":"{known}"}}]}}')


@examples(
    function_role_allows_actions_its_code_calls,
    "build",
    [
        (code(PUTS, PUT), PASS),
        (code(PUTS, allow("dynamodb:*", RESULTS)), PASS),
        (folder(*OF_THE_WORKER), PASS),
        (code("", PUT), PASS),
        (code("def handle(event, context): return event", PUT), PASS),
        (granted_by_the_queue, PASS),
        (elsewhere, PASS),
        (code(PUTS, runtime="nodejs22.x"), PASS),
        (code(PUTS, code=None, s3_bucket="code", s3_key="code.zip"), PASS),
        (code("import boto3\nboto3.client('sts').get_caller_identity()", PUT), PASS),
        (code("import boto3\nboto3.client('kms').decrypt()", PUT), PASS),
        (code(PUTS), FAIL),
        (code(PUTS, PUBLISH), FAIL),
        (code(PUTS, PUT, deny("dynamodb:PutItem")), FAIL),
        (folder(*OF_THE_WORKER[:2]), FAIL),
        (code(DYNAMIC, PUBLISH), FAIL),
        (code("import boto3\nboto3.client('s3').copy_object()", allow("s3:GetObject", "arn:aws:s3:::b/*")), FAIL),
        (code(DYNAMIC, PUT), UNDECIDED),
        (code("def handle(:", PUT), UNDECIDED),
        (code(PUTS, PUT, code=pulumi.AssetArchive({"other.py": pulumi.StringAsset(PUTS)})), UNDECIDED),
        (code(PUTS, PUT, code=pulumi.RemoteArchive("https://example.com/code.zip")), PASS),
        (not_known_policy, UNDECIDED),
    ],
)
def test_function_role_allows_actions_its_code_calls(build: Builder, verdict: Verdict) -> None:
    """Lambda developer guide, "Defining Lambda function permissions with an execution role"."""
    assert judge(function_role_allows_actions_its_code_calls, program(build)) == verdict


def destined() -> None:
    """Build a function that hands on what it fails at."""
    worker(
        PUT,
        allow("sqs:SendMessage", JOBS),
        code=archive(PUTS),
        dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=JOBS),
    )


def shared() -> None:
    """Build two functions of one role, of which the other may call anything."""
    holder = role("worker-role")
    may(holder, PUT, PUBLISH)
    function(role=holder.arn, code=archive(PUTS))
    function("other", role=holder.arn, code=None, s3_bucket="code", s3_key="code.zip")


def two() -> None:
    """Build two functions of one role that call different things."""
    holder = role("worker-role")
    may(holder, PUT, PUBLISH)
    function(role=holder.arn, code=archive(PUTS))
    function("other", role=holder.arn, code=archive("import boto3\nboto3.client('sns').publish()"))


def for_others() -> None:
    """Build a role that something else may take."""
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
        (folder(*OF_THE_WORKER), PASS),
        (code(PUTS, PUT, allow(LOGS, "*"), allow("kms:Decrypt", "*")), PASS),
        (code(PUTS, PUT, allow("dynamodb:Describe*", RESULTS)), PASS),
        (code(PUTS, PUT, managed=["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]), PASS),
        (code("", PUT), PASS),
        (destined, PASS),
        (shared, PASS),
        (two, PASS),
        (for_others, PASS),
        (lambda: role("idle"), PASS),
        (code("import boto3\nboto3.client('dynamodb').transact_write_items()", PUT), PASS),
        (code("import boto3\nboto3.resource('s3').Bucket('x').upload_file()", allow("s3:PutObject", "*")), PASS),
        (code(PUTS, PUT, PUBLISH), FAIL),
        (code(PUTS, allow(["dynamodb:PutItem", "dynamodb:DeleteItem"], RESULTS)), FAIL),
        (folder(*OF_THE_WORKER, PUBLISH), FAIL),
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


def test_findings_say_where() -> None:
    """The call in the code, and the action in the policy."""
    stack = program(code(PUTS, allow(["sns:Publish"], NEWS)))
    assert messages(function_role_allows_actions_its_code_calls, stack) == [
        "calls put_item in handler.py:4, for which role worker-role lacks dynamodb:PutItem"
    ]
    [found] = judgements(role_grants_only_actions_its_code_calls, stack)["worker-role"].findings
    assert found.message == "may sns:Publish, which the code of worker never calls"
    assert found.path == "policy.Statement[0].Action[0]"


def test_each_grant_of_the_worker_is_missed() -> None:
    """Whichever of its data actions is taken away, its code is seen to need it; but for what Lambda itself does."""
    for at, action in ((0, "sqs:ChangeMessageVisibility"), (1, "sagemaker:InvokeEndpoint"), (2, "dynamodb:PutItem")):
        left = [allow(POLL, JOBS) if at == 0 else deny("sns:Publish"), *OF_THE_WORKER]
        del left[at + 1]
        [message] = messages(function_role_allows_actions_its_code_calls, program(folder(*left)))
        assert message.endswith(f"for which role worker-role lacks {action}")
