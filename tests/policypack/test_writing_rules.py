"""The code in docs/writing-rules.md runs, and does what the page says."""

from __future__ import annotations

import re
import sys
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
