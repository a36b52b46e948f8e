"""The command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from policypack.cli.main import main
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
    assert "dynamodb-table-has-point-in-time-recovery" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["time-out"],
        ["timeout"],
        ["Time out"],  # quoted
        ["time", "out"],
        ["visibility"],
        ["time"],
        ["visibility-timeout"],  # the argument that the fix names
        ["timesFunctionTimeout"],  # the option
        ["QUEUE", "progress"],
    ],
)
def test_rules_by_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who remembers what a rule is about finds it among a few, with its reason beside it."""
    assert main(["rules", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 8
    (found,) = (line for line in lines if line.startswith("  queue-visibility-timeout-covers-function-timeout  "))
    assert "  A message that becomes visible while" in found


def test_each_word_has_to_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    """More words find less, as JSON too, and narrow what a control found."""
    assert main(["rules", "time", "queue", "--format", "json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [
        "queue-visibility-timeout-covers-function-timeout"
    ]
    assert main(["rules", "queue", "--control", "CKV_AWS_28"]) == 1
    assert capsys.readouterr().out == ""


def test_no_rule_is_about_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, nothing on stdout, and what to try."""
    assert main(["rules", "queue", "kubernetes"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: no rule is about queue kubernetes\n       try fewer or shorter words")


def test_the_whole_list_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """A reason is cut off between words and says so; it is whole where words asked for it."""
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 120
    assert any(line.endswith("  A message that becomes visible while a...") for line in lines)
    assert main(["rules", "visibility"]) == 0
    assert capsys.readouterr().out.endswith("while a function still works on it is worked on twice.\n")


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Why, what to change, what is judged, the options and the controls."""
    assert main(["rule", "queue-visibility-timeout-covers-function-timeout"]) == 0
    out = capsys.readouterr().out
    assert "worked on twice" in out
    assert "Raise visibility_timeout_seconds" in out
    assert "option    timesFunctionTimeout" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["rule", "queue-hides-work"],
            "no rule is called queue-hides-work; nearest: queue-visibility-timeout-covers-function-timeout",
        ),
        (["rules", "--control", "CKV_AWS_0"], "no rule answers to CKV_AWS_0"),
    ],
)
def test_what_is_not_known_is_an_error(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the next step."""
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "policypack rules lists what there is" in err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "queue",
            [
                "error: no rule is called queue; nearest:",
                "queue-is-encrypted-with-customer-managed-key",
                "queue-has-dead-letter-queue",
                "queue-has-one-consumer",
                "queue-visibility-timeout-covers-function-timeout",
                "policypack rules lists what there is, policypack rules queue what is about it",
            ],
        ),
        (
            "time-out",  # in no id, but in what is said of a rule
            [
                "error: no rule is called time-out",
                "policypack rules lists what there is, policypack rules time-out what is about it",
            ],
        ),
        (
            "queue-hide-wrok",  # in no id: the nearest ones
            [
                "error: no rule is called queue-hide-wrok; nearest:",
                "queue-visibility-timeout-covers-function-timeout",
                "queue-has-one-consumer",
                "queue-has-dead-letter-queue",
                "policypack rules lists what there is",
            ],
        ),
        ("zzz", ["error: no rule is called zzz", "policypack rules lists what there is"]),
    ],
)
def test_a_part_of_an_id_leads_to_the_rule(word: str, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The ids that have it, or the nearest, each on a line to copy."""
    assert main(["rule", word]) == 2
    assert [line.strip() for line in capsys.readouterr().err.splitlines()] == said


def test_a_part_of_many_ids_lists_some(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten of them, and how many more there are."""
    assert main(["rule", "role"]) == 2
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    having = [rule.id for rule in PACK.rules if "role" in rule.id]
    assert lines[1:12] == [*having[:10], f"and {len(having) - 10} more"]


def test_who_has_read_enough_sees_no_traceback() -> None:
    """As `head` has."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "policypack.cli", "rules"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
