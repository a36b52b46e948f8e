"""A deployment, read from the engine's event log, and the items that are processed while it runs."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from localcloud.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.cloud import Copy

STARTED, DONE = "resourcePreEvent", "resOutputsEvent"
STACK: Final = "local"
STATE: Final = "state.json"
EXPORT: Final = f"pulumi stack export --stack {STACK} --file {STATE}"
UNTOUCHED: Final = ("same", "read", "refresh")

ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"


@dataclass(frozen=True)
class Step:
    """One engine event about one resource. when: STARTED or DONE. id: of the resource, as soon as it has one."""

    when: str
    op: str
    type: str
    urn: str
    id: str

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Deployment:
    """A deployment that succeeded, and the stack after it.

    steps: in the order of the engine's event log. ids: of the AWS resources, by type and name. outputs: of the stack.
    """

    steps: tuple[Step, ...]
    ids: dict[tuple[str, str], str]
    outputs: dict[str, str]

    @staticmethod
    def of(copy: Copy, settings: dict[str, str], *, pack: bool = True) -> Deployment:
        """Deploy with this configuration. pack: under the policy pack."""
        copy.configure(**settings)
        log, words = copy.folder / "events.log", ["--yes", "--skip-preview", "--stack", STACK]
        words += ["--policy-pack", str(ROOT)] if pack else []
        up = f"PULUMI_DEBUG_COMMANDS=true pulumi up --event-log {log} {shlex.join(words)}"
        done = copy.shell(f"{up}\n{EXPORT}")
        assert done.returncode == 0, done.stdout
        steps = tuple(_steps(map(json.loads, log.read_text().splitlines())))
        log.unlink()
        return Deployment(steps, *_exported(copy))

    def at(self, when: str, op: str, type_: str, id_: str = "") -> int:
        """The index of the one step that matches."""
        (found,) = (
            place
            for place, step in enumerate(self.steps)
            if (step.when, step.op, step.type) == (when, op, type_) and id_ in ("", step.id)
        )
        return found

    def touched(self, type_: str) -> dict[str, set[str]]:
        """The resources of a type that were changed, by name, each with the operations."""
        found: dict[str, set[str]] = {}
        for step in self.steps:
            if step.type == type_ and step.op not in UNTOUCHED:
                found.setdefault(step.name, set()).add(step.op)
        return found


def deployed(copy: Copy) -> dict[tuple[str, str], str]:
    """The ids of the AWS resources in the stack's state, by type and name."""
    done = copy.shell(EXPORT)
    assert done.returncode == 0, done.stdout
    return _exported(copy)[0]


def assert_no_changes(copy: Copy) -> None:
    """Check that another update with a refresh of every resource changes nothing."""
    done = copy.pulumi("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout


def _exported(copy: Copy) -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    state = json.loads((copy.folder / STATE).read_text())["deployment"].get("resources", [])
    (outputs,) = [each.get("outputs", {}) for each in state if each["type"] == "pulumi:pulumi:Stack"] or [{}]
    made = [each for each in state if each["type"].startswith("aws:")]
    return {(each["type"], each["urn"].rpartition("::")[2]): each["id"] for each in made}, outputs


def _steps(events: Iterable[dict[str, Any]]) -> Iterable[Step]:
    for event in events:
        for when in (STARTED, DONE):
            if when in event:
                about = event[when]["metadata"]
                state = about.get("new") or about.get("old") or {}
                yield Step(when, about["op"], about["type"], about["urn"], state.get("id", ""))


class ItemSender:
    """Sends items to a stack's queue, and looks up their results. `deployment`: the last one."""

    def __init__(self, copy: Copy) -> None:
        self.deployment = Deployment((), {}, {})
        self._sqs, self._dynamodb = copy.cloud.client("sqs"), copy.cloud.client("dynamodb")
        self._lambda = copy.cloud.client("lambda")

    @property
    def outputs(self) -> dict[str, str]:
        """What the stack exports."""
        return self.deployment.outputs

    def send(self, tag: str, count: int) -> dict[str, tuple[float, ...]]:
        """Send `count` items; return their features by id."""
        made: dict[str, tuple[float, ...]] = {
            f"{tag}-{at}": (at % 7 / 7, at % 11 / 11, at % 13 / 13, 1.0) for at in range(count)
        }
        bodies = [json.dumps({"id": id_, "features": features}) for id_, features in made.items()]
        for start in range(0, count, 10):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies[start : start + 10])]
            answer = self._sqs.send_message_batch(QueueUrl=self.outputs["queue_url"], Entries=entries)
            assert not answer.get("Failed"), answer
        return made

    def results(self, ids: Iterable[str]) -> dict[str, tuple[float, str]]:
        """Prediction and endpoint of each of these items that has a result."""
        wanted, pages = set(ids), self._dynamodb.get_paginator("scan")
        rows = [
            (row["id"]["S"], float(row["prediction"]["N"]), row["endpoint"]["S"])
            for page in pages.paginate(TableName=self.outputs["results_table"], ConsistentRead=True)
            for row in page["Items"]
            if row["id"]["S"] in wanted
        ]
        found = {id_: (prediction, endpoint) for id_, prediction, endpoint in rows}
        assert len(found) == len(rows)
        return found

    def claims(self, ids: Iterable[str]) -> dict[str, str]:
        """The idempotency state of these items."""
        wanted = set(ids)
        rows = self._dynamodb.scan(TableName=self.outputs["idempotency_table"], ConsistentRead=True)["Items"]
        return {row["id"]["S"]: row["state"]["S"] for row in rows if row["id"]["S"] in wanted}

    def poll(self, *, on: bool) -> None:
        """Enable or disable the worker's event source mapping."""
        uuid = self.outputs["mapping_arn"].rpartition(":")[2]
        self._lambda.update_event_source_mapping(UUID=uuid, Enabled=on)

    def depth(self, output: str) -> int:
        """The number of messages in a queue: visible, in flight and delayed."""
        names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]
        found = self._sqs.get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)
