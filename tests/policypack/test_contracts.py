"""What holds for the sources as a whole: facts about AWS stand in one place each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import policypack

PACKAGE = Path(policypack.__file__).parent
TYPE_TOKEN = re.compile(r"\baws:\w+/\w+:[A-Z]\w*")
"""A resource type, as `aws:` + `sqs/queue:Queue`. The tokens of functions end in a small letter: `getRegion`."""

SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "model" not in path.parents)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_type_token_is_spelled_outside_the_model(path: Path) -> None:
    """Whoever needs one imports its constant, so that a misspelt one cannot be written."""
    assert TYPE_TOKEN.findall(path.read_text(encoding="utf-8")) == []


def test_the_pattern_finds_type_tokens() -> None:
    """The test above would fail for a token, and does not for a function or a condition key."""
    assert TYPE_TOKEN.findall('QUEUE = "aws:sqs/queue:Queue"') == ["aws:sqs/queue:Queue"]
    assert TYPE_TOKEN.findall('"aws:index/getRegion:getRegion", "aws:ResourceTag/Team"') == []


def test_arns_are_split_in_one_place() -> None:
    """No module of the model, the stack's permissions, or the rules counts the colons of an ARN by itself."""
    by_hand = re.compile(r"""split\(":", (?:\d|_?COLONS|_COLONS)\)""")
    folders = ("model", "access", "architecture", "rules")
    found = [
        str(path.relative_to(PACKAGE))
        for folder in folders
        for path in (PACKAGE / folder).rglob("*.py")
        if by_hand.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["model/arn.py"]
