"""Tests of policypack/rules/resilience/lambda_.py."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import boto3
import pulumi_aws as aws
import pytest

from policypack.model import FUNCTION
from policypack.model.lambda_runtimes import DEPRECATED
from policypack.rules.resilience.lambda_ import (
    RuntimeOptions,
    event_source_mapping_reports_batch_item_failures,
    function_runtime_is_supported,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program, resource
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, mapping
from tests.policypack.rules.sources import (
    known,
    new_cluster,
    new_queue,
    new_stream,
    new_table_stream,
    not_known,
    queue_or_stream,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

Kafka = aws.lambda_.EventSourceMappingSelfManagedEventSourceArgs
REPORT = ["ReportBatchItemFailures"]


@examples(
    event_source_mapping_reports_batch_item_failures,
    "source, settings",
    [
        (new_queue, {"function_response_types": REPORT}, PASS),
        (new_queue, {}, FAIL),
        (new_queue, {"function_response_types": []}, FAIL),
        (new_queue, {"batch_size": 1}, PASS),  # a batch of one message has no successful rest
        (new_queue, {"batch_size": 2}, FAIL),
        (known("sqs", "elsewhere"), {}, FAIL),
        (known("sqs", "elsewhere.fifo"), {}, FAIL),
        (new_stream, {}, FAIL),
        (new_stream, {"function_response_types": REPORT}, PASS),
        (known("kinesis", "stream/elsewhere"), {}, FAIL),
        (new_table_stream, {}, FAIL),
        (known("dynamodb", "table/elsewhere/stream/2026-01-01T00:00:00.000"), {}, FAIL),
        (new_cluster, {}, PASS),  # Kafka does not support it; the ARN is unknown at preview
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
    """Only the messages that failed are retried."""
    stack = program(lambda: mapping(source(), **settings))
    assert judge(event_source_mapping_reports_batch_item_failures, stack) == verdict


def test_message_about_a_mapping_without_partial_batch_responses() -> None:
    """The message describes the event source mapping."""
    stack = program(lambda: mapping(new_queue()))
    assert messages(event_source_mapping_reports_batch_item_failures, stack) == [
        "retries the whole batch when one message fails"
    ]


def test_batch_item_failures_are_undecided_while_the_source_may_be_a_queue() -> None:
    """The rule neither passes nor fails as long as the type of the source is open."""
    stack = program(lambda: mapping(queue_or_stream()))
    assert judge(event_source_mapping_reports_batch_item_failures, stack) == UNDECIDED


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
        ("python9.9", date(2026, 6, 1), PASS),  # newer than the list of deprecated runtimes
        (UNKNOWN, date(2026, 6, 1), UNDECIDED),
    ],
)
def test_function_runtime_is_supported(runtime: Any, day: date, verdict: Verdict) -> None:
    """The runtime is not deprecated on the date that is judged for."""
    stack = program(lambda: function(runtime=runtime))
    assert judge(function_runtime_is_supported, stack, RuntimeOptions(as_of=day)) == verdict


def test_container_image_has_no_lambda_runtime() -> None:
    """An image brings its own runtime and passes."""

    def build() -> None:
        aws.lambda_.Function("worker", role="arn", package_type="Image", image_uri="repository@sha256:0")

    assert judge(function_runtime_is_supported, program(build)) == PASS


def test_message_about_a_deprecated_runtime() -> None:
    """The message contains the runtime and the date of its deprecation; the default date is today."""
    subject = resource(FUNCTION, {"runtime": "nodejs16.x"})
    found = list(function_runtime_is_supported(subject, RuntimeOptions()))
    assert found == [("runs on nodejs16.x, which AWS deprecated on 2024-06-12", "runtime")]


@pytest.mark.parametrize("runtime", sorted(DEPRECATED))
def test_deprecated_runtimes_are_identifiers_of_lambda(runtime: str) -> None:
    """A misspelt identifier would never match a function."""
    shape = boto3.client("lambda", region_name="eu-west-1").meta.service_model.shape_for("Runtime")
    assert runtime in shape.metadata["enum"]
