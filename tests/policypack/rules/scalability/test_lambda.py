"""Tests of policypack/rules/scalability/lambda_.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.scalability.lambda_ import event_source_mapping_sets_maximum_concurrency
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
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

Scaling = aws.lambda_.EventSourceMappingScalingConfigArgs
Pollers = aws.lambda_.EventSourceMappingProvisionedPollerConfigArgs


@examples(
    event_source_mapping_sets_maximum_concurrency,
    "source, settings",
    [
        (new_queue, {"scaling_config": Scaling(maximum_concurrency=2)}, PASS),  # AWS's minimum
        (new_queue, {"scaling_config": Scaling(maximum_concurrency=UNKNOWN)}, PASS),  # that it is set is enough
        (new_queue, {"scaling_config": UNKNOWN}, PASS),
        (new_queue, {}, FAIL),
        (new_queue, {"scaling_config": Scaling()}, FAIL),
        (new_queue, {"provisioned_poller_config": Pollers(maximum_pollers=10)}, PASS),  # limits the concurrency as well
        (new_queue, {"provisioned_poller_config": Pollers(minimum_pollers=2)}, FAIL),
        (known("sqs", "elsewhere"), {}, FAIL),
        (known("sqs", "elsewhere.fifo"), {}, FAIL),
        (new_stream, {}, PASS),  # the number of shards limits it
        (new_table_stream, {}, PASS),
        (new_cluster, {}, PASS),
        (known("kinesis", "stream/elsewhere"), {}, PASS),
        (not_known, {}, UNDECIDED),
    ],
)
def test_event_source_mapping_sets_maximum_concurrency(
    source: Callable[[], Any], settings: Any, verdict: Verdict
) -> None:
    """A backlog in the queue uses a limited part of the account's concurrency."""
    stack = program(lambda: mapping(source(), **settings))
    assert judge(event_source_mapping_sets_maximum_concurrency, stack) == verdict


def test_reserved_concurrency_is_no_substitute() -> None:
    """The pollers ignore it, so messages are throttled until they land in the dead-letter queue."""
    stack = program(lambda: mapping(new_queue(), function(reserved_concurrent_executions=5).arn))
    assert messages(event_source_mapping_sets_maximum_concurrency, stack) == ["has no maximum concurrency"]


def test_maximum_concurrency_is_undecided_while_the_source_may_be_a_queue() -> None:
    """The rule neither passes nor fails as long as the type of the source is open."""
    stack = program(lambda: mapping(queue_or_stream()))
    assert judge(event_source_mapping_sets_maximum_concurrency, stack) == UNDECIDED
