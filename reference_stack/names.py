"""The names that are fixed before anything exists, for policies, S3 and SageMaker have to know them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from place import Place

LONGEST: Final = 24
"""Characters of a prefix: S3 takes 63 for a bucket, of which account, region and purpose need the rest."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """All begin with the same prefix, made from the names of project and stack."""

    prefix: str

    @staticmethod
    def of(project: str, stack: str) -> Names:
        """Small letters, digits and hyphens; what is too long ends in a digest of itself."""
        whole = re.sub("[^a-z0-9]+", "-", f"{project}-{stack}".lower()).strip("-")
        if len(whole) <= LONGEST:
            return Names(prefix=whole)
        return Names(prefix=f"{whole[: LONGEST - 7].rstrip('-')}-{sha256(whole.encode()).hexdigest()[:6]}")

    def endpoint(self, shape: str, instance_type: str) -> str:
        """The endpoint's. Those have names of their own that SageMaker cannot turn into one another.

        It refuses another shape, and another instance type (empty where there is none) of a variant that scales:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
        """
        size = instance_type.removeprefix("ml.").replace(".", "-")
        return "-".join(filter(None, (self.prefix, shape, size)))

    def function_logs(self, function: str) -> str:
        """A log group's, for a function."""
        return f"/aws/lambda/{self.prefix}-{function}"

    @property
    def access_logs(self) -> str:
        """A log group's, for the requests to the API."""
        return f"/aws/apigateway/{self.prefix}"

    @property
    def flow_logs(self) -> str:
        """A log group's, for what goes through the network."""
        return f"/aws/vpc/{self.prefix}"

    def bucket(self, purpose: str, place: Place) -> str:
        """A bucket's. No two in the world may be called the same, hence the account and the region."""
        return f"{self.prefix}-{purpose}-{place.account}-{place.region}"
