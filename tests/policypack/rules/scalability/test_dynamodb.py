"""Tests of policypack/rules/scalability/dynamodb.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.model import TABLE
from policypack.rules.scalability.dynamodb import dynamodb_table_uses_on_demand_billing
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program, resource
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import table

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict


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
    """A table without provisioned capacity does not throttle at it."""
    assert judge(dynamodb_table_uses_on_demand_billing, program(lambda: table(billing_mode=mode))) == verdict


def test_message_about_provisioned_capacity() -> None:
    """The message describes the table; advice is in the fix."""
    stack = program(lambda: table(billing_mode="PROVISIONED"))
    assert messages(dynamodb_table_uses_on_demand_billing, stack) == ["pays for provisioned capacity"]


def test_remedy_sets_on_demand_billing() -> None:
    """The properties that the remedy returns pass the rule; those that it was given are unchanged."""
    given = {"hashKey": "id", "billingMode": "PROVISIONED"}
    assert dynamodb_table_uses_on_demand_billing.remedy is not None
    remediated = dynamodb_table_uses_on_demand_billing.remedy(given)
    assert not list(dynamodb_table_uses_on_demand_billing(resource(TABLE, remediated)))
    assert given == {"hashKey": "id", "billingMode": "PROVISIONED"}
