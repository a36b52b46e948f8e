"""The command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from policypack.cli import main
from policypack.pack import PACK


def test_rules_lists_every_rule_under_its_concern(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a rule, with its severity and level."""
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "least privilege" in lines
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {rule.id for rule in PACK.rules}


def test_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For other programs."""
    assert main(["rules", "--format", "json"]) == 0
    assert {each["id"] for each in json.loads(capsys.readouterr().out)} == {rule.id for rule in PACK.rules}


def test_rules_by_another_tools_id(capsys: pytest.CaptureFixture[str]) -> None:
    """People who move look their check up."""
    assert main(["rules", "--control", "ckv_aws_28"]) == 0
    assert "dynamodb-recovers-to-a-point-in-time" in capsys.readouterr().out


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Why, what to change, what is judged, the options and the controls."""
    assert main(["rule", "queue-hides-work-in-progress"]) == 0
    out = capsys.readouterr().out
    assert "worked on twice" in out
    assert "Raise visibility_timeout_seconds" in out
    assert "option    timesFunctionTimeout" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rule", "queue-hides-work"], "no rule is called queue-hides-work; nearest: queue-hides-work-in-progress"),
        (["rules", "--control", "CKV_AWS_0"], "no rule answers to CKV_AWS_0"),
    ],
)
def test_what_is_not_known_is_an_error(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the next step."""
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "policypack rules lists what there is" in err


def test_who_has_read_enough_sees_no_traceback() -> None:
    """As `head` has."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "policypack.cli", "rules"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
