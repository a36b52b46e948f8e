"""Faults injected into a local cloud while items are processed: errors, kills, duplicate deliveries, deployments."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from tests.e2e.item_tracker import PATIENCE, ItemTracker, Wave

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cloud import Copy

SHARE: Final = 100
"""How many items are sent before a deployment, and how many after it."""
RETURN_SECONDS: Final = 30.0
"""Messages of a killed function are delivered again once its claims have expired, instead of after 180 s as on AWS."""
NAMES: Final = {"worker": "function_name", "collector": "collector_function_name"}
"""Functions, and the stack outputs that hold their names."""
SOME, ROUNDS, BUSY = 50, 2, 3
"""Items between two kills, the least number of kills of a function, and the slow requests to wait for before each."""
MARK: Final = ('"requestId": self._request}', '"requestId": self._request, "release": "second"}')
"""A change of the worker's code that is visible in its log and nowhere else."""


@dataclass
class FaultRun:
    """A deployed stack with these settings, and the named phases of faults that it is put through.

    items: how many are sent in each phase. waves: the items by phase. log: the functions' log lines, read at the end.
    """

    copy: Copy
    settings: dict[str, str]
    tracker: ItemTracker
    items: int
    waves: dict[str, Wave] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def deploy(cls, copy: Copy, items: int, **settings: str) -> Self:
        """Deploy the stack with these settings."""
        copy.up(pack=False, **settings)
        copy.cloud.control("settings", {"failed_return_seconds": RETURN_SECONDS})
        return cls(copy, settings, ItemTracker(copy.cloud, copy.outputs()), items)

    def inject_faults(self, phase: str, *faults: dict[str, Any]) -> None:
        """Inject faults while items are processed; faults that match the same requests apply one after the other."""
        self._add_faults(faults)
        self.tracker.send(self._new_wave(phase))
        self._until(lambda: not self.copy.cloud.control("faults"))

    def kill_functions(self, phase: str, slow: dict[str, Any], *functions: str) -> None:
        """Kill functions while a fault makes them slow, repeatedly, until each was killed during an invocation."""
        self._add_faults((slow,))
        messages = self._new_wave(phase)
        for function in functions:
            rounds = 0
            while messages and (rounds < ROUNDS or not self.was_killed(function)):
                hits = self._hits()
                self.tracker.send(messages[:SOME])
                del messages[:SOME]
                self._kill(function, hits)
                rounds += 1
        self.tracker.send(messages)
        self.copy.cloud.control("faults", method="DELETE")

    def inject_all(self, phase: str, slow: dict[str, Any], *faults: dict[str, Any]) -> None:
        """Everything at once: faults, the worker killed while one makes it slow, and each message delivered twice."""
        self.copy.cloud.control("settings", {"deliveries": 2})
        self._add_faults((*faults, slow))
        self.tracker.send(self._new_wave(phase))
        self._kill("worker", 0)
        self._until(lambda: len(self.copy.cloud.control("faults")) == 1)  # the slow one, which has no end
        self.copy.cloud.control("faults", method="DELETE")
        self.copy.cloud.control("settings", {"deliveries": 1})

    def _kill(self, function: str, hits: int) -> None:
        """Kill a function's processes once some are busy: when BUSY more requests than `hits` were slow."""
        self._until(lambda: self._hits() >= hits + BUSY)
        if function == "collector":
            self._until(lambda: self.tracker.results_in_flight() > 0)
        self.copy.cloud.control("workers/kill", {"function": self.tracker.outputs[NAMES[function]]})

    def _hits(self) -> int:
        return int(self.copy.cloud.control("faults")[-1]["hits"])

    def was_killed(self, function: str) -> bool:
        """Whether the function's log says that it was killed during an invocation."""
        return any("Runtime exited with error: signal: 9" in line["message"] for line in self.tracker.log(function))

    def deliver_twice(self, phase: str, *faults: dict[str, Any]) -> None:
        """Deliver each message twice, at the same time."""
        self.copy.cloud.control("settings", {"deliveries": 2})
        self.inject_faults(phase, *faults)
        self.tracker.wait_until_settled(self.waves[phase])
        self.copy.cloud.control("settings", {"deliveries": 1})

    def deploy_new_code(self, phase: str) -> None:
        """Deploy new code of the worker while items are processed: some are done before, some are sent after."""
        messages, code = self._new_wave(phase), self.copy.folder / "lambda_src" / "worker" / "telemetry.py"
        assert code.read_text().count(MARK[0]) == 1
        code.write_text(code.read_text().replace(*MARK))
        self.tracker.send(messages[:SHARE])
        self._until(lambda: self.tracker.without_result(self.waves[phase]) < self.items)
        self.copy.cloud.control("settings", {"model_latency_ms": 500})  # some batch is always in progress
        with ThreadPoolExecutor(1) as aside:
            deployed = aside.submit(self.copy.up, pack=False, **self.settings)
            for start in range(SHARE, self.items - SHARE, 5):
                self.tracker.send(messages[start : start + 5])
                wait([deployed], timeout=0.4)
        deployed.result()
        self.copy.cloud.control("settings", {"model_latency_ms": 0})
        self.tracker.send(messages[-SHARE:])

    def wait_and_read_log(self) -> None:
        """Wait until every item is processed, and read the functions' logs."""
        self.tracker.wait_until_settled(*self.waves.values())
        functions = [name for name, export in NAMES.items() if export in self.tracker.outputs]
        self.log = [line for name in functions for line in self.tracker.log(name)]

    def reasons(self) -> set[str]:
        """The reasons for which items were returned to the queue."""
        return {line["reason"] for line in self.log if "reason" in line}

    def batches(self, phase: str) -> list[dict[str, Any]]:
        """The log lines of the batches that had items of a phase."""
        items = self.waves[phase].items
        done = [line for line in self.log if line["message"] == "batch is done"]
        return [line for line in done if any(id_ in items for id_ in line["correlationIds"])]

    def _until(self, condition: Callable[[], bool]) -> None:
        """Poll a condition, for as long as one would wait for a lost message."""
        since = time.monotonic()
        while not condition():
            assert time.monotonic() - since < PATIENCE
            time.sleep(0.2)

    def _add_faults(self, faults: tuple[dict[str, Any], ...]) -> None:
        for fault in faults:
            self.copy.cloud.control("faults", fault)

    def _new_wave(self, phase: str) -> list[tuple[str, str]]:
        self.waves[phase] = Wave.of(f"{self.settings['endpointShape']} {phase}", self.items)
        return self.waves[phase].messages()
