"""Bad moments of a local cloud, each while items flow."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from tests.e2e.account import PATIENCE, Account, Wave

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cloud import Copy

SHARE: Final = 100
"""Of the items, what is sent before a deployment, and as much after it."""
RETURN_SECONDS: Final = 30.0
"""What a killed function took with it comes back when its claims have run out, not after the 180 s on AWS."""
NAMES: Final = {"worker": "function_name", "collector": "collector_function_name"}
"""Functions, and the exports that say what they are called."""
SOME, ROUNDS, BUSY = 50, 2, 3
"""Items between two kills, how often a function is killed at least, and after how many further slow requests."""
MARK: Final = ('"requestId": self._request}', '"requestId": self._request, "release": "second"}')
"""A change of the worker's code that shows in its log and nowhere else."""


@dataclass
class Weather:
    """A deployed stack with these settings, and the bad moments it goes through, each named.

    items: how many are sent during each. waves: these. log: what was said of it all, as soon as it has cleared.
    """

    copy: Copy
    settings: dict[str, str]
    account: Account
    items: int
    waves: dict[str, Wave] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def over(cls, copy: Copy, items: int, **settings: str) -> Self:
        """Deploy."""
        copy.up(**settings)
        copy.cloud.control("settings", {"failed_return_seconds": RETURN_SECONDS})
        return cls(copy, settings, Account(copy.cloud, copy.outputs()), items)

    def faults(self, moment: str, *faults: dict[str, Any]) -> None:
        """Faults hit requests while items flow; those that hit the same ones do so one after the other."""
        self._meet(faults)
        self.account.send(self._flow(moment))
        self._until(lambda: not self.copy.cloud.control("faults"))

    def kills(self, moment: str, slow: dict[str, Any], *functions: str) -> None:
        """Functions are killed while a fault makes them slow: some times, and until each was in the middle of it."""
        self._meet((slow,))
        messages = self._flow(moment)
        for function in functions:
            rounds = 0
            while messages and (rounds < ROUNDS or not self.killed(function)):
                hits = self._hits()
                self.account.send(messages[:SOME])
                del messages[:SOME]
                self._kill(function, hits)
                rounds += 1
        self.account.send(messages)
        self.copy.cloud.control("faults", method="DELETE")

    def storm(self, moment: str, slow: dict[str, Any], *faults: dict[str, Any]) -> None:
        """All of it at once: faults, the worker is killed while one makes it slow, each message is delivered twice."""
        self.copy.cloud.control("settings", {"deliveries": 2})
        self._meet((*faults, slow))
        self.account.send(self._flow(moment))
        self._kill("worker", 0)
        self._until(lambda: len(self.copy.cloud.control("faults")) == 1)  # the slow one, which does not end
        self.copy.cloud.control("faults", method="DELETE")
        self.copy.cloud.control("settings", {"deliveries": 1})

    def _kill(self, function: str, hits: int) -> None:
        """Kill a function's processes as soon as some are busy: when more than so many requests were slow."""
        self._until(lambda: self._hits() >= hits + BUSY)
        if function == "collector":
            self._until(lambda: self.account.being_stored() > 0)
        self.copy.cloud.control("workers/kill", {"function": self.account.outputs[NAMES[function]]})

    def _hits(self) -> int:
        return int(self.copy.cloud.control("faults")[-1]["hits"])

    def killed(self, function: str) -> bool:
        """Whether a function was killed in the middle of an invocation, by its own log."""
        return any("Runtime exited with error: signal: 9" in line["message"] for line in self.account.log(function))

    def twice(self, moment: str, *faults: dict[str, Any]) -> None:
        """Each message is delivered twice, at the same time."""
        self.copy.cloud.control("settings", {"deliveries": 2})
        self.faults(moment, *faults)
        self.account.settle(self.waves[moment])
        self.copy.cloud.control("settings", {"deliveries": 1})

    def deployment(self, moment: str) -> None:
        """New code of the worker is deployed while items flow: some are done before, some are sent after."""
        messages, code = self._flow(moment), self.copy.folder / "lambda_src" / "worker" / "telemetry.py"
        assert code.read_text().count(MARK[0]) == 1
        code.write_text(code.read_text().replace(*MARK))
        self.account.send(messages[:SHARE])
        self._until(lambda: self.account.missing(self.waves[moment]) < self.items)
        self.copy.cloud.control("settings", {"model_latency_ms": 500})  # some batch is always being worked on
        with ThreadPoolExecutor(1) as aside:
            deployed = aside.submit(self.copy.up, **self.settings)
            for start in range(SHARE, self.items - SHARE, 5):
                self.account.send(messages[start : start + 5])
                wait([deployed], timeout=0.4)
        deployed.result()
        self.copy.cloud.control("settings", {"model_latency_ms": 0})
        self.account.send(messages[-SHARE:])

    def clear(self) -> None:
        """Wait until all is quiet again, and read the log."""
        self.account.settle(*self.waves.values())
        functions = [name for name, export in NAMES.items() if export in self.account.outputs]
        self.log = [line for name in functions for line in self.account.log(name)]

    def reasons(self) -> set[str]:
        """Why items were put back."""
        return {line["reason"] for line in self.log if "reason" in line}

    def batches(self, moment: str) -> list[dict[str, Any]]:
        """What was said of each batch with items of a moment."""
        items = self.waves[moment].items
        done = [line for line in self.log if line["message"] == "batch is done"]
        return [line for line in done if any(id_ in items for id_ in line["correlationIds"])]

    def _until(self, condition: Callable[[], bool]) -> None:
        """Look again and again, for as long as one would wait for a lost message."""
        since = time.monotonic()
        while not condition():
            assert time.monotonic() - since < PATIENCE
            time.sleep(0.2)

    def _meet(self, faults: tuple[dict[str, Any], ...]) -> None:
        for fault in faults:
            self.copy.cloud.control("faults", fault)

    def _flow(self, moment: str) -> list[tuple[str, str]]:
        self.waves[moment] = Wave.of(f"{self.settings['endpointShape']} {moment}", self.items)
        return self.waves[moment].messages()
