"""Tests of policypack/rules/resilience/dynamodb.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.resilience.dynamodb import dynamodb_table_has_point_in_time_recovery
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

Recovery = aws.dynamodb.TablePointInTimeRecoveryArgs


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
    """Point-in-time recovery is enabled."""
    stack = program(lambda: table(point_in_time_recovery=recovery))
    assert judge(dynamodb_table_has_point_in_time_recovery, stack) == verdict


def test_message_and_remedy_of_a_table_without_recovery() -> None:
    """The remedy adds the block where it is absent."""
    assert messages(dynamodb_table_has_point_in_time_recovery, program(table)) == ["has no point-in-time recovery"]
    assert dynamodb_table_has_point_in_time_recovery.remedy is not None
    remediated = dynamodb_table_has_point_in_time_recovery.remedy({"hashKey": "id"})
    assert remediated == {"hashKey": "id", "pointInTimeRecovery": {"enabled": True}}
