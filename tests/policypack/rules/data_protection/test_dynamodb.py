"""Tests of policypack/rules/data_protection/dynamodb.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.data_protection.dynamodb import dynamodb_table_is_encrypted_with_customer_managed_key
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

Encryption = aws.dynamodb.TableServerSideEncryptionArgs
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@examples(
    dynamodb_table_is_encrypted_with_customer_managed_key,
    "encryption",
    [
        (Encryption(enabled=True, kms_key_arn=KEY), PASS),
        (Encryption(enabled=True, kms_key_arn=UNKNOWN), PASS),  # a key that the deployment creates is customer managed
        (Encryption(enabled=True), FAIL),  # the key that AWS manages
        (Encryption(enabled=True, kms_key_arn=""), FAIL),
        (Encryption(enabled=True, kms_key_arn="arn:aws:kms:eu-west-1:123456789012:alias/aws/dynamodb"), FAIL),
        (Encryption(enabled=False, kms_key_arn=KEY), FAIL),  # the key is set and not used
        (None, FAIL),  # the key that AWS owns
        (Encryption(enabled=UNKNOWN, kms_key_arn=KEY), UNDECIDED),
        (UNKNOWN, UNDECIDED),
    ],
)
def test_dynamodb_table_is_encrypted_with_customer_managed_key(encryption: Any, verdict: Verdict) -> None:
    """The table is encrypted with a customer managed key."""
    stack = program(lambda: table(server_side_encryption=encryption))
    assert judge(dynamodb_table_is_encrypted_with_customer_managed_key, stack) == verdict


def test_key_of_the_same_program() -> None:
    """At preview the ARN of a new key is unknown; that it is set is enough."""

    def build() -> None:
        key = aws.kms.Key("key")
        table(server_side_encryption=Encryption(enabled=True, kms_key_arn=key.arn))

    assert judge(dynamodb_table_is_encrypted_with_customer_managed_key, program(build)) == PASS


def test_messages_about_keys_of_aws() -> None:
    """AWS owned keys and AWS managed keys have different messages."""
    owned = program(table)
    managed = program(lambda: table(server_side_encryption=Encryption(enabled=True)))
    assert messages(dynamodb_table_is_encrypted_with_customer_managed_key, owned) == [
        "is encrypted with an AWS owned key"
    ]
    assert messages(dynamodb_table_is_encrypted_with_customer_managed_key, managed) == [
        "is encrypted with an AWS managed key"
    ]
