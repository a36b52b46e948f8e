"""The code in docs/writing-rules.md runs, and does what the page says."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
from types import ModuleType

import pytest

from localcloud.checkout import ROOT
from policypack import testing
from policypack.model import Stack
from policypack.pack import PACK

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "writing-rules.md").read_text(), re.DOTALL)
MAIN, RULES, OPTIONS, TEST = BLOCKS


def run(code: str, module: ModuleType) -> ModuleType:
    """Run a block in a module."""
    exec(compile(code, f"docs/writing-rules.md ({module.__name__})", "exec"), vars(module))  # noqa: S102 - our own page
    return module


@pytest.fixture
def our_rules(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the page, to be imported under its name."""
    module = ModuleType("our_rules")
    monkeypatch.setitem(sys.modules, "our_rules", module)
    return run(RULES, module)


def test_the_main_file_serves_the_joined_pack(our_rules: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours and theirs, less the one that is left out."""
    served: list[object] = []
    monkeypatch.setattr("policypack.host.serve.serve", served.append)
    run(MAIN, ModuleType("__main__"))
    (pack,) = served
    assert getattr(pack, "faults", None) == ()
    expected = {*PACK.ids, "acme.queue-has-cost-centre"} - {"queue-has-one-consumer"}
    assert set(getattr(pack, "ids", ())) == expected
    assert our_rules.queue_has_cost_centre.id == "acme.queue-has-cost-centre"


def test_its_test_holds(our_rules: ModuleType) -> None:
    """Every row of the page's own test."""
    page = run(TEST, ModuleType("page"))
    (mark,) = page.test_queue_has_cost_centre.pytestmark
    rows = mark.args[1]
    assert len(rows) > 2
    assert (page.queue_has_cost_centre,) == our_rules.RULES
    for row in rows:
        page.test_queue_has_cost_centre(*row)


def test_the_rule_with_options_is_a_rule(our_rules: ModuleType) -> None:
    """Its options have defaults, and are what is judged by."""
    run(OPTIONS, our_rules)
    queue = testing.resource("aws:sqs/queue:Queue", {"tags": {"owner": "me"}})
    stack = Stack([queue])
    rule, options = our_rules.queue_has_tags, our_rules.TagOptions
    assert testing.messages(rule, stack) == ["has no tag cost-centre"]
    assert testing.judge(rule, stack, options(tags=("owner",))) == testing.PASS


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
STEPS = [textwrap.dedent(block) for block in re.findall(r" *```python\n(.*?)```", CONTRIBUTING, re.DOTALL)]


@pytest.mark.parametrize(
    ("code", "name"),
    zip(STEPS, ("policypack/rules/resilience/sqs.py", "tests/policypack/rules/resilience/test_sqs.py"), strict=True),
    ids=["rule", "test"],
)
def test_the_code_in_contributing_passes_the_lint(code: str, name: str) -> None:
    """Whoever pastes it into its place finds `make check` content."""
    for words in (["check", "-q"], ["format", "--check", "-q"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", name, "-"]
        done = subprocess.run(command, input=code, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_rule_in_contributing_passes_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row of the example, under the name that the example imports."""
    rule, test = STEPS
    module = importlib.import_module("policypack.rules.resilience.sqs")
    made = run(rule, ModuleType("policypack.rules.resilience.sqs"))
    monkeypatch.setattr(module, "queue_keeps_messages_for_days", made.queue_keeps_messages_for_days, raising=False)
    monkeypatch.setattr("tests.policypack.rules.examples.SHOWN", {})
    page = run(test, ModuleType("page"))
    (mark,) = page.test_queue_keeps_messages_for_days.pytestmark
    assert len(mark.args[1]) > 3
    for row in mark.args[1]:
        page.test_queue_keeps_messages_for_days(*row)
