"""Models and endpoints whose execution roles allow what SageMaker AI does on their behalf, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from policypack.model import MODEL, Unknown
from policypack.rules.least_privilege.missing.sagemaker import (
    sagemaker_role_can_create_network_interfaces,
    sagemaker_role_can_describe_rollback_alarms,
    sagemaker_role_can_pull_image,
    sagemaker_role_can_read_model_artifacts,
    sagemaker_role_can_write_endpoint_output,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.workloads import allow, arn, deny, model

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

CREATE_MODEL = "SageMaker guide, 'CreateModel API: Execution role permissions'"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/models/churn@sha256:{'0' * 64}"
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
CHURN = arn("ecr", "repository/models/churn")
METRICS = allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], "*")


def own_repository(*statements: Any) -> Builder:
    """Build a model of an image in a repository of the stack, whose policy allows the model's role to pull."""

    def build() -> None:
        repository = aws.ecr.Repository("churn", name="models/churn")
        statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/model-role-1a2b3c4"}}
        policy = text(document({**statement, "Action": PULL}))
        aws.ecr.RepositoryPolicy("policy", repository=repository.name, policy=policy)
        model(*statements, image=IMAGE)

    return build


@examples(
    sagemaker_role_can_pull_image,
    "source, build",
    [
        (CREATE_MODEL, lambda: model(allow(PULL, CHURN), METRICS, image=IMAGE), PASS),
        (CREATE_MODEL, lambda: model(allow("ecr:*", "*"), image=IMAGE), PASS),
        (CREATE_MODEL, lambda: model(METRICS, image="public.ecr.aws/docker/library/busybox:1"), PASS),
        (CREATE_MODEL, lambda: model(METRICS), PASS),
        (CREATE_MODEL, lambda: model(image=IMAGE), FAIL),
        (CREATE_MODEL, lambda: model(METRICS, image=IMAGE), FAIL),
        (CREATE_MODEL, lambda: model(allow(PULL[:2], CHURN), image=IMAGE), FAIL),
        (CREATE_MODEL, lambda: model(allow(PULL, arn("ecr", "repository/models/other")), image=IMAGE), FAIL),
        (CREATE_MODEL, lambda: model(allow(PULL, CHURN), deny("ecr:Batch*"), image=IMAGE), FAIL),
        ("ECR guide, 'Private repository policies': enough within an account", own_repository(METRICS), PASS),
        ("unknowns", lambda: model(METRICS, image=UNKNOWN), UNDECIDED),
        ("unknowns", lambda: model(allow(PULL, UNKNOWN), image=IMAGE), UNDECIDED),
    ],
)
def test_sagemaker_role_can_pull_image(source: str, build: Builder, verdict: Verdict) -> None:
    """An image in a private repository needs the permission to pull it."""
    assert judge(sagemaker_role_can_pull_image, program(build)) == verdict, source


ARTIFACTS = "s3://models/churn/model.tar.gz"


def unpacked(uri: str) -> aws.sagemaker.ModelPrimaryContainerModelDataSourceArgs:
    """Give model artifacts as uncompressed files with an S3 prefix."""
    files = aws.sagemaker.ModelPrimaryContainerModelDataSourceS3DataSourceArgs(
        compression_type="None", s3_data_type="S3Prefix", s3_uri=uri
    )
    return aws.sagemaker.ModelPrimaryContainerModelDataSourceArgs(s3_data_sources=[files])


@examples(
    sagemaker_role_can_read_model_artifacts,
    "source, statements, settings",
    [
        (CREATE_MODEL, [allow("s3:GetObject", "arn:aws:s3:::models/churn/*")], {"model_data_url": ARTIFACTS}, PASS),
        (
            CREATE_MODEL,
            [allow("s3:Get*", "arn:aws:s3:::models/*")],
            {"model_data_source": unpacked("s3://models/a/")},
            PASS,
        ),
        (CREATE_MODEL, [METRICS], {}, PASS),
        (CREATE_MODEL, [METRICS], {"model_data_url": ARTIFACTS}, FAIL),
        (CREATE_MODEL, [allow("s3:GetObject", "arn:aws:s3:::models/other/*")], {"model_data_url": ARTIFACTS}, FAIL),
        (
            CREATE_MODEL,
            [allow("s3:GetObject", "arn:aws:s3:::models")],
            {"model_data_url": ARTIFACTS},
            FAIL,
        ),  # the bucket
        (CREATE_MODEL, [METRICS], {"model_data_source": unpacked("s3://models/a/")}, FAIL),
        ("unknowns", [METRICS], {"model_data_url": UNKNOWN}, UNDECIDED),
    ],
)
def test_sagemaker_role_can_read_model_artifacts(source: str, statements: Any, settings: Any, verdict: Verdict) -> None:
    """Model artifacts in S3 need the permission to read them."""
    stack = program(lambda: model(*statements, **settings))
    assert judge(sagemaker_role_can_read_model_artifacts, stack) == verdict, source


INSIDE = aws.sagemaker.ModelVpcConfigArgs(subnets=["subnet-1"], security_group_ids=["sg-1"])
NETWORK_ACTIONS = [
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
    *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
    *("ec2:DescribeDhcpOptions", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
]


@examples(
    sagemaker_role_can_create_network_interfaces,
    "source, statements, settings",
    [
        (CREATE_MODEL, [allow(NETWORK_ACTIONS, "*")], {"vpc_config": INSIDE}, PASS),
        (CREATE_MODEL, [METRICS], {}, PASS),
        (CREATE_MODEL, [METRICS], {"vpc_config": INSIDE}, FAIL),
        (CREATE_MODEL, [allow(NETWORK_ACTIONS[:1] + NETWORK_ACTIONS[2:], "*")], {"vpc_config": INSIDE}, FAIL),
    ],
)
def test_sagemaker_role_can_create_network_interfaces(
    source: str, statements: Any, settings: Any, verdict: Verdict
) -> None:
    """A model in a VPC needs the permission to create network interfaces."""
    stack = program(lambda: model(*statements, **settings))
    assert judge(sagemaker_role_can_create_network_interfaces, stack) == verdict, source


def endpoint(statement: Any, *, alarms: bool = True, **settings: Any) -> Builder:
    """Build an endpoint of a model, with alarms that roll its deployments back."""

    def build() -> None:
        variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs(
            model_name=model(statement).name, initial_instance_count=2, instance_type="ml.c5.large"
        )
        configuration = aws.sagemaker.EndpointConfiguration("configuration", production_variants=[variant], **settings)
        alarm = aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(alarm_name="errors")
        rollback = aws.sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(alarms=[alarm])
        deployment = aws.sagemaker.EndpointDeploymentConfigArgs(auto_rollback_configuration=rollback)
        aws.sagemaker.Endpoint(
            "endpoint", endpoint_config_name=configuration.name, deployment_config=deployment if alarms else None
        )

    return build


ROLLBACK = "SageMaker guide, 'Auto-Rollback Configuration and Monitoring'"


@examples(
    sagemaker_role_can_describe_rollback_alarms,
    "source, build",
    [
        (ROLLBACK, endpoint(allow("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:errors"))), PASS),
        (ROLLBACK, endpoint(METRICS, alarms=False), PASS),
        (ROLLBACK, endpoint(METRICS), FAIL),
        (ROLLBACK, endpoint(allow("cloudwatch:PutMetricAlarm", "*")), FAIL),
        ("unknowns", endpoint(allow(UNKNOWN, "*")), UNDECIDED),
    ],
)
def test_sagemaker_role_can_describe_rollback_alarms(source: str, build: Builder, verdict: Verdict) -> None:
    """Rollback on alarms needs the permission to read their state."""
    assert judge(sagemaker_role_can_describe_rollback_alarms, program(build)) == verdict, source


def capture(place: str = "s3://captures/churn") -> dict[str, Any]:
    """Give the settings of data capture."""
    option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(capture_mode="Input")
    config = aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        capture_options=[option], destination_s3_uri=place, initial_sampling_percentage=100
    )
    return {"data_capture_config": config}


def asynchronous() -> dict[str, Any]:
    """Give the settings of asynchronous inference."""
    output = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(s3_output_path="s3://answers/")
    return {"async_inference_config": aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(output_config=output)}


OUTPUT = "SageMaker guide, 'Capture data from real-time endpoint', 'Asynchronous inference'"


@examples(
    sagemaker_role_can_write_endpoint_output,
    "source, build",
    [
        (OUTPUT, endpoint(allow("s3:PutObject", "arn:aws:s3:::captures/churn/*"), **capture()), PASS),
        (OUTPUT, endpoint(allow("s3:PutObject", "arn:aws:s3:::answers/*"), **asynchronous()), PASS),
        (OUTPUT, endpoint(METRICS), PASS),
        (OUTPUT, endpoint(METRICS, **capture()), FAIL),
        (OUTPUT, endpoint(allow("s3:PutObject", "arn:aws:s3:::other/*"), **capture()), FAIL),
        (OUTPUT, endpoint(METRICS, **asynchronous()), FAIL),
        ("unknowns", endpoint(METRICS, **capture(UNKNOWN)), UNDECIDED),
    ],
)
def test_sagemaker_role_can_write_endpoint_output(source: str, build: Builder, verdict: Verdict) -> None:
    """Output to S3 needs the permission to write it."""
    assert judge(sagemaker_role_can_write_endpoint_output, program(build)) == verdict, source


def test_messages_name_the_role_and_the_missing_actions() -> None:
    """The subject is the model."""
    stack = program(lambda: model(METRICS, image=IMAGE, model_data_url=ARTIFACTS))
    (pull,) = judgements(sagemaker_role_can_pull_image, stack)["model"].findings
    lacking = "which lacks ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
    assert pull.message == f"runs image models/churn with role model-role, {lacking}"
    assert pull.path == "primaryContainer.image"
    (fetch,) = judgements(sagemaker_role_can_read_model_artifacts, stack)["model"].findings
    assert fetch.message == f"loads {ARTIFACTS} with role model-role, which lacks s3:GetObject"
    assert fetch.path == "primaryContainer.modelDataUrl"


def test_model_data_source_that_the_provider_sets() -> None:
    """In a real preview the whole property is unknown where the program does not set it."""
    stack = program(lambda: model(allow("s3:GetObject", "arn:aws:s3:::models/*"), model_data_url=ARTIFACTS))
    for each in stack.of_type(MODEL):
        each.value["primaryContainer"]["modelDataSource"] = Unknown("primaryContainer.modelDataSource")
    assert judge(sagemaker_role_can_read_model_artifacts, stack) == PASS


def test_secret_urls_are_not_shown() -> None:
    """Neither in the message nor in the statement to add."""
    image, place = pulumi.Output.secret(IMAGE), pulumi.Output.secret(ARTIFACTS)
    stack = program(lambda: model(METRICS, image=image, model_data_url=place))
    for rule in (sagemaker_role_can_pull_image, sagemaker_role_can_read_model_artifacts):
        (finding,) = judgements(rule, stack)["model"].findings
        assert "[secret]" in finding.message
        assert "churn" not in finding.message + finding.fix
