"""Physical names that must be known before resources exist: for policies, S3 and SageMaker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aws_environment import AwsEnvironment

MAX_PREFIX_LENGTH: Final = 24
"""Characters: a bucket name has at most 63, and account, region and purpose need the rest."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names with a common prefix, made from project and stack."""

    prefix: str

    @staticmethod
    def of(project: str, stack: str) -> Names:
        """The prefix in lower-case letters, digits and hyphens; a name that is too long ends in a digest."""
        full_name = re.sub("[^a-z0-9]+", "-", f"{project}-{stack}".lower()).strip("-")
        if len(full_name) <= MAX_PREFIX_LENGTH:
            return Names(prefix=full_name)
        return Names(
            prefix=f"{full_name[: MAX_PREFIX_LENGTH - 7].rstrip('-')}-{sha256(full_name.encode()).hexdigest()[:6]}"
        )

    def endpoint(self, shape: str, instance_type: str) -> str:
        """The endpoint's name, with shape and instance type (may be empty).

        SageMaker can change neither the shape nor, while a variant scales, the instance type of an endpoint:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
        """
        size = instance_type.removeprefix("ml.").replace(".", "-")
        return "-".join(filter(None, (self.prefix, shape, size)))

    def function_logs(self, function: str) -> str:
        """The log group of a function."""
        return f"/aws/lambda/{self.prefix}-{function}"

    @property
    def access_logs(self) -> str:
        """The log group of the API's access logs."""
        return f"/aws/apigateway/{self.prefix}"

    @property
    def flow_logs(self) -> str:
        """The log group of the VPC flow logs."""
        return f"/aws/vpc/{self.prefix}"

    def bucket(self, purpose: str, aws_env: AwsEnvironment) -> str:
        """A bucket name. S3's names are unique over all accounts, hence the account and the region in it."""
        return f"{self.prefix}-{purpose}-{aws_env.account}-{aws_env.region}"
