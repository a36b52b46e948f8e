"""Tests of policypack/rules/observability/cloudwatch.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.observability.cloudwatch import log_group_has_retention
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict


@examples(
    log_group_has_retention,
    "days, kind",
    [
        (30, None, PASS),
        (1, "INFREQUENT_ACCESS", PASS),
        (None, None, FAIL),  # AWS's default: indefinitely
        (0, "STANDARD", FAIL),  # how the provider writes indefinitely
        (None, "DELIVERY", PASS),  # AWS keeps these events for two days, whatever the setting
        (UNKNOWN, None, UNDECIDED),
        (None, UNKNOWN, UNDECIDED),
    ],
)
def test_log_group_has_retention(days: Any, kind: Any, verdict: Verdict) -> None:
    """The log group has a retention period."""
    stack = program(lambda: aws.cloudwatch.LogGroup("logs", retention_in_days=days, log_group_class=kind))
    assert judge(log_group_has_retention, stack) == verdict


def test_message_about_a_log_group_without_retention() -> None:
    """The message describes the log group."""
    assert messages(log_group_has_retention, program(lambda: aws.cloudwatch.LogGroup("logs"))) == [
        "stores its events indefinitely"
    ]
