"""Rules about DynamoDB tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.model import TABLE
from policypack.rules.data_protection.dynamodb import dynamodb_table_is_encrypted_with_customer_managed_key
from policypack.rules.resilience.dynamodb import dynamodb_table_has_point_in_time_recovery
from policypack.rules.scalability.dynamodb import dynamodb_table_uses_on_demand_billing
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program, resource
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

Recovery = aws.dynamodb.TablePointInTimeRecoveryArgs
Encryption = aws.dynamodb.TableServerSideEncryptionArgs
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


@examples(
    dynamodb_table_uses_on_demand_billing,
    "mode",
    [
        ("PAY_PER_REQUEST", PASS),
        ("PROVISIONED", FAIL),
        (None, FAIL),  # AWS's default
        (UNKNOWN, UNDECIDED),
    ],
)
def test_dynamodb_table_uses_on_demand_billing(mode: Any, verdict: Verdict) -> None:
    """The table has no capacity that could run out."""
    assert judge(dynamodb_table_uses_on_demand_billing, program(lambda: table(billing_mode=mode))) == verdict


def test_what_is_said_of_a_provisioned_table() -> None:
    """The message is about the table, and leaves the advice to the fix."""
    stack = program(lambda: table(billing_mode="PROVISIONED"))
    assert messages(dynamodb_table_uses_on_demand_billing, stack) == ["pays for provisioned capacity"]


def test_the_remedy_bills_on_demand() -> None:
    """What the remedy returns follows the rule, and what it was given is as before."""
    given = {"hashKey": "id", "billingMode": "PROVISIONED"}
    assert dynamodb_table_uses_on_demand_billing.remedy is not None
    mended = dynamodb_table_uses_on_demand_billing.remedy(given)
    assert not list(dynamodb_table_uses_on_demand_billing(resource(TABLE, mended)))
    assert given == {"hashKey": "id", "billingMode": "PROVISIONED"}


@examples(
    dynamodb_table_has_point_in_time_recovery,
    "recovery",
    [
        (Recovery(enabled=True), PASS),
        (Recovery(enabled=True, recovery_period_in_days=7), PASS),
        (Recovery(enabled=False), FAIL),
        (None, FAIL),  # AWS's default
        (Recovery(enabled=UNKNOWN), UNDECIDED),
        (UNKNOWN, UNDECIDED),  # the whole block
    ],
)
def test_dynamodb_table_has_point_in_time_recovery(recovery: Any, verdict: Verdict) -> None:
    """The table keeps a continuous backup."""
    stack = program(lambda: table(point_in_time_recovery=recovery))
    assert judge(dynamodb_table_has_point_in_time_recovery, stack) == verdict


def test_what_is_said_of_a_table_without_recovery() -> None:
    """The remedy makes a table without the block follow the rule too."""
    assert messages(dynamodb_table_has_point_in_time_recovery, program(table)) == ["has no point-in-time recovery"]
    assert dynamodb_table_has_point_in_time_recovery.remedy is not None
    mended = dynamodb_table_has_point_in_time_recovery.remedy({"hashKey": "id"})
    assert mended == {"hashKey": "id", "pointInTimeRecovery": {"enabled": True}}


@examples(
    dynamodb_table_is_encrypted_with_customer_managed_key,
    "encryption",
    [
        (Encryption(enabled=True, kms_key_arn=KEY), PASS),
        (Encryption(enabled=True, kms_key_arn=UNKNOWN), PASS),  # a key that is still to be made is the customer's
        (Encryption(enabled=True), FAIL),  # the key that AWS manages
        (Encryption(enabled=True, kms_key_arn=""), FAIL),
        (Encryption(enabled=True, kms_key_arn="arn:aws:kms:eu-west-1:123456789012:alias/aws/dynamodb"), FAIL),
        (Encryption(enabled=False, kms_key_arn=KEY), FAIL),  # the key is named and not used
        (None, FAIL),  # the key that AWS owns
        (Encryption(enabled=UNKNOWN, kms_key_arn=KEY), UNDECIDED),
        (UNKNOWN, UNDECIDED),
    ],
)
def test_dynamodb_table_is_encrypted_with_customer_managed_key(encryption: Any, verdict: Verdict) -> None:
    """The table is encrypted with a key whose use its owner decides on."""
    stack = program(lambda: table(server_side_encryption=encryption))
    assert judge(dynamodb_table_is_encrypted_with_customer_managed_key, stack) == verdict


def test_a_key_of_the_same_program_counts() -> None:
    """At preview the ARN of a new key is not known, and that it is set is enough."""

    def build() -> None:
        key = aws.kms.Key("key")
        table(server_side_encryption=Encryption(enabled=True, kms_key_arn=key.arn))

    assert judge(dynamodb_table_is_encrypted_with_customer_managed_key, program(build)) == PASS


def test_what_is_said_of_other_peoples_keys() -> None:
    """AWS's two kinds of key are told apart."""
    owned = program(table)
    managed = program(lambda: table(server_side_encryption=Encryption(enabled=True)))
    assert messages(dynamodb_table_is_encrypted_with_customer_managed_key, owned) == [
        "is encrypted with a key that AWS owns"
    ]
    assert messages(dynamodb_table_is_encrypted_with_customer_managed_key, managed) == [
        "is encrypted with a key that AWS manages"
    ]
