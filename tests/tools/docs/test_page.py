"""The page itself: its generated parts are checked, its examples work, and what it names is there."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from async_batches import BATCHES
from logic import backoff
from messages import FEATURES, LONGEST_ID, Message, parse
from requeue import ATTEMPTS
from telemetry import UNITS, Telemetry

from localcloud.checkout import ROOT
from policypack.model import METRIC_ALARM
from tools.docs.__main__ import main
from tools.docs.page import PAGE, parts, rendered, stale
from tools.docs.settings_table import meanings, read
from tools.docs.tables import exports_table

if TYPE_CHECKING:
    from pathlib import Path

    from tools.docs.stacks import Deployed

ITEM = '{"id": "item-000001", "features": [0.2, 0.4, 0.6, 0.8]}'
QUERY = re.compile(r"```\n(fields @timestamp.*?)```", re.DOTALL)
WORD = re.compile(r"\b[a-z][A-Za-z]+\b")
OF_THE_LANGUAGE = {
    "fields",
    "filter",
    "message",
    "in",
    "stats",
    "latest",
    "as",
    "why",
    "count",
    "times",
    "by",
    "sort",
    "desc",
}


def test_the_page_is_up_to_date(stacks: dict[str, Deployed], text: str) -> None:
    """Whoever changes the stack runs `make docs`."""
    assert stale(text, parts(stacks)) == []


def test_check_fails_where_the_page_is_stale(
    stacks: dict[str, Deployed],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It changes nothing, and says what is stale and which command mends it, which does."""
    monkeypatch.setattr("tools.docs.__main__.everything", lambda: stacks)
    page = tmp_path / "docs" / "reference-stack.md"
    page.parent.mkdir()
    old = text.replace("queue_work -->", "queue_work_gone -->").replace("| `workerConcurrency` |", "| `workers` |")
    page.write_text(old)
    assert main(["--check"], page) == 1
    said = capsys.readouterr().err
    assert "docs/reference-stack.md is not what the program says now: picture-instance" in said
    assert "settings" in said
    assert said.endswith("make docs\n")
    assert page.read_text() == old
    assert main([], page) == 0
    assert page.read_text() == text
    assert main(["--check"], page) == 0


def test_a_changed_stack_makes_the_page_stale(stacks: dict[str, Deployed], text: str) -> None:
    """Here the shape `instance` has become another; pictures and exports differ, settings do not."""
    made = parts({**stacks, "instance": stacks["async"]})
    assert set(stale(text, made)) == {"picture-instance", "grants", "alarms", "exports"}


def test_a_part_that_is_missing_is_no_page(stacks: dict[str, Deployed], text: str) -> None:
    """Nobody deletes a part by mistake."""
    with pytest.raises(LookupError, match="the program says"):
        rendered(text.replace("`make docs`: settings", "`make docs`: sittings"), parts(stacks))


def test_every_setting_has_a_meaning() -> None:
    """And every meaning is of a setting."""
    asked = {re.sub("(?<=[a-z])(?=[A-Z])", "_", key).lower() for key in read("dev")}
    assert asked == set(meanings())


def test_every_alarm_has_something_to_do(stacks: dict[str, Deployed], text: str) -> None:
    """And none is named that does not exist."""
    alarms = {alarm.name for each in stacks.values() for alarm in each.stack.of_type(METRIC_ALARM)}
    todo = text.partition("| Alarm | What to do |")[2].partition("\n\n")[0]
    assert {
        name for line in todo.splitlines() for name in re.findall("`([a-z-]+)`", line.split("|")[1] if line else "")
    } == alarms


def test_exports_that_commands_use_exist(stacks: dict[str, Deployed], text: str) -> None:
    """Each `$(out NAME)` and each name in a table of who may send."""
    known = set(re.findall("`([a-z_]+)`", exports_table(stacks)))
    used = set(re.findall(r"\$\(out (\w+)", text))
    assert len(used) > 10
    assert used <= known
    assert set(
        re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text.partition("## Sending work")[2].partition("\n## ")[0])
    ) <= known | {
        "correlation_id",
        "processed_at",
        "expires_at",
    }


def test_the_examples_of_messages_are_items(text: str) -> None:
    """In each of the three ways, as the function gets it."""
    sending = text.partition("## Sending work")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\w*\n(.*?)```", sending, re.DOTALL)
    ways = {command.split()[0]: command for command in blocks}
    wanted = parse(ITEM)
    assert parse(blocks[0]) == wanted
    words = shlex.split(blocks[1].replace('"$(out queue_url)"', "URL"))
    attributes = json.loads(words[words.index("--message-attributes") + 1])
    record: dict[str, Any] = {
        "messageId": "1",
        "body": words[words.index("--message-body") + 1],
        "messageAttributes": {name: {"stringValue": each["StringValue"]} for name, each in attributes.items()},
    }
    assert (parse(record["body"]), Message.of(record).correlation) == (wanted, "order-4711")
    entries = json.loads(shlex.split(blocks[2].replace('"\'"$(out event_bus_name)"\'"', '"bus"'))[4])
    assert entries[0]["DetailType"] == "item"
    assert parse(entries[0]["Detail"]) == wanted
    words = shlex.split(ways["curl"].replace('"$(out api_url)"', "URL"))
    assert parse(words[words.index("--json") + 1]) == wanted


def test_the_log_query_names_what_is_logged(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its fields are those of the lines, and its messages are said somewhere in the worker."""
    found = QUERY.search(text)
    assert found is not None
    query = re.sub('"[^"]*"', "", found[1])
    telemetry = Telemetry("worker", "1")
    message = Message("1", "", correlation="order-4711", trace="Root=1")
    telemetry.log_failures([_failure(message)])
    logged = set(json.loads(capsys.readouterr().out))
    source = "".join(path.read_text() for path in (ROOT / "lambda_src" / "worker").glob("*.py"))
    said = set(re.findall(r"(\w+)=", source))
    assert set(WORD.findall(query)) - OF_THE_LANGUAGE <= logged | {"id", "attempts"}
    assert {"id", "attempts", "batchId", "correlationId"} <= said
    for line in re.findall('"([^"]+)"', found[1]):
        assert f'"{line}"' in source
    listed = set(re.findall(r"`(\w+)`", text.partition("| `message is set aside` ")[2].partition("|\n")[0]))
    assert listed <= logged


def _failure(message: Message) -> Any:
    from messages import Failure  # noqa: PLC0415 - beside its only use

    return Failure(message, "why", permanent=True)


def test_metrics_are_those_that_are_written(text: str) -> None:
    """All of them, and no others."""
    table = text.partition("| Metric | Unit |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    source = "".join(path.read_text() for path in (ROOT / "lambda_src" / "worker").glob("*.py"))
    written = re.findall(
        r"(?:telemetry\.log_batch\(batch, |telemetry\.metrics\(|counted = )\{(.*?)\}", source, re.DOTALL
    )
    assert listed == {name for each in written for name in re.findall(r'"(\w+)":', each)}
    assert set(UNITS) <= listed


def test_numbers_in_the_text_are_those_of_the_code(stacks: dict[str, Deployed], text: str) -> None:
    """Those that the generated parts do not say."""
    waits = [backoff(times, "a") for times in range(1, 11)]
    least = [min(900, 5 << times) for times in range(10)]
    assert f"{sum(least) // 60} to {sum(min(900, each * 3 // 2) for each in least) // 60 + 1} minutes" in text
    assert all(low <= wait <= 900 for low, wait in zip(least, waits, strict=True))
    assert f"after {ATTEMPTS} attempts" in text
    assert f"1 to {LONGEST_ID} printable characters" in text
    assert f"are {FEATURES} finite numbers" in text
    assert f"/{BATCHES}" in text
    endpoints = stacks["vpc"].stack.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    interfaces = [each for each in endpoints if each.get("vpcEndpointType") == "Interface"]
    assert f"{len(interfaces)} endpoints (4 with `serverless`)" in text


def test_links_lead_somewhere(text: str) -> None:
    """To files of this repository, and to headings of the page."""
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    links = set(re.findall(r"\]\(([^)]+)\)", text))
    assert len(links) > 30
    for link in links:
        if link.startswith("#"):
            assert link[1:] in headings, link
        elif not link.startswith("https://"):
            assert (PAGE.parent / link).exists(), link
