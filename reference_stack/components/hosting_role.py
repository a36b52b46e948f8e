"""The policy documents of the role that SageMaker assumes to host a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Statement, allow, allow_key_use, document, trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_environment import AwsEnvironment

    from components.hosting import HostingArgs

NETWORK_INTERFACE_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)
"""https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html#host-vpc-endpoints."""


def hosting_trust(aws_env: AwsEnvironment) -> pulumi.Output[str]:
    """Let SageMaker assume the role for this account and region. A narrower source ARN would break hosting.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return trust(
        "sagemaker",
        {
            "StringEquals": {"aws:SourceAccount": aws_env.account},
            "ArnLike": {"aws:SourceArn": aws_env.arn("sagemaker", "*")},
        },
    )


def hosting_policy(
    args: HostingArgs, log_group: pulumi.Input[str], grants: Sequence[Statement], writes_via: Sequence[str]
) -> pulumi.Output[str]:
    """Allow to pull one image, read one artefact, write one log group, and what else is granted.

    writes_via: services (`s3`, `sns`) that encrypt with the key what the endpoint writes.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
    aws_env = args.aws_env
    statements: list[Statement] = [
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [pulumi.Output.from_input(args.image).apply(lambda image: _repository(aws_env, image))],
        ),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [aws_env.log_streams_arn(log_group)],
        ),
        allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], ["*"]),  # no resource-level permissions
    ]
    if args.artefact is not None:
        location = pulumi.Output.from_input(args.artefact).apply(lambda url: url.removeprefix("s3://"))
        statements.append(allow(["s3:GetObject"], [aws_env.bucket_arn(location)]))
    if services := sorted({*writes_via, *(["s3"] if args.artefact is not None else [])}):
        actions = ["kms:Decrypt", "kms:GenerateDataKey"] if writes_via else ["kms:Decrypt"]
        statements.append(allow_key_use(aws_env, args.key_alias, services, actions))
    if args.vpc_placement is not None:
        statements.append(allow(NETWORK_INTERFACE_ACTIONS, ["*"]))
    return document(*statements, *grants)


def _repository(aws_env: AwsEnvironment, image: str) -> str:
    """The ARN of the ECR repository of an image: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...`."""
    registry, _, path = image.partition("/")
    account, _, _, region, *_ = registry.split(".")
    return f"arn:{aws_env.partition}:ecr:{region}:{account}:repository/{path.partition('@')[0]}"
