"""docs/reference-stack.md: its generated parts, its examples, and the names in it."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from async_batches import BATCHES
from async_requeue import ATTEMPTS
from logic import backoff
from messages import FEATURES, LONGEST_ID, Message, parse
from telemetry import UNITS, Telemetry

from localcloud.checkout import ROOT
from policypack.model import METRIC_ALARM
from tools.docs.__main__ import main
from tools.docs.page import PAGE, generated_parts, rendered, stale_parts
from tools.docs.settings_table import descriptions, read_settings
from tools.docs.tables import exports_table

if TYPE_CHECKING:
    from pathlib import Path

    from tools.docs.configurations import Preview

ITEM = '{"id": "item-000001", "features": [0.2, 0.4, 0.6, 0.8]}'
QUERY = re.compile(r"```\n(fields @timestamp.*?)```", re.DOTALL)
WORD = re.compile(r"\b[a-z][A-Za-z]+\b")
QUERY_KEYWORDS = {
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


def test_the_generated_parts_are_up_to_date(previews: dict[str, Preview], text: str) -> None:
    """After a change of the stack, run `make docs`."""
    assert stale_parts(text, generated_parts(previews)) == []


def test_check_fails_for_parts_out_of_date(
    previews: dict[str, Preview],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It changes nothing, and names the parts and the command that updates them."""
    monkeypatch.setattr("tools.docs.__main__.all_previews", lambda: previews)
    page = tmp_path / "docs" / "reference-stack.md"
    page.parent.mkdir()
    old = text.replace("queue_work -->", "queue_work_gone -->").replace("| `workerConcurrency` |", "| `workers` |")
    page.write_text(old)
    assert main(["--check"], page) == 1
    output = capsys.readouterr().err
    assert "docs/reference-stack.md has parts out of date: picture-instance" in output
    assert "settings" in output
    assert output.endswith("make docs\n")
    assert page.read_text() == old
    assert main([], page) == 0
    assert page.read_text() == text
    assert main(["--check"], page) == 0


def test_a_changed_stack_changes_the_generated_parts(previews: dict[str, Preview], text: str) -> None:
    """With another shape in place of `instance`, pictures and exports differ, settings do not."""
    generated = generated_parts({**previews, "instance": previews["async"]})
    assert set(stale_parts(text, generated)) == {"picture-instance", "grants", "alarms", "exports"}


def test_a_missing_part_is_an_error(previews: dict[str, Preview], text: str) -> None:
    """A part cannot be deleted by mistake."""
    with pytest.raises(LookupError, match="instead of"):
        rendered(text.replace("`make docs`: settings", "`make docs`: sittings"), generated_parts(previews))


def test_every_setting_has_a_description() -> None:
    """And every description belongs to a setting."""
    asked = {re.sub("(?<=[a-z])(?=[A-Z])", "_", key).lower() for key in read_settings("dev")}
    assert asked == set(descriptions())


def test_every_alarm_has_instructions(previews: dict[str, Preview], text: str) -> None:
    """And only existing alarms are named."""
    alarms = {alarm.name for each in previews.values() for alarm in each.stack.of_type(METRIC_ALARM)}
    todo = text.partition("| Alarm | What to do |")[2].partition("\n\n")[0]
    assert {
        name for line in todo.splitlines() for name in re.findall("`([a-z-]+)`", line.split("|")[1] if line else "")
    } == alarms


def test_exports_in_commands_exist(previews: dict[str, Preview], text: str) -> None:
    """Each `$(out NAME)`, and each name in the table of senders' permissions."""
    known = set(re.findall("`([a-z_]+)`", exports_table(previews)))
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


def test_the_example_messages_are_valid_items(text: str) -> None:
    """For each of the three ingresses, as the function receives them."""
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


def test_the_log_query_uses_existing_fields_and_messages(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Fields of the log lines, and messages that the worker logs."""
    found = QUERY.search(text)
    assert found is not None
    query = re.sub('"[^"]*"', "", found[1])
    telemetry = Telemetry("worker", "1")
    message = Message("1", "", correlation="order-4711", trace="Root=1")
    telemetry.log_failures([_failure(message)])
    logged = set(json.loads(capsys.readouterr().out))
    source = "".join(path.read_text() for path in (ROOT / "lambda_src" / "worker").glob("*.py"))
    output = set(re.findall(r"(\w+)=", source))
    assert set(WORD.findall(query)) - QUERY_KEYWORDS <= logged | {"id", "attempts"}
    assert {"id", "attempts", "batchId", "correlationId"} <= output
    for line in re.findall('"([^"]+)"', found[1]):
        assert f'"{line}"' in source
    listed = set(re.findall(r"`(\w+)`", text.partition("| `message is set aside` ")[2].partition("|\n")[0]))
    assert listed <= logged


def _failure(message: Message) -> Any:
    from messages import Failure  # noqa: PLC0415 - beside its only use

    return Failure(message, "why", permanent=True)


def test_the_metrics_are_complete(text: str) -> None:
    """The table lists exactly the metrics that the worker writes."""
    table = text.partition("| Metric | Unit |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    source = "".join(path.read_text() for path in (ROOT / "lambda_src" / "worker").glob("*.py"))
    written = re.findall(
        r"(?:telemetry\.log_batch\(batch, |telemetry\.metrics\(|counted = )\{(.*?)\}", source, re.DOTALL
    )
    assert listed == {name for each in written for name in re.findall(r'"(\w+)":', each)}
    assert set(UNITS) <= listed


def test_numbers_in_the_text_agree_with_the_code(previews: dict[str, Preview], text: str) -> None:
    """Numbers outside of the generated parts."""
    waits = [backoff(times, "a") for times in range(1, 11)]
    least = [min(900, 5 << times) for times in range(10)]
    assert f"{sum(least) // 60} to {sum(min(900, each * 3 // 2) for each in least) // 60 + 1} minutes" in text
    assert all(low <= wait <= 900 for low, wait in zip(least, waits, strict=True))
    assert f"after {ATTEMPTS} attempts" in text
    assert f"1 to {LONGEST_ID} printable characters" in text
    assert f"are {FEATURES} finite numbers" in text
    assert f"/{BATCHES}" in text
    endpoints = previews["vpc"].stack.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    interfaces = [each for each in endpoints if each.get("vpcEndpointType") == "Interface"]
    assert f"{len(interfaces)} endpoints (4 with `serverless`)" in text


def test_links_have_targets(text: str) -> None:
    """Files of this repository, and headings of the page."""
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
