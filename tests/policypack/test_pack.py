"""The pack: its version, its lookups, and that no rule is in it twice."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata

import pytest

import policypack
from localcloud.checkout import ROOT
from policypack.model import QUEUE, TABLE, Resource
from policypack.own_policies import OWN_POLICIES
from policypack.pack import PACK
from policypack.rule import Findings, Rule, Severity, rule
from policypack.rule_pack import RESERVED, Pack
from policypack.version import VERSION

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def named_alike() -> Rule:
    """Make another rule with the name of one in the pack."""

    @rule(on=TABLE, severity=Severity.LOW, fix="Do.")
    def dynamodb_table_uses_on_demand_billing(table: Resource) -> Findings:
        """Why."""
        yield from ((table.name),)

    return dynamodb_table_uses_on_demand_billing


def test_the_pack_is_the_package() -> None:
    """They have one name and one version, which stands in one place."""
    assert PACK.name == PROJECT["name"]
    assert PROJECT["dynamic"] == ["version"]
    assert PACK.version == VERSION == metadata.version("policypack")


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


def test_the_pack_can_be_served() -> None:
    """Nothing is wrong with it."""
    assert PACK.faults == ()


def test_two_rules_with_one_id_are_a_fault() -> None:
    """It names both functions, and a rule listed twice is the same fault."""
    other = named_alike()
    (fault,) = Pack(name="mine", version="1", rules=(*PACK.rules, other)).faults
    assert fault == (
        "two rules are called dynamodb-table-uses-on-demand-billing: "
        "policypack.rules.scalability.dynamodb.dynamodb_table_uses_on_demand_billing and "
        f"{__name__}.named_alike.<locals>.dynamodb_table_uses_on_demand_billing"
    )
    (fault,) = Pack(name="mine", version="1", rules=(other, other)).faults
    assert fault.startswith("two rules are called ")


@rule(on=QUEUE, severity=Severity.LOW, fix="Set a tag.", prefix="acme")
def queue_has_an_owner(queue: Resource) -> Findings:
    """Somebody answers for it."""
    yield from (("has no owner", "tags"),) if not queue.has("tags.owner") else ()


def test_a_pack_of_ones_own_is_this_one_with_other_rules() -> None:
    """Rules are added behind a prefix, and left out by their id; the pack it was made from stays as it is."""
    left_out = {"queue-has-one-consumer", "log-group-has-retention"}
    made = PACK.with_rules(queue_has_an_owner).without(*left_out)
    assert made.faults == ()
    assert set(made.ids) == {*PACK.ids, "acme.queue-has-an-owner"} - left_out
    assert queue_has_an_owner in made.rules_for(QUEUE)
    assert "acme.queue-has-an-owner" not in PACK


def test_what_cannot_be_in_a_pack_is_one_sentence_each() -> None:
    """A rule without a prefix, one that is added twice, and an id that no rule has, with the nearest that one has."""
    made = PACK.with_rules(named_alike(), queue_has_an_owner, queue_has_an_owner).without("queue-has-one-consumr")
    assert [fault.partition(" (")[0].partition(":")[0] for fault in made.faults] == [
        "dynamodb-table-uses-on-demand-billing has no prefix",
        "two rules are called dynamodb-table-uses-on-demand-billing",
        "two rules are called acme.queue-has-an-owner",
        "no rule is called queue-has-one-consumr; nearest",
    ]
    assert 'write @rule(prefix="acme", ...)' in made.faults[0]
    assert made.faults[-1].endswith("nearest: queue-has-one-consumer")


def test_importing_the_pack_loads_no_resource_classes() -> None:
    """`pulumi_aws` and `boto3` cost seconds that no run of the pack needs."""
    code = "import sys, policypack.pack; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"pulumi_aws", "boto3", "pulumi_policy", "grpc", "pulumi", "rich"} & set(loaded.stdout.split())


def test_no_rule_takes_a_name_that_means_something_else() -> None:
    """`all` is every rule to Pulumi; the others are what the host itself reports."""
    assert {"all", "values-are-known", "waivers-are-in-force", "report-is-written"} == RESERVED
    assert {own.id for own in OWN_POLICIES} < RESERVED

    @rule(on=QUEUE, severity=Severity.LOW, fix="None.")
    def values_are_known(queue: Resource) -> Findings:
        """Is named like the host's own."""
        yield queue.name

    (fault,) = Pack("odd", "1", (values_are_known,)).faults
    assert fault.startswith("no rule may be called values-are-known: ")


def test_what_the_package_does_not_have_is_said_to_be_missing() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="module 'policypack' has no attribute 'PACKS'"):
        policypack.__getattr__("PACKS")
