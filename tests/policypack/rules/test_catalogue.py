"""What holds for all rules: each has examples, says why and what to do, and reads like the others."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi_aws
import pytest

import policypack.rules
import tests.policypack.rules
from policypack.pack import PACK
from policypack.rule import Level, Rule, Severity
from policypack.testing import FAIL, PASS
from tests.policypack.rules.examples import SHOWN

if TYPE_CHECKING:
    from types import ModuleType

RULES = pytest.mark.parametrize("rule", PACK.rules, ids=[rule.id for rule in PACK.rules])


def service_of(type_: str) -> str:
    """`sqs` for `aws:sqs/queue:Queue`."""
    return type_.removeprefix("aws:").partition("/")[0]


CONCERNS = {path.name for path in Path(policypack.rules.__path__[0]).iterdir() if (path / "__init__.py").exists()}
SERVICES = sorted({service_of(type_) for each in PACK.rules for type_ in each.on})


def modules(package: ModuleType) -> list[ModuleType]:
    """Import all modules of a package."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(module.name) for module in found]


@RULES
def test_every_rule_has_a_good_and_a_bad_example(rule: Rule) -> None:
    """An example is a row of a parametrisation, and its test asserts the verdict."""
    modules(tests.policypack.rules)  # each registers its examples
    assert {PASS, FAIL} <= SHOWN.get(rule.id, set())


def test_every_rule_that_is_written_is_in_the_pack() -> None:
    """A rule that nobody lists would never be judged."""
    values = [value for module in modules(policypack.rules) for value in vars(module).values()]
    written = {value.id for value in values if isinstance(value, Rule)}
    assert written == set(PACK.ids)


def test_each_module_has_a_rule() -> None:
    """A module without one is a helper: what several rules share belongs below the rules, in `access` for example."""
    written = {rule.function.__module__ for rule in PACK.rules}
    leaves = {module.__name__ for module in modules(policypack.rules) if not hasattr(module, "__path__")}
    assert leaves - written == set()


@RULES
def test_a_rule_says_why_and_what_to_do(rule: Rule) -> None:
    """Whole sentences, without politeness or words of severity, and a concern from the folders."""
    assert rule.concern in CONCERNS
    for text in (rule.why, rule.fix):
        assert text[0].isupper() or text.startswith("`")
        assert text.endswith(".")
        assert not re.search(r"\b(please|critical|severe|should|must)\b", text, re.IGNORECASE), text


@RULES
def test_severe_rules_with_evidence_stop_the_deployment(rule: Rule) -> None:
    """Nothing is mandatory that is not at least high."""
    severe = rule.severity in {Severity.HIGH, Severity.CRITICAL}
    assert rule.level is (Level.MANDATORY if severe else Level.ADVISORY)


@cache
def source(service: str) -> str:
    """Read the code of a service in the SDK: `sqs` of `aws:sqs/queue:Queue`."""
    folder = Path(pulumi_aws.__path__[0], "lambda_" if service == "lambda" else service)
    return "".join(file.read_text() for file in folder.glob("*.py"))


@cache
def arguments(service: str) -> frozenset[str]:
    """Find the arguments of a service's resources."""
    return frozenset(re.findall(r"\b(\w+): ", source(service)))


@RULES
def test_a_rule_judges_types_that_exist(rule: Rule) -> None:
    """A misspelt type would never be met."""
    for type_ in rule.on:
        assert f"'{type_}'" in source(service_of(type_)), type_


@RULES
def test_a_fix_names_arguments_of_the_sdk(rule: Rule) -> None:
    """What the fix tells people to write can be written: of what is judged, or of what the rules are about."""
    names = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", rule.fix))
    for service in (*map(service_of, rule.on), *SERVICES):
        names -= arguments(service)
        if not names:
            break
    assert not names
