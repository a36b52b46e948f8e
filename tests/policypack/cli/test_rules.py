"""`policypack rules` and `policypack rule`, on an example pack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policypack.cli.main import main
from policypack.cli.search import MOST
from policypack.own_policies import OWN_POLICIES
from policypack.pack import PACK as REAL
from tests.policypack.cli.example_pack import PACK, crowd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rule_pack import Pack

VISIBILITY = "queue-visibility-timeout-is-long-enough"
REDRIVE = "queue-has-a-second-queue"
RECOVERY = "dynamodb-table-has-point-in-time-recovery"
KEYS = "acme.role-names-keys"


def found(words: Sequence[str], capsys: pytest.CaptureFixture[str], pack: Pack = PACK) -> list[str]:
    """The ids that `policypack rules` lists, in its order."""
    assert main(["rules", *words, "--format", "json"], pack) == 0
    return [each["id"] for each in json.loads(capsys.readouterr().out)]


def test_every_rule_is_listed_under_its_concern(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a rule, with severity, level and reason; the host's own policies at the end."""
    assert main(["rules"], PACK) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "custom"
    assert lines[5] == "host"
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        *PACK.ids,
        *(own.id for own in OWN_POLICIES),
    ]
    assert lines[1].split("  ")[1] == VISIBILITY
    assert [word for word in lines[1].split("  ") if word][1:] == [
        "high",
        "mandatory",
        "A message is delivered twice.",
    ]


def test_the_real_rules_are_listed_under_the_names_of_their_folders(capsys: pytest.CaptureFixture[str]) -> None:
    """`least_privilege` is written as words."""
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line for line in lines if not line.startswith(" ")} == {
        *(each.concern.replace("_", " ") for each in REAL.rules),
        "host",
    }


def test_rules_as_json_hold_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """For other programs: what `policypack rule` tells, too."""
    assert main(["rules", "--format", "json"], PACK) == 0
    first, *_ = json.loads(capsys.readouterr().out)
    assert first["id"] == VISIBILITY
    assert first["terms"] == ["in-flight messages"]
    assert first["options"]["timesFunctionTimeout"]["maximum"] == 20
    assert first["file"] == "tests/policypack/cli/example_pack.py"


def test_rules_by_another_tools_id(capsys: pytest.CaptureFixture[str]) -> None:
    """People who move look their check up, as an option or as a word."""
    assert found(["--control", "ckv_aws_28"], capsys) == [RECOVERY]
    assert found(["CKV_AWS_28"], capsys) == [RECOVERY]


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        (["timeout"], [VISIBILITY]),
        (["time-out"], [VISIBILITY]),
        (["Time out"], [VISIBILITY]),  # quoted
        (["visibility-timeout"], [VISIBILITY]),  # the argument that the fix names
        (["timesFunctionTimeout"], [VISIBILITY]),  # the option
        (["twice", "QUEUE"], [VISIBILITY]),  # each word has to be there
        (["delivered"], [VISIBILITY]),  # in the reason
        (["works"], [VISIBILITY]),  # in what follows the first sentence
        (["inflight"], [VISIBILITY]),  # a search term
        (["messages"], [VISIBILITY, REDRIVE]),  # the term weighs more than the reason
        (["queues"], [VISIBILITY, REDRIVE]),  # both ids: the more severe first
        (["DLQ"], [REDRIVE]),
        (["pitr"], [RECOVERY]),
        (["role"], [KEYS]),
        (["key"], []),  # a short word counts as a whole word: it is not in `keys`
        (["acme"], [KEYS]),  # the prefix
        (["exception"], ["waivers-are-in-force"]),
    ],
)
def test_rules_by_words(words: list[str], rules: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who remembers what a rule is about finds it, and little else."""
    if rules:
        assert found(words, capsys) == rules
    else:
        assert main(["rules", *words], PACK) == 1


def test_words_narrow_what_a_control_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, nothing on stdout, and what to try."""
    assert main(["rules", "queue", "--control", "CKV_AWS_28"], PACK) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: no rule is about queue\n       try fewer or shorter words")


def test_a_search_that_finds_too_much_shows_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many more there are; --all shows them."""
    assert main(["rules", "queue"], crowd(MOST + 5)) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == MOST
    assert said.err == "and 5 more: add a word, or --all\n"
    assert len(found(["queue", "--all"], capsys, crowd(MOST + 5))) == MOST + 5


def test_a_line_is_whole_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever reads it, such as grep, gets the id and the whole reason in one line, and no colours."""
    assert main(["rules"], REAL) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all("\x1b" not in line and "…" not in line and line == line.rstrip() for line in lines)
    assert max(len(line) for line in lines) > 120


def test_a_rule_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Why, what to change, concern, level, scope, what is judged, the options, and where it is written."""
    assert main(["rule", VISIBILITY], PACK) == 0
    assert capsys.readouterr().out.splitlines() == [
        VISIBILITY,
        "",
        "A message is delivered twice. It becomes visible while a function still works on it.",
        "",
        "Raise visibility_timeout_seconds of the queue.",
        "",
        "concern   custom",
        "severity  high",
        "level     mandatory by default",
        "scope     stack",
        "judges    aws:lambda/eventSourceMapping:EventSourceMapping",
        'option    timesFunctionTimeout: {"type": "integer", "minimum": 1, "maximum": 20, "default": 6}',
        "file      tests/policypack/cli/example_pack.py",
    ]


def test_a_rule_is_explained_with_its_controls(capsys: pytest.CaptureFixture[str]) -> None:
    """Of frameworks with their version, and of other tools."""
    assert main(["rule", RECOVERY], PACK) == 0
    out = capsys.readouterr().out
    assert "control   checkov CKV_AWS_28\n" in out
    assert "control   AWS FSBP 1.0.0 DynamoDB.2\n" in out


@pytest.mark.parametrize("own", OWN_POLICIES, ids=[own.id for own in OWN_POLICIES])
def test_the_hosts_own_policies_are_explained(own: object, capsys: pytest.CaptureFixture[str]) -> None:
    """They have levels, and stand in the terminal, as rules do."""
    assert main(["rule", getattr(own, "id", "")], PACK) == 0
    out = capsys.readouterr().out
    assert "concern   host" in out
    assert "file      policypack/own_policies.py" in out


def test_an_unknown_control_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the next step."""
    assert main(["rules", "--control", "CKV_AWS_0"], PACK) == 2
    assert capsys.readouterr().err == (
        "error: no rule is mapped to control CKV_AWS_0\n       `policypack rules` lists all rules\n"
    )


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "queue-visibility",
            [
                f"error: no rule is called queue-visibility; nearest: {VISIBILITY}",
                "`policypack rules` lists all rules; `policypack rules queue-visibility` finds those about it",
            ],
        ),
        (
            "queue",
            [
                "error: no rule is called queue; nearest:",
                VISIBILITY,
                REDRIVE,
                "`policypack rules` lists all rules; `policypack rules queue` finds those about it",
            ],
        ),
        (
            "delivered",  # in no id, but in what is said of a rule
            [
                "error: no rule is called delivered",
                "`policypack rules` lists all rules; `policypack rules delivered` finds those about it",
            ],
        ),
        (
            "queue-haz-secnd-queue",  # in no id: the nearest one
            [
                f"error: no rule is called queue-haz-secnd-queue; nearest: {REDRIVE}",
                "`policypack rules` lists all rules",
            ],
        ),
        ("zzz", ["error: no rule is called zzz", "`policypack rules` lists all rules"]),
    ],
)
def test_a_part_of_an_id_leads_to_the_rule(word: str, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The ids that have it, or the nearest, each on a line to copy."""
    assert main(["rule", word], PACK) == 2
    assert [line.strip() for line in capsys.readouterr().err.splitlines()] == said


def test_a_part_of_many_ids_lists_some(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten of them, and how many more there are."""
    assert main(["rule", "queue"], crowd(14)) == 2
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert lines[1:12] == [*(f"queue-is-fine-{number}" for number in range(10)), "and 4 more"]
