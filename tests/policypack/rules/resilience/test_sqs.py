"""Rules about queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pulumi
import pulumi_aws as aws
import pytest

from policypack.rules.data_protection.sqs import queue_is_encrypted_with_customer_managed_key
from policypack.rules.resilience.sqs import VisibilityOptions, queue_visibility_timeout_covers_function_timeout
from policypack.testing import FAIL, NOT_APPLICABLE, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import function, mapping, table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

KEY = "11111111-2222-3333-4444-555555555555"


@examples(
    queue_is_encrypted_with_customer_managed_key,
    "key",
    [
        (KEY, PASS),
        ("alias/queues", PASS),  # an alias of the customer's own
        (UNKNOWN, PASS),  # a key that is still to be made is the customer's
        (None, FAIL),  # AWS's default: a key of SQS's own
        ("", FAIL),
        ("alias/aws/sqs", FAIL),  # the key that AWS manages
        ("arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs", FAIL),
    ],
)
def test_queue_is_encrypted_with_customer_managed_key(key: Any, verdict: Verdict) -> None:
    """The queue is encrypted with a key whose use its owner decides on."""
    stack = program(lambda: aws.sqs.Queue("work", kms_master_key_id=key))
    assert judge(queue_is_encrypted_with_customer_managed_key, stack) == verdict


def test_encryption_with_sqs_keys_is_not_enough() -> None:
    """SQS's own keys protect the disk, not the data from whoever may call SQS."""
    stack = program(lambda: aws.sqs.Queue("work", sqs_managed_sse_enabled=True))
    assert messages(queue_is_encrypted_with_customer_managed_key, stack) == ["is not encrypted with a customer key"]


def worker(visibility: Any = None, timeout: Any = None) -> None:
    """Build a queue, and the function that works on it."""
    queue = aws.sqs.Queue("work", visibility_timeout_seconds=visibility)
    mapping(queue.arn, function(timeout=timeout).arn)


@examples(
    queue_visibility_timeout_covers_function_timeout,
    "visibility, timeout",
    [
        (180, 30, PASS),  # exactly six times
        (179, 30, FAIL),
        (43200, 900, PASS),  # the most that AWS takes of both
        (0, 1, FAIL),  # hidden not at all
        (None, 3, PASS),  # AWS's default of the queue: 30 s, more than 18 s
        (None, 6, FAIL),
        (18, None, PASS),  # AWS's default of the function: 3 s
        (17, None, FAIL),
        (UNKNOWN, 30, UNDECIDED),
        (180, UNKNOWN, UNDECIDED),
    ],
)
def test_queue_visibility_timeout_covers_function_timeout(visibility: Any, timeout: Any, verdict: Verdict) -> None:
    """The queue waits six function timeouts before it hands a message to somebody else."""
    stack = program(lambda: worker(visibility, timeout))
    assert judge(queue_visibility_timeout_covers_function_timeout, stack) == verdict


def test_where_the_queue_has_to_change() -> None:
    """The finding is the mapping's, names both ends, and points at the queue's property."""
    stack = program(lambda: worker(30, 30))
    (judgement,) = judgements(queue_visibility_timeout_covers_function_timeout, stack).values()
    (finding,) = judgement.findings
    assert finding.message == "work hides messages for 30 s, worker may need 180 s"
    assert finding.urn.endswith("::work")
    assert finding.path == "visibilityTimeoutSeconds"


def test_how_often_the_timeout_has_to_fit_in_is_an_option() -> None:
    """A queue that waits twice the timeout is enough where the configuration says so."""
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


def test_the_option_has_bounds() -> None:
    """Less than one timeout is no time, and twenty are more than any queue waits."""
    for times in (1, 20):
        assert msgspec.convert({"timesFunctionTimeout": times}, VisibilityOptions).times_function_timeout == times
    for times in (0, 21):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"timesFunctionTimeout": times}, VisibilityOptions)


def test_the_function_is_found_behind_an_alias() -> None:
    """A mapping to an alias works with the timeout of the function behind it."""

    def build() -> None:
        queue = aws.sqs.Queue("work", visibility_timeout_seconds=60)
        target = function(timeout=30)
        alias = aws.lambda_.Alias("live", function_name=target.name, function_version=target.version)
        mapping(queue.arn, alias.arn)

    assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == FAIL


def test_nothing_is_said_where_an_end_is_elsewhere() -> None:
    """A queue or a function of another stack may have any timeout; a stream has none."""

    def elsewhere() -> None:
        mapping("arn:aws:sqs:eu-west-1:123456789012:other", function(timeout=900).arn)

    def target_elsewhere() -> None:
        mapping(aws.sqs.Queue("work").arn, "arn:aws:lambda:eu-west-1:123456789012:function:other")

    def stream() -> None:
        mapping(table(stream_enabled=True).stream_arn, function(timeout=900).arn)

    for build in (elsewhere, target_elsewhere, stream):
        assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == PASS


def test_a_queue_without_a_mapping_is_nobodys_work() -> None:
    """The rule is about mappings."""
    assert (
        judge(queue_visibility_timeout_covers_function_timeout, program(lambda: aws.sqs.Queue("work")))
        == NOT_APPLICABLE
    )


def test_a_source_that_is_only_known_later_leaves_the_rule_undecided() -> None:
    """A value that could be any queue's is no reason to pass."""

    def build() -> None:
        one, other = aws.sqs.Queue("one"), aws.sqs.Queue("other")
        either = pulumi.Output.all(one.arn, other.arn).apply(lambda arns: str(arns[0]))
        mapping(either, function().arn)

    assert judge(queue_visibility_timeout_covers_function_timeout, program(build)) == UNDECIDED
