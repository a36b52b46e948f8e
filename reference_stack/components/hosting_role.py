"""The documents of the role that SageMaker hosts a model under."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from documents import Statement, allow, document, trust, use_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from place import Place

    from components.hosting import HostingArgs

INTERFACES: Final = (
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


def hosting_trust(place: Place) -> pulumi.Output[str]:
    """Let SageMaker take on the role for this account and region. The ARN of one model or endpoint would break it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return trust(
        "sagemaker",
        {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": place.arn("sagemaker", "*")},
        },
    )


def hosting_policy(
    args: HostingArgs, log_group: pulumi.Input[str], grants: Sequence[Statement], writes_via: Sequence[str]
) -> pulumi.Output[str]:
    """Fetch one image and one artefact, write one log, and what else is granted.

    writes_via: services (`s3`, `sns`) that encrypt under the key what the endpoint writes.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
    place = args.place
    statements: list[Statement] = [
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [pulumi.Output.from_input(args.image).apply(lambda image: _repository(place, image))],
        ),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [place.log_streams(log_group)],
        ),
        allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"], ["*"]),  # neither has a resource to name
    ]
    if args.artefact is not None:
        location = pulumi.Output.from_input(args.artefact).apply(lambda url: url.removeprefix("s3://"))
        statements.append(allow(["s3:GetObject"], [place.bucket(location)]))
    if services := sorted({*writes_via, *(["s3"] if args.artefact is not None else [])}):
        actions = ["kms:Decrypt", "kms:GenerateDataKey"] if writes_via else ["kms:Decrypt"]
        statements.append(use_key(place, args.key_alias, services, actions))
    if args.inside is not None:
        statements.append(allow(INTERFACES, ["*"]))
    return document(*statements, *grants)


def _repository(place: Place, image: str) -> str:
    """The ARN of the ECR repository of an image: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...`."""
    registry, _, path = image.partition("/")
    account, _, _, region, *_ = registry.split(".")
    return f"arn:{place.partition}:ecr:{region}:{account}:repository/{path.partition('@')[0]}"
