"""`policypack iam can --requests`: many questions, one a line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.cli.iam import _answer
from policypack.cli.main import main
from tests.policypack.cli.test_iam import ACCOUNT, OWN, RESULTS, policy

if TYPE_CHECKING:
    from pathlib import Path


def question(**more: Any) -> str:
    """Give a line of a file of requests."""
    record = {"id": 1, "documents": [json.loads(policy(OWN[:2]))], "action": "dynamodb:PutItem", "resource": RESULTS}
    return json.dumps(record | more)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (question(), {"id": 1, "verdict": "allowed"}),
        (question(id="a", resource="arn:aws:s3:::x"), {"id": "a", "verdict": "denied"}),
        (question(boundary=[json.loads(policy(OWN[1:2]))]), {"id": 1, "verdict": "denied"}),
        (question(boundary=None), {"id": 1, "verdict": "allowed"}),
        (question(documents=policy(OWN[:1])), {"id": 1, "verdict": "allowed"}),
        (
            question(action="kms:Decrypt", resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
            {"id": 1, "verdict": "denied"},
        ),
        (
            question(
                action="kms:Decrypt",
                resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1",
                context={"kms:viaservice": ["sqs.eu-west-1.amazonaws.com"]},
            ),
            {"id": 1, "verdict": "allowed"},
        ),
        (question(documents=["no policy"]), {"id": 1, "verdict": "undecided"}),
        ('{"id": {"any": "json"}}', {"id": {"any": "json"}, "verdict": "undecided"}),
        ("{", {"id": None, "verdict": "undecided"}),
        ("[]", {"id": None, "verdict": "undecided"}),
    ],
)
def test_requests_are_answered_line_by_line(
    line: str, answer: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its id; what is no request is undecided, and said."""
    path = tmp_path / "requests.jsonl"
    path.write_text(f"{line}\n\n{question(id='last')}\n")
    assert main(["iam", "can", "--requests", str(path)]) == 0
    said = capsys.readouterr()
    assert [json.loads(each) for each in said.out.splitlines()] == [answer, {"id": "last", "verdict": "allowed"}]
    assert ("line 1: is no request" in said.err) == (answer["id"] is None)


def test_requests_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As `-`."""
    monkeypatch.setattr("sys.stdin", io.StringIO(question()))
    assert main(["iam", "can", "--requests", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": 1, "verdict": "allowed"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_line_gets_an_answer(line: str) -> None:
    """Never a crash."""
    assert _answer(line, 1)["verdict"] in {"allowed", "denied", "undecided"}
