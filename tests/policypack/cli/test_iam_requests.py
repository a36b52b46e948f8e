"""`policypack iam can --requests`: evaluate many requests, one per line."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.cli.iam import _evaluate_line
from policypack.cli.main import main
from tests.policypack.cli.test_iam import ACCOUNT, OWN, RESULTS, policy

if TYPE_CHECKING:
    from pathlib import Path


def request_line(**more: Any) -> str:
    """One line of a file of requests."""
    record = {"id": 1, "documents": [json.loads(policy(OWN[:2]))], "action": "dynamodb:PutItem", "resource": RESULTS}
    return json.dumps(record | more)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (request_line(), {"id": 1, "verdict": "allowed"}),
        (request_line(id="a", resource="arn:aws:s3:::x"), {"id": "a", "verdict": "denied"}),
        (request_line(boundary=[json.loads(policy(OWN[1:2]))]), {"id": 1, "verdict": "denied"}),
        (request_line(boundary=None), {"id": 1, "verdict": "allowed"}),
        (request_line(documents=policy(OWN[:1])), {"id": 1, "verdict": "allowed"}),
        (
            request_line(action="kms:Decrypt", resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
            {"id": 1, "verdict": "denied"},
        ),
        (
            request_line(
                action="kms:Decrypt",
                resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1",
                context={"kms:viaservice": ["sqs.eu-west-1.amazonaws.com"]},
            ),
            {"id": 1, "verdict": "allowed"},
        ),
        (request_line(documents=["no policy"]), {"id": 1, "verdict": "undecided"}),
        ('{"id": {"any": "json"}}', {"id": {"any": "json"}, "verdict": "undecided"}),
        ("{", {"id": None, "verdict": "undecided"}),
        ("[]", {"id": None, "verdict": "undecided"}),
    ],
)
def test_each_line_is_evaluated(
    line: str, answer: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each result has the id of its request. An invalid line is undecided and reported on stderr."""
    path = tmp_path / "requests.jsonl"
    path.write_text(f"{line}\n\n{request_line(id='last')}\n")
    assert main(["iam", "can", "--requests", str(path)]) == 0
    said = capsys.readouterr()
    assert [json.loads(each) for each in said.out.splitlines()] == [answer, {"id": "last", "verdict": "allowed"}]
    assert ("line 1: is not a request" in said.err) == (answer["id"] is None)


def test_requests_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The file name `-` stands for standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(request_line()))
    assert main(["iam", "can", "--requests", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": 1, "verdict": "allowed"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_line_gets_a_verdict(line: str) -> None:
    """No line raises an error."""
    assert _evaluate_line(line, 1)["verdict"] in {"allowed", "denied", "undecided"}
