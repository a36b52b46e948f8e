"""Trust policies for AWS services: one case a row, each with its source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from policypack.rules.least_privilege.trust.services import (
    ConfusedDeputyOptions,
    role_trust_policy_prevents_confused_deputy,
    role_trusts_only_services_that_use_it,
    sagemaker_role_source_arn_allows_inference,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.trusts import denying, policy, root, service, trusted_by, trusting, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

DOCS = "https://docs.aws.amazon.com"
SAGEMAKER = f"{DOCS}/sagemaker/latest/dg/security-confused-deputy-prevention.html"
STATES = f"{DOCS}/step-functions/latest/dg/procedure-create-iam-role.html"
SCHEDULER = f"{DOCS}/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html"
PIPES = f"{DOCS}/eventbridge/latest/userguide/eb-pipes-permissions.html"
CODEBUILD = f"{DOCS}/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html"
BEDROCK = f"{DOCS}/bedrock/latest/userguide/cross-service-confused-deputy-prevention.html"
LAMBDA = f"{DOCS}/lambda/latest/dg/lambda-intro-execution-role.html"
EC2 = f"{DOCS}/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"
CLOUDTRAIL = f"{DOCS}/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"
API = f"{DOCS}/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html"
TRANSCODER = f"{DOCS}/elastictranscoder/latest/developerguide/access-control.html"
HOME = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
OURS = when("StringEquals", "aws:SourceAccount", ACCOUNT)


@examples(
    role_trust_policy_prevents_confused_deputy,
    "statement, source",
    [
        (trusting(service("sagemaker")), SAGEMAKER, FAIL),
        (trusting(service("states")), STATES, FAIL),
        (trusting(service("scheduler")), SCHEDULER, FAIL),
        (trusting(service("pipes")), PIPES, FAIL),
        (trusting(service("codebuild")), CODEBUILD, FAIL),
        (trusting(service("bedrock")), BEDROCK, FAIL),
        (trusting({"Service": "states.eu-west-1.amazonaws.com"}), STATES, FAIL),
        (trusting({"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}), SAGEMAKER, FAIL),
        (trusting(service("states"), when("ArnLike", "aws:SourceArn", "*")), STATES, FAIL),
        (
            trusting(service("states"), when("ArnLike", "aws:SourceArn", "arn:aws:states:*:*:stateMachine:*")),
            STATES,
            FAIL,
        ),
        (trusting(service("pipes"), when("StringEqualsIfExists", "aws:SourceAccount", ACCOUNT)), PIPES, FAIL),
        (trusting(service("pipes"), when("StringNotEquals", "aws:SourceAccount", "111122223333")), PIPES, FAIL),
        (trusting(service("bedrock"), when("Bool", "aws:SecureTransport", "true")), BEDROCK, FAIL),
        (trusting(service("sagemaker"), when("ArnLike", "aws:SourceArn", f"{HOME}:*")), SAGEMAKER, PASS),
        (trusting(service("sagemaker"), when("ArnLike", "aws:SourceArn", f"{HOME}:training-job/*")), SAGEMAKER, PASS),
        (
            trusting(service("sagemaker"), when("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:*:{ACCOUNT}:*")),
            SAGEMAKER,
            PASS,
        ),
        (
            trusting(
                service("states"),
                {**OURS, **when("ArnLike", "aws:SourceArn", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:*")},
            ),
            STATES,
            PASS,
        ),
        (trusting(service("scheduler"), OURS), SCHEDULER, PASS),
        (trusting(service("pipes"), when("StringEquals", "aws:sourceaccount", ACCOUNT)), PIPES, PASS),
        (
            trusting(
                service("codebuild"),
                when("StringLike", "aws:SourceArn", f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/build"),
            ),
            CODEBUILD,
            PASS,
        ),
        (trusting(service("bedrock"), when("StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5")), BEDROCK, PASS),
        (trusting(service("lambda")), LAMBDA, PASS),
        (trusting(service("ec2")), EC2, PASS),
        (trusting(service("cloudtrail")), CLOUDTRAIL, PASS),
        (trusting(service("elastictranscoder")), TRANSCODER, PASS),
        (trusting(service("apigateway")), API, PASS),
        (trusting(root()), STATES, PASS),
        (denying(service("states")), STATES, PASS),
        (UNKNOWN, SAGEMAKER, UNDECIDED),
    ],
)  # fmt: skip - a case a line
def test_role_trust_policy_prevents_confused_deputy(statement: Any, source: str, verdict: Verdict) -> None:
    """The condition is required for services whose guides recommend it."""
    assert judge(role_trust_policy_prevents_confused_deputy, trusted_by(statement)) == verdict, source


def test_an_option_adds_services() -> None:
    """Services that do not send the keys pass even if they are listed."""
    options = ConfusedDeputyOptions(services=("firehose", "cloudtrail", "apigateway"))
    assert judge(role_trust_policy_prevents_confused_deputy, trusted_by(trusting(service("firehose"))), options) == FAIL
    assert (
        judge(role_trust_policy_prevents_confused_deputy, trusted_by(trusting(service("cloudtrail"))), options) == PASS
    )
    assert (
        judge(role_trust_policy_prevents_confused_deputy, trusted_by(trusting(service("apigateway"))), options) == PASS
    )


def hosting(statement: Any) -> Callable[[], object]:
    """Give a program with a model that uses the role."""

    def build() -> None:
        held = role("held", assume_role_policy=policy(statement))
        aws.sagemaker.Model("model", execution_role_arn=held.arn)

    return build


def training(statement: Any) -> Callable[[], object]:
    """Give a program with a role that no model uses."""
    return lambda: role("held", assume_role_policy=policy(statement) if isinstance(statement, dict) else statement)


def for_sagemaker(operator: str, arn: Any) -> dict[str, Any]:
    """Trust SageMaker AI with a condition on aws:SourceArn."""
    return trusting(service("sagemaker"), when(operator, "aws:SourceArn", arn))


@examples(
    sagemaker_role_source_arn_allows_inference,
    "build, statement, source",
    [
        (training, for_sagemaker("ArnLike", f"{HOME}:endpoint/shop"), SAGEMAKER, FAIL),
        (training, for_sagemaker("ArnEquals", f"{HOME}:model/shop"), SAGEMAKER, FAIL),
        (training, for_sagemaker("StringLike", f"{HOME}:endpoint-config/*"), SAGEMAKER, FAIL),
        (training, for_sagemaker("StringEquals", f"{HOME}:*"), SAGEMAKER, FAIL),  # StringEquals compares `*` literally
        (hosting, for_sagemaker("ArnLike", f"{HOME}:endpoint/*"), SAGEMAKER, FAIL),
        (
            hosting,
            for_sagemaker("ArnLike", f"{HOME}:training-job/*"),
            SAGEMAKER,
            FAIL,
        ),  # a model of the stack uses the role
        (hosting, for_sagemaker("ArnLike", f"{HOME}:*"), SAGEMAKER, PASS),
        (hosting, for_sagemaker("ArnLike", f"arn:aws:sagemaker:*:{ACCOUNT}:*"), SAGEMAKER, PASS),
        (hosting, for_sagemaker("StringLike", [f"{HOME}:*", f"{HOME}:endpoint/x"]), SAGEMAKER, PASS),
        (hosting, trusting(service("sagemaker"), OURS), SAGEMAKER, PASS),
        (training, for_sagemaker("ArnLike", f"{HOME}:training-job/*"), SAGEMAKER, PASS),
        (training, for_sagemaker("ArnLike", f"{HOME}:pipeline/shop/*"), SAGEMAKER, PASS),
        (training, trusting(service("lambda")), LAMBDA, PASS),
        (training, UNKNOWN, SAGEMAKER, UNDECIDED),
    ],
)
def test_sagemaker_role_source_arn_allows_inference(
    build: Callable[[Any], Callable[[], object]], statement: Any, source: str, verdict: Verdict
) -> None:
    """A source ARN of a single resource prevents inference."""
    assert judge(sagemaker_role_source_arn_allows_inference, program(build(statement))) == verdict, source


def used(*services: str, **more: Any) -> Callable[[], object]:
    """Give a program with a function whose role trusts these services."""

    def build() -> None:
        held = role("held", assume_role_policy=policy(*(trusting(service(name)) for name in services)))
        function(role=held.arn)
        for make in more.values():
            make(held)

    return build


def passing(held: aws.iam.Role) -> None:
    """Allow another role to pass the role."""
    statement = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": held.arn}
    aws.iam.RolePolicy("passing", role="starter", policy=pulumi.Output.json_dumps({"Statement": [statement]}))


def naming(held: aws.iam.Role) -> None:
    """Put the role's ARN into a function's environment."""
    function("starter", environment=aws.lambda_.FunctionEnvironmentArgs(variables={"ROLE": held.arn}))


def recording(held: aws.iam.Role) -> None:
    """Use the role for a resource that the rules do not know."""
    aws.cfg.Recorder("recorder", role_arn=held.arn)


def attaching(held: aws.iam.Role) -> None:
    """Attach policies to the role."""
    aws.iam.RolePolicy("permissions", role=held.name, policy=json.dumps({"Statement": []}))
    aws.iam.RolePolicyAttachment("more", role=held.name, policy_arn="arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess")


UNUSED = f"{DOCS}/IAM/latest/UserGuide/best-practices.html"


@examples(
    role_trusts_only_services_that_use_it,
    "build, source",
    [
        (used("lambda", "ec2"), UNUSED, FAIL),
        (used("ec2"), UNUSED, FAIL),  # and the function cannot assume it
        (used("lambda", "states.eu-west-1"), UNUSED, FAIL),
        (used("lambda", "ec2", attaching=attaching), UNUSED, FAIL),
        (used("lambda"), UNUSED, PASS),
        (
            used("lambda", "edgelambda"),
            f"{DOCS}/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html",
            PASS,
        ),
        (used("lambda", "sagemaker", passing=passing), f"{DOCS}/IAM/latest/UserGuide/id_roles_use_passrole.html", PASS),
        (used("lambda", "sagemaker", naming=naming), f"{DOCS}/IAM/latest/UserGuide/id_roles_use_passrole.html", PASS),
        (
            used("lambda", "config", recording=recording),
            f"{DOCS}/config/latest/developerguide/iamrole-permissions.html",
            PASS,
        ),
        (training(trusting(service("ec2"))), UNUSED, PASS),  # it may be used outside the stack
        (training(trusting(root())), UNUSED, PASS),
        (training(UNKNOWN), UNUSED, UNDECIDED),
    ],
)  # fmt: skip - a case a line
def test_role_trusts_only_services_that_use_it(build: Callable[[], object], source: str, verdict: Verdict) -> None:
    """The resources of the whole stack tell which services use the role."""
    assert judge(role_trusts_only_services_that_use_it, program(build)) == verdict, source


def test_messages_name_the_service() -> None:
    """The path leads to the service in the document."""
    stack = program(used("lambda", "sagemaker"))
    assert messages(role_trusts_only_services_that_use_it, stack) == [
        "trusts sagemaker, but no sagemaker resource of the stack uses it"
    ]
    (finding,) = judgements(role_trust_policy_prevents_confused_deputy, stack)["held"].findings
    assert finding.message == "trusts sagemaker on behalf of any account"
    assert finding.path == "assumeRolePolicy.Statement[1].Principal.Service"
