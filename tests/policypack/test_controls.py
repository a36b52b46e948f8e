"""The table of controls: every row means something, and none stands twice."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from policypack.controls import Control, controls, controls_of, rules_for
from policypack.pack import PACK

VERSIONED = {
    "AWS FSBP": {"1.0.0"},
    "NIST 800-53": {"5"},
    "PCI DSS": {"4.0.1"},
    "CIS AWS": {"1.4", "5.0", "6.0", "7.0"},
    "SOC 2": {"2017"},
    "ISO 27001": {"2022"},
}
TOOLS = {
    *("checkov", "cdk-nag", "cfn-guard", "Prowler", "Trivy", "compliance-policies", "AWSGuard"),
    *("cfn-lint", "serverless-rules"),
}
SHAPES = {
    "AWS FSBP": r"[A-Za-z]+\d?\.\d+",
    "NIST 800-53": r"[A-Z]{2}-\d+[a-z]?(\.\d)?(\(\d+\))?[a-z]?(\.\d)?",
    "PCI DSS": r"[A-Z]?\d+(\.\d+)+",
    "CIS AWS": r"\d+\.\d+",
    "SOC 2": r"[A-Z]+\d\.\d",
    "ISO 27001": r"A\.\d\.\d+",
    "checkov": r"CKV2?_AWS_\d+",
    "Trivy": r"AWS-\d{4}",
}


def test_every_rule_in_the_table_exists() -> None:
    """A renamed rule would lose its controls."""
    assert {control.rule for control in controls()} <= set(PACK.ids)


def test_no_row_stands_twice() -> None:
    """A row is one rule and one control."""
    assert [row for row, count in Counter(controls()).items() if count > 1] == []


def test_rows_of_a_rule_stand_together_and_rules_in_order() -> None:
    """So that a change is one place in a diff."""
    order = list(dict.fromkeys(control.rule for control in controls()))
    assert order == sorted(order)
    assert [control.rule for control in controls()] == sorted(control.rule for control in controls())


def test_every_catalogue_is_a_known_one() -> None:
    """Frameworks are named with the version whose ids these are; the ids of tools outlive their versions."""
    assert {control.catalogue for control in controls()} <= VERSIONED.keys() | TOOLS
    assert [row for row in controls() if row.version not in VERSIONED.get(row.catalogue, {""})] == []


@pytest.mark.parametrize("catalogue", SHAPES)
def test_ids_look_as_they_do_in_their_catalogue(catalogue: str) -> None:
    """Two ids in one cell, or an id in the wrong catalogue, would look otherwise."""
    ids = [control.control for control in controls() if control.catalogue == catalogue]
    assert ids
    assert [name for name in ids if not re.fullmatch(SHAPES[catalogue], name)] == []


def test_people_who_move_find_their_rule() -> None:
    """By the id of another tool, in any case; and a rule's controls by its own id."""
    assert rules_for("ckv_aws_28") == ("dynamodb-table-has-point-in-time-recovery",)
    assert rules_for("SageMaker.4") == ("sagemaker-endpoint-has-multiple-instances",)
    assert rules_for("AWS-0096") == ("queue-is-encrypted-with-customer-managed-key",)
    assert rules_for("no-such-control") == ()
    assert Control("sagemaker-model-enables-network-isolation", "AWS FSBP", "1.0.0", "SageMaker.5") in controls_of(
        "sagemaker-model-enables-network-isolation"
    )
