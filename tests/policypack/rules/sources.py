"""Event sources that the examples of event source mappings vary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION, UNKNOWN
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from collections.abc import Callable


def new_queue() -> Any:
    """Create a queue, whose ARN is unknown at preview."""
    return aws.sqs.Queue("work").arn


def new_stream() -> Any:
    """Create a Kinesis stream."""
    return aws.kinesis.Stream("events").arn


def new_table_stream() -> Any:
    """Create a table with a DynamoDB stream."""
    return table(stream_enabled=True).stream_arn


def new_cluster() -> Any:
    """Create a Kafka cluster, a source that no rule judges."""
    return aws.msk.ServerlessCluster(
        "kafka", client_authentication={"sasl": {"iam": {"enabled": True}}}, vpc_configs=[{"subnet_ids": ["subnet"]}]
    ).arn


def known(service: str, tail: str) -> Callable[[], Any]:
    """Give the known ARN of a source in another stack."""
    return lambda: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{tail}"


def not_known() -> Any:
    """Give a source of which nothing is known."""
    return UNKNOWN


def queue_or_stream() -> Any:
    """Give a source that may be a queue or a stream, which the deployment decides."""
    return pulumi.Output.all(new_queue(), new_stream()).apply(lambda arns: str(arns[0]))
