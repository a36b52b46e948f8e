"""The pack: its version, its lookups, and that no rule is in it twice."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from localcloud.checkout import ROOT
from policypack.judge.settings import NOTICES
from policypack.model import QUEUE, TABLE, Resource
from policypack.pack import PACK, RESERVED, VERSION, Pack
from policypack.rule import Findings, Rule, Severity, rule

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def named_alike() -> Rule:
    """Make another rule with the name of one in the pack."""

    @rule(on=TABLE, severity=Severity.LOW, fix="Do.")
    def dynamodb_table_uses_on_demand_billing(table: Resource) -> Findings:
        """Why."""
        yield from ((table.name),)

    return dynamodb_table_uses_on_demand_billing


def test_the_pack_is_the_package() -> None:
    """Name and version are said twice, and are the same."""
    assert (PACK.name, PACK.version) == (PROJECT["name"], PROJECT["version"])
    assert PACK.version == VERSION


def test_a_rule_is_found_by_its_id() -> None:
    """What there is not is a KeyError."""
    assert PACK.rule("dynamodb-table-uses-on-demand-billing").id == "dynamodb-table-uses-on-demand-billing"
    assert "dynamodb-table-uses-on-demand-billing" in PACK
    assert "no-such-rule" not in PACK
    with pytest.raises(KeyError):
        PACK.rule("no-such-rule")


def test_rules_are_found_by_the_type_they_judge() -> None:
    """In the pack's order; none for a type that no rule is about."""
    found = PACK.rules_for(QUEUE)
    assert [rule.id for rule in found] == [each.id for each in PACK.rules if QUEUE in each.on]
    assert len(found) > 1
    assert PACK.rules_for("aws:ec2/instance:Instance") == ()


def test_two_rules_with_one_id_are_refused() -> None:
    """The error names both functions, and a rule listed twice is the same fault."""
    other = named_alike()
    with pytest.raises(ValueError, match="dynamodb-table-uses-on-demand-billing") as error:
        Pack(name="mine", version="1", rules=(*PACK.rules, other))
    assert "policypack.rules.scalability.dynamodb.dynamodb_table_uses_on_demand_billing" in str(error.value)
    assert f"{__name__}.named_alike" in str(error.value)
    with pytest.raises(ValueError, match="two rules"):
        Pack(name="mine", version="1", rules=(other, other))


def test_importing_the_pack_loads_no_resource_classes() -> None:
    """`pulumi_aws` and `boto3` cost seconds that no run of the pack needs."""
    code = "import sys, policypack.pack; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"pulumi_aws", "boto3", "pulumi_policy", "grpc", "pulumi"} & set(loaded.stdout.split())


def test_no_rule_takes_a_name_that_means_something_else() -> None:
    """`all` is every rule to Pulumi; the others are what the host itself reports."""
    assert {"all", *(notice.id for notice in NOTICES)} == RESERVED

    @rule(on=QUEUE, severity=Severity.LOW, fix="None.")
    def values_are_known(queue: Resource) -> Findings:
        """Is named like the host's own."""
        yield queue.name

    with pytest.raises(ValueError, match="no rule may be called values-are-known: "):
        Pack("odd", "1", (values_are_known,))
