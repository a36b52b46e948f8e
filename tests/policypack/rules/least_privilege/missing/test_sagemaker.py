"""Models and endpoints whose roles lack what SageMaker does on their behalf."""

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

IMAGES = "d8: a model image without ecr verbs (SageMaker guide, 'CreateModel API: Execution role permissions')"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/models/churn@sha256:{'0' * 64}"
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
CHURN = arn("ecr", "repository/models/churn")
METRICS = allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], "*")


def own_repository(*statements: Any) -> Builder:
    """Build a model of an image in a repository of the stack, whose own policy lets the model's role pull."""

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
        (IMAGES, lambda: model(allow(PULL, CHURN), METRICS, image=IMAGE), PASS),
        (IMAGES, lambda: model(allow("ecr:*", "*"), image=IMAGE), PASS),
        (IMAGES, lambda: model(METRICS, image="public.ecr.aws/docker/library/busybox:1"), PASS),
        (IMAGES, lambda: model(METRICS), PASS),
        (IMAGES, lambda: model(image=IMAGE), FAIL),
        (IMAGES, lambda: model(METRICS, image=IMAGE), FAIL),
        (IMAGES, lambda: model(allow(PULL[:2], CHURN), image=IMAGE), FAIL),
        (IMAGES, lambda: model(allow(PULL, arn("ecr", "repository/models/other")), image=IMAGE), FAIL),
        (IMAGES, lambda: model(allow(PULL, CHURN), deny("ecr:Batch*"), image=IMAGE), FAIL),
        ("ECR guide, 'Private repository policies': enough within an account", own_repository(METRICS), PASS),
        ("unknowns", lambda: model(METRICS, image=UNKNOWN), UNDECIDED),
        ("unknowns", lambda: model(allow(PULL, UNKNOWN), image=IMAGE), UNDECIDED),
    ],
)
def test_sagemaker_role_can_pull_image(source: str, build: Builder, verdict: Verdict) -> None:
    """An image in a private repository takes the right to pull it."""
    assert judge(sagemaker_role_can_pull_image, program(build)) == verdict, source


ARTEFACTS = "facts on minimal roles: s3:GetObject on the artefact (SageMaker guide, as above)"
ARTEFACT = "s3://models/churn/model.tar.gz"


def unpacked(uri: str) -> aws.sagemaker.ModelPrimaryContainerModelDataSourceArgs:
    """Give a model's data as files in a folder."""
    files = aws.sagemaker.ModelPrimaryContainerModelDataSourceS3DataSourceArgs(
        compression_type="None", s3_data_type="S3Prefix", s3_uri=uri
    )
    return aws.sagemaker.ModelPrimaryContainerModelDataSourceArgs(s3_data_sources=[files])


@examples(
    sagemaker_role_can_read_model_artifacts,
    "source, statements, settings",
    [
        (ARTEFACTS, [allow("s3:GetObject", "arn:aws:s3:::models/churn/*")], {"model_data_url": ARTEFACT}, PASS),
        (
            ARTEFACTS,
            [allow("s3:Get*", "arn:aws:s3:::models/*")],
            {"model_data_source": unpacked("s3://models/a/")},
            PASS,
        ),
        (ARTEFACTS, [METRICS], {}, PASS),
        (ARTEFACTS, [METRICS], {"model_data_url": ARTEFACT}, FAIL),
        (ARTEFACTS, [allow("s3:GetObject", "arn:aws:s3:::models/other/*")], {"model_data_url": ARTEFACT}, FAIL),
        (ARTEFACTS, [allow("s3:GetObject", "arn:aws:s3:::models")], {"model_data_url": ARTEFACT}, FAIL),  # the bucket
        (ARTEFACTS, [METRICS], {"model_data_source": unpacked("s3://models/a/")}, FAIL),
        ("unknowns", [METRICS], {"model_data_url": UNKNOWN}, UNDECIDED),
    ],
)
def test_sagemaker_role_can_read_model_artifacts(source: str, statements: Any, settings: Any, verdict: Verdict) -> None:
    """An artefact takes the right to read it."""
    stack = program(lambda: model(*statements, **settings))
    assert judge(sagemaker_role_can_read_model_artifacts, stack) == verdict, source


NETWORK = "d8: a model in a VPC takes nine ec2 verbs (SageMaker guide, as above)"
INSIDE = aws.sagemaker.ModelVpcConfigArgs(subnets=["subnet-1"], security_group_ids=["sg-1"])
VERBS = [
    *("ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"),
    *("ec2:DeleteNetworkInterfacePermission", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcs"),
    *("ec2:DescribeDhcpOptions", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
]


@examples(
    sagemaker_role_can_create_network_interfaces,
    "source, statements, settings",
    [
        (NETWORK, [allow(VERBS, "*")], {"vpc_config": INSIDE}, PASS),
        (NETWORK, [METRICS], {}, PASS),
        (NETWORK, [METRICS], {"vpc_config": INSIDE}, FAIL),
        (NETWORK, [allow(VERBS[:1] + VERBS[2:], "*")], {"vpc_config": INSIDE}, FAIL),
    ],
)
def test_sagemaker_role_can_create_network_interfaces(
    source: str, statements: Any, settings: Any, verdict: Verdict
) -> None:
    """A model in a VPC takes the right to make network interfaces."""
    stack = program(lambda: model(*statements, **settings))
    assert judge(sagemaker_role_can_create_network_interfaces, stack) == verdict, source


def endpoint(statement: Any, *, alarms: bool = True, **settings: Any) -> Builder:
    """Build an endpoint of a model, whose deployments alarms may roll back."""

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


ROLLBACK = "d8: rollback alarms without cloudwatch:DescribeAlarms (SageMaker guide, 'Auto-Rollback Configuration')"


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
    """Alarms that roll a deployment back have to be seen."""
    assert judge(sagemaker_role_can_describe_rollback_alarms, program(build)) == verdict, source


def capture(place: str = "s3://captures/churn") -> dict[str, Any]:
    """Give the settings that keep requests and answers."""
    option = aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(capture_mode="Input")
    config = aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        capture_options=[option], destination_s3_uri=place, initial_sampling_percentage=100
    )
    return {"data_capture_config": config}


def asynchronous() -> dict[str, Any]:
    """Give the settings of asynchronous answers."""
    output = aws.sagemaker.EndpointConfigurationAsyncInferenceConfigOutputConfigArgs(s3_output_path="s3://answers/")
    return {"async_inference_config": aws.sagemaker.EndpointConfigurationAsyncInferenceConfigArgs(output_config=output)}


KEPT = "facts on the reference stack: the model's role has the capture prefix (SageMaker guide, 'Capture data')"


@examples(
    sagemaker_role_can_write_endpoint_output,
    "source, build",
    [
        (KEPT, endpoint(allow("s3:PutObject", "arn:aws:s3:::captures/churn/*"), **capture()), PASS),
        (KEPT, endpoint(allow("s3:PutObject", "arn:aws:s3:::answers/*"), **asynchronous()), PASS),
        (KEPT, endpoint(METRICS), PASS),
        (KEPT, endpoint(METRICS, **capture()), FAIL),
        (KEPT, endpoint(allow("s3:PutObject", "arn:aws:s3:::other/*"), **capture()), FAIL),
        (KEPT, endpoint(METRICS, **asynchronous()), FAIL),
        ("unknowns", endpoint(METRICS, **capture(UNKNOWN)), UNDECIDED),
    ],
)
def test_sagemaker_role_can_write_endpoint_output(source: str, build: Builder, verdict: Verdict) -> None:
    """What an endpoint keeps takes the right to write it."""
    assert judge(sagemaker_role_can_write_endpoint_output, program(build)) == verdict, source


def test_what_is_missing_is_named() -> None:
    """The model is the subject, the role that lacks it is named."""
    stack = program(lambda: model(METRICS, image=IMAGE, model_data_url=ARTEFACT))
    (pull,) = judgements(sagemaker_role_can_pull_image, stack)["model"].findings
    lacking = "which lacks ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
    assert pull.message == f"runs the image models/churn under role model-role, {lacking}"
    assert pull.path == "primaryContainer.image"
    (fetch,) = judgements(sagemaker_role_can_read_model_artifacts, stack)["model"].findings
    assert fetch.message == f"loads {ARTEFACT} under role model-role, which lacks s3:GetObject"
    assert fetch.path == "primaryContainer.modelDataUrl"


def test_files_that_the_provider_fills_in_are_none() -> None:
    """A real preview calls the whole property unknown where the program says nothing of it."""
    stack = program(lambda: model(allow("s3:GetObject", "arn:aws:s3:::models/*"), model_data_url=ARTEFACT))
    for each in stack.of_type(MODEL):
        each.value["primaryContainer"]["modelDataSource"] = Unknown("primaryContainer.modelDataSource")
    assert judge(sagemaker_role_can_read_model_artifacts, stack) == PASS


def test_secret_addresses_are_not_shown() -> None:
    """Neither in what is said nor in the statement to add."""
    image, place = pulumi.Output.secret(IMAGE), pulumi.Output.secret(ARTEFACT)
    stack = program(lambda: model(METRICS, image=image, model_data_url=place))
    for rule in (sagemaker_role_can_pull_image, sagemaker_role_can_read_model_artifacts):
        (finding,) = judgements(rule, stack)["model"].findings
        assert "[secret]" in finding.message
        assert "churn" not in finding.message + finding.fix
