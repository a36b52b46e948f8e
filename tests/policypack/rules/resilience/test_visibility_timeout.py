"""The visibility timeout of a queue, compared with the timeout of its function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pulumi
import pulumi_aws as aws
import pytest

from policypack.rules.resilience.sqs import VisibilityOptions, queue_visibility_timeout_covers_function_timeout
from policypack.testing import FAIL, NOT_APPLICABLE, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, mapping, table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict


def worker(visibility: Any = None, timeout: Any = None) -> None:
    """Build a queue and the function that processes its messages."""
    queue = aws.sqs.Queue("work", visibility_timeout_seconds=visibility)
    mapping(queue.arn, function(timeout=timeout).arn)


@examples(
    queue_visibility_timeout_covers_function_timeout,
    "visibility, timeout",
    [
        (180, 30, PASS),  # exactly six times
        (179, 30, FAIL),
        (43200, 900, PASS),  # AWS's maximum of both
        (0, 1, FAIL),  # visible again at once
        (None, 3, PASS),  # AWS's default of the queue: 30 s, more than 18 s
        (None, 6, FAIL),
        (18, None, PASS),  # AWS's default of the function: 3 s
        (17, None, FAIL),
        (UNKNOWN, 30, UNDECIDED),
        (180, UNKNOWN, UNDECIDED),
    ],
)
def test_queue_visibility_timeout_covers_function_timeout(visibility: Any, timeout: Any, verdict: Verdict) -> None:
    """The visibility timeout is at least six function timeouts."""
    stack = program(lambda: worker(visibility, timeout))
    assert judge(queue_visibility_timeout_covers_function_timeout, stack) == verdict


def test_finding_is_at_the_property_of_the_queue() -> None:
    """The subject is the mapping; the message names queue and function; the path is the queue's property."""
    stack = program(lambda: worker(30, 30))
    (judgement,) = judgements(queue_visibility_timeout_covers_function_timeout, stack).values()
    (finding,) = judgement.findings
    assert finding.message == "visibility timeout of work is 30 s, worker may need 180 s"
    assert finding.urn.endswith("::work")
    assert finding.path == "visibilityTimeoutSeconds"


def test_number_of_function_timeouts_is_an_option() -> None:
    """The option times_function_timeout sets how many function timeouts are enough."""
    stack = program(lambda: worker(60, 30))
    assert (
        judge(queue_visibility_timeout_covers_function_timeout, stack, VisibilityOptions(times_function_timeout=2))
        == PASS
    )
    assert (
        judge(queue_visibility_timeout_covers_function_timeout, stack, VisibilityOptions(times_function_timeout=3))
        == FAIL
    )
    once = VisibilityOptions(times_function_timeout=1)
    assert (
        judge(queue_visibility_timeout_covers_function_timeout, program(lambda: worker(None, 30)), once) == PASS
    )  # AWS's default: 30 s
    assert judge(queue_visibility_timeout_covers_function_timeout, program(lambda: worker(None, 31)), once) == FAIL


def test_number_of_function_timeouts_has_bounds() -> None:
    """It is at least 1 and at most 20."""
    for times in (1, 20):
        assert msgspec.convert({"timesFunctionTimeout": times}, VisibilityOptions).times_function_timeout == times
    for times in (0, 21):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"timesFunctionTimeout": times}, VisibilityOptions)


def test_mapping_to_an_alias() -> None:
    """The timeout is that of the function that the alias points to."""

    def build() -> None:
        queue = aws.sqs.Queue("work", visibility_timeout_seconds=60)
        target = function(timeout=30)
        alias = aws.lambda_.Alias("live", function_name=target.name, function_version=target.version)
        mapping(queue.arn, alias.arn)

    assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == FAIL


def test_source_or_function_outside_the_stack() -> None:
    """The timeout of a queue or function outside the stack is unknown; a stream has none."""

    def elsewhere() -> None:
        mapping("arn:aws:sqs:eu-west-1:123456789012:other", function(timeout=900).arn)

    def target_elsewhere() -> None:
        mapping(aws.sqs.Queue("work").arn, "arn:aws:lambda:eu-west-1:123456789012:function:other")

    def stream() -> None:
        mapping(table(stream_enabled=True).stream_arn, function(timeout=900).arn)

    for build in (elsewhere, target_elsewhere, stream):
        assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == PASS


def test_queue_without_a_mapping() -> None:
    """The rule judges mappings only."""
    assert (
        judge(queue_visibility_timeout_covers_function_timeout, program(lambda: aws.sqs.Queue("work")))
        == NOT_APPLICABLE
    )


def test_source_that_the_deployment_decides() -> None:
    """The source may be either queue, so the verdict is undecided."""

    def build() -> None:
        one, other = aws.sqs.Queue("one"), aws.sqs.Queue("other")
        either = pulumi.Output.all(one.arn, other.arn).apply(lambda arns: str(arns[0]))
        mapping(either, function().arn)

    assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == UNDECIDED
