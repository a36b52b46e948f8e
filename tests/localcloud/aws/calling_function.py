"""A Lambda function that calls AWS APIs with the permissions of its role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

ACCOUNT = "arn:aws:{}:eu-west-1:123456789012:{}"

FUNCTION_CODE = """
import boto3
from botocore.config import Config
def handle(event, context):
    client = boto3.client(event["service"], config=Config(retries={"total_max_attempts": 1}))
    try:
        getattr(client, event["operation"])(**event["parameters"])
    except Exception as error:
        return getattr(error, "response", {"Error": {"Code": repr(error)}})["Error"]["Code"]
    return "allowed"
"""


@dataclass
class CallingFunction:
    """A Lambda function that calls AWS APIs, and its role."""

    cloud: Cloud
    role: str
    function: str

    def grant(self, *statements: dict[str, Any]) -> None:
        """Replace the role's grants."""
        self.cloud.grant(self.role, *statements)

    def call(self, service: str, operation: str, **parameters: Any) -> str:
        """Have the function call an AWS API; return `allowed` or the error code."""
        event = {"service": service, "operation": operation, "parameters": parameters}
        answer, error = self.cloud.invoke(self.function, event)
        assert error is None, answer
        return str(answer)
