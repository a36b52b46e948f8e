"""Tests of policypack/rules/data_protection/sqs.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.data_protection.sqs import queue_is_encrypted_with_customer_managed_key
from policypack.testing import FAIL, PASS, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

KEY = "11111111-2222-3333-4444-555555555555"


@examples(
    queue_is_encrypted_with_customer_managed_key,
    "key",
    [
        (KEY, PASS),
        ("alias/queues", PASS),  # the alias of a customer managed key
        (UNKNOWN, PASS),  # a key that the deployment creates is customer managed
        (None, FAIL),  # AWS's default: SQS's own keys
        ("", FAIL),
        ("alias/aws/sqs", FAIL),  # the key that AWS manages
        ("arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs", FAIL),
    ],
)
def test_queue_is_encrypted_with_customer_managed_key(key: Any, verdict: Verdict) -> None:
    """The queue is encrypted with a customer managed key."""
    stack = program(lambda: aws.sqs.Queue("work", kms_master_key_id=key))
    assert judge(queue_is_encrypted_with_customer_managed_key, stack) == verdict


def test_keys_of_sqs_are_not_customer_managed() -> None:
    """With SSE-SQS nobody decides who can decrypt: whoever can call SQS reads the data."""
    stack = program(lambda: aws.sqs.Queue("work", sqs_managed_sse_enabled=True))
    assert messages(queue_is_encrypted_with_customer_managed_key, stack) == [
        "is not encrypted with a customer managed key"
    ]
