"""A function that calls AWS with what its role grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

ACCOUNT = "arn:aws:{}:eu-west-1:123456789012:{}"

CALLER = """
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
class Actor:
    """A function that calls AWS, and its role."""

    cloud: Cloud
    role: str
    function: str

    def may(self, *statements: dict[str, Any]) -> None:
        """Set what the role grants."""
        self.cloud.grant(self.role, *statements)

    def calls(self, service: str, operation: str, **parameters: Any) -> str:
        """Let the function call AWS; return `allowed` or the error's code."""
        event = {"service": service, "operation": operation, "parameters": parameters}
        answer, error = self.cloud.invoke(self.function, event)
        assert error is None, answer
        return str(answer)
