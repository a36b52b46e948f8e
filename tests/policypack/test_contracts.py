"""What holds for the sources as a whole: facts about AWS stand in one place each."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

import policypack
from localcloud.checkout import ROOT

PACKAGE = Path(policypack.__file__).parent
TYPE_TOKEN = re.compile(r"\baws:\w+/\w+:[A-Z]\w*")
"""A resource type, as `aws:` + `sqs/queue:Queue`. The tokens of functions end in a small letter: `getRegion`."""

MOST_BRANCHES = 20
_BRANCHES = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.IfExp, ast.Assert, ast.match_case)

SOURCES = sorted(
    path
    for folder in (PACKAGE, ROOT / "tools", ROOT / "benchmarks")
    for path in folder.rglob("*.py")
    if PACKAGE / "model" not in path.parents
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_type_token_is_spelled_outside_the_model(path: Path) -> None:
    """Whoever needs one imports its constant, so that a misspelt one cannot be written.

    Two folders are not judged: `localcloud` stands in for the provider and does not import the pack, and the programs
    in `examples` are written as their users write them.
    """
    assert TYPE_TOKEN.findall(path.read_text(encoding="utf-8")) == []


def test_no_type_token_is_spelled_twice_in_the_model() -> None:
    """A table that needs a token which has a constant uses the constant."""
    model = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "model").rglob("*.py"))
    counted = Counter(re.findall(rf'"({TYPE_TOKEN.pattern})"', model))
    assert counted
    assert [token for token, times in counted.items() if times > 1] == []


def test_the_pattern_finds_type_tokens() -> None:
    """The test above would fail for a token, and does not for a function or a condition key."""
    assert TYPE_TOKEN.findall('QUEUE = "aws:sqs/queue:Queue"') == ["aws:sqs/queue:Queue"]
    assert TYPE_TOKEN.findall('"aws:index/getRegion:getRegion", "aws:ResourceTag/Team"') == []


def test_arns_are_split_in_one_place() -> None:
    """No other module counts the colons of an ARN by itself, or knows how one begins."""
    by_hand = re.compile(r"""split\(":", (?:\d|_?COLONS|_COLONS)\)|startswith\(\(?"arn:""")
    folders = ("model", "access", "architecture", "rules", "iam", "code")
    found = [
        str(path.relative_to(PACKAGE))
        for folder in folders
        for path in (PACKAGE / folder).rglob("*.py")
        if by_hand.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["model/arn.py"]


def complexity(function: ast.AST) -> int:
    """Count the ways through a function: ruff's C901 leaves out conditions within expressions, this does not."""
    count = 1
    for node in ast.walk(function):
        if isinstance(node, _BRANCHES):
            count += 1
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
    return count


def test_no_function_has_too_many_branches() -> None:
    """A function with more is split into steps that have names."""
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for folder in (PACKAGE.name, "localcloud", "tools", "benchmarks", "reference_stack", "lambda_src")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and complexity(node) > MOST_BRANCHES
    ]
    assert found == []


def test_branches_are_counted_within_expressions() -> None:
    """One way, and one more for each condition, loop and alternative."""
    assert complexity(ast.parse("x = 1")) == 1
    assert complexity(ast.parse("x = [a if b else c for d in e if f and g or h]")) == 6
