"""Rules about functions and the mappings that feed them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import boto3
import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import FUNCTION
from policypack.model.lambda_runtimes import DEPRECATED
from policypack.rules.resilience.lambda_ import (
    RuntimeOptions,
    event_source_mapping_reports_batch_item_failures,
    function_runtime_is_supported,
)
from policypack.rules.scalability.lambda_ import event_source_mapping_sets_maximum_concurrency
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program, resource
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, mapping, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

HERE = "eu-west-1:123456789012"
Scaling = aws.lambda_.EventSourceMappingScalingConfigArgs
Pollers = aws.lambda_.EventSourceMappingProvisionedPollerConfigArgs
Kafka = aws.lambda_.EventSourceMappingSelfManagedEventSourceArgs
REPORT = ["ReportBatchItemFailures"]


def new_queue() -> Any:
    """Make a queue whose ARN is not known at preview."""
    return aws.sqs.Queue("work").arn


def new_stream() -> Any:
    """Make a Kinesis stream."""
    return aws.kinesis.Stream("events").arn


def new_table_stream() -> Any:
    """Make a table with a stream of its changes."""
    return table(stream_enabled=True).stream_arn


def new_cluster() -> Any:
    """Make a Kafka cluster, which is none of the sources that rules know."""
    return aws.msk.ServerlessCluster(
        "kafka", client_authentication={"sasl": {"iam": {"enabled": True}}}, vpc_configs=[{"subnet_ids": ["subnet"]}]
    ).arn


def known(service: str, tail: str) -> Callable[[], Any]:
    """Give a source of another stack, by its ARN."""
    return lambda: f"arn:aws:{service}:{HERE}:{tail}"


def not_known() -> Any:
    """Give a source that nothing says anything about yet."""
    return UNKNOWN


@examples(
    event_source_mapping_reports_batch_item_failures,
    "source, settings",
    [
        (new_queue, {"function_response_types": REPORT}, PASS),
        (new_queue, {}, FAIL),
        (new_queue, {"function_response_types": []}, FAIL),
        (new_queue, {"batch_size": 1}, PASS),  # a batch of one fails as a whole or not at all
        (new_queue, {"batch_size": 2}, FAIL),
        (known("sqs", "elsewhere"), {}, FAIL),
        (known("sqs", "elsewhere.fifo"), {}, FAIL),
        (new_stream, {}, FAIL),
        (new_stream, {"function_response_types": REPORT}, PASS),
        (known("kinesis", "stream/elsewhere"), {}, FAIL),
        (new_table_stream, {}, FAIL),
        (known("dynamodb", "table/elsewhere/stream/2026-01-01T00:00:00.000"), {}, FAIL),
        (new_cluster, {}, PASS),  # AWS takes no such report for Kafka, whose ARN is not known yet
        (known("kafka", "cluster/elsewhere/1"), {}, PASS),
        (known("mq", "broker:elsewhere:b-1"), {}, PASS),
        (lambda: None, {"self_managed_event_source": Kafka(endpoints={"KAFKA_BOOTSTRAP_SERVERS": "a:9092"})}, PASS),
        (not_known, {}, UNDECIDED),
        (new_queue, {"function_response_types": UNKNOWN}, UNDECIDED),
        (new_queue, {"function_response_types": [UNKNOWN]}, UNDECIDED),
        (new_queue, {"batch_size": UNKNOWN}, UNDECIDED),
    ],
)
def test_event_source_mapping_reports_batch_item_failures(
    source: Callable[[], Any], settings: Any, verdict: Verdict
) -> None:
    """What went well in a batch is not done again because of what did not."""
    stack = program(lambda: mapping(source(), **settings))
    assert judge(event_source_mapping_reports_batch_item_failures, stack) == verdict


def test_what_is_said_of_a_mapping_without_reports() -> None:
    """The message is about the mapping."""
    stack = program(lambda: mapping(new_queue()))
    assert messages(event_source_mapping_reports_batch_item_failures, stack) == [
        "fails a whole batch for one bad message"
    ]


@examples(
    event_source_mapping_sets_maximum_concurrency,
    "source, settings",
    [
        (new_queue, {"scaling_config": Scaling(maximum_concurrency=2)}, PASS),  # the least that AWS takes
        (new_queue, {"scaling_config": Scaling(maximum_concurrency=UNKNOWN)}, PASS),  # that there is one is enough
        (new_queue, {"scaling_config": UNKNOWN}, PASS),
        (new_queue, {}, FAIL),
        (new_queue, {"scaling_config": Scaling()}, FAIL),
        (new_queue, {"provisioned_poller_config": Pollers(maximum_pollers=10)}, PASS),  # bounds it as well
        (new_queue, {"provisioned_poller_config": Pollers(minimum_pollers=2)}, FAIL),
        (known("sqs", "elsewhere"), {}, FAIL),
        (known("sqs", "elsewhere.fifo"), {}, FAIL),
        (new_stream, {}, PASS),  # a stream's shards bound it
        (new_table_stream, {}, PASS),
        (new_cluster, {}, PASS),
        (known("kinesis", "stream/elsewhere"), {}, PASS),
        (not_known, {}, UNDECIDED),
    ],
)
def test_event_source_mapping_sets_maximum_concurrency(
    source: Callable[[], Any], settings: Any, verdict: Verdict
) -> None:
    """A full queue does not take more of the account than it was given."""
    stack = program(lambda: mapping(source(), **settings))
    assert judge(event_source_mapping_sets_maximum_concurrency, stack) == verdict


def test_reserved_concurrency_is_no_maximum_of_the_mapping() -> None:
    """The pollers ignore it, so messages are thrown back until they land in the dead-letter queue."""
    stack = program(lambda: mapping(new_queue(), function(reserved_concurrent_executions=5).arn))
    assert messages(event_source_mapping_sets_maximum_concurrency, stack) == ["has no maximum concurrency"]


def test_a_source_that_may_be_one_of_two_kinds() -> None:
    """As long as it may be a queue, nothing is said for or against."""

    def build() -> None:
        either = pulumi.Output.all(new_queue(), new_stream()).apply(lambda arns: str(arns[0]))
        mapping(either)

    assert judge(event_source_mapping_sets_maximum_concurrency, program(build)) == UNDECIDED
    assert judge(event_source_mapping_reports_batch_item_failures, program(build)) == UNDECIDED


@examples(
    function_runtime_is_supported,
    "runtime, day",
    [
        ("python3.13", date(2026, 6, 1), PASS),
        ("python3.8", date(2024, 10, 13), PASS),  # the day before
        ("python3.8", date(2024, 10, 14), FAIL),  # the day itself
        ("nodejs18.x", date(2026, 6, 1), FAIL),
        ("go1.x", date(2026, 6, 1), FAIL),
        ("provided", date(2026, 6, 1), FAIL),
        ("provided.al2023", date(2026, 6, 1), PASS),
        ("python9.9", date(2026, 6, 1), PASS),  # newer than the table
        (UNKNOWN, date(2026, 6, 1), UNDECIDED),
    ],
)
def test_function_runtime_is_supported(runtime: Any, day: date, verdict: Verdict) -> None:
    """The function runs on what AWS still mends."""
    stack = program(lambda: function(runtime=runtime))
    assert judge(function_runtime_is_supported, stack, RuntimeOptions(as_of=day)) == verdict


def test_a_container_image_brings_its_own_runtime() -> None:
    """There is nothing to say of an image."""

    def build() -> None:
        aws.lambda_.Function("worker", role="arn", package_type="Image", image_uri="repository@sha256:0")

    assert judge(function_runtime_is_supported, program(build)) == PASS


def test_what_is_said_of_a_deprecated_runtime() -> None:
    """The message names the runtime and the day; without options the day is today."""
    subject = resource(FUNCTION, {"runtime": "nodejs16.x"})
    found = list(function_runtime_is_supported(subject, RuntimeOptions()))
    assert found == [("runs on nodejs16.x, which AWS deprecated on 2024-06-12", "runtime")]


@pytest.mark.parametrize("runtime", sorted(DEPRECATED))
def test_the_table_names_runtimes_that_lambda_knows(runtime: str) -> None:
    """A misspelt identifier would never be found on a function."""
    shape = boto3.client("lambda", region_name="eu-west-1").meta.service_model.shape_for("Runtime")
    assert runtime in shape.metadata["enum"]
