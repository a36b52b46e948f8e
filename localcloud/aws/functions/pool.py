"""The warm processes of all functions; another one is started only if all are busy."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from typing import TYPE_CHECKING, Any, Final

from localcloud.aws.functions import logs
from localcloud.aws.functions.deployment_package import Package
from localcloud.aws.functions.execution_environment import Environment, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGGER = logging.getLogger("functions")

IDLE_SECONDS: Final = 300.0  # a process that has had nothing to do for so long is ended
SWEEP_SECONDS: Final = 30.0
STARTS: Final = max(2, os.cpu_count() or 2)  # processes that may be starting at the same time
TAIL_CHARACTERS: Final = 4096  # of the log, in the response to an invocation that asks for it


class Pool:
    """Runs invocations. Use it on the server's event loop only."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, ...], list[Environment]] = {}
        self._busy: set[Environment] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._starting = 0
        self._changed = asyncio.Event()

    async def invoke(
        self, record: Mapping[str, Any], event: Any, request_id: str, arn: str, trace: str | None = None
    ) -> dict[str, Any]:
        """Run a function once and return what ministack calls a result: `body`, `error` and `log`."""
        package = Package(config=dict(record["config"]), archive=record.get("code_zip") or b"")
        environment, outcome = await self._environment(package), None
        try:
            if not environment.alive:
                failed = await self._start(environment)
                outcome = Outcome(error=failed, log=tuple(environment.take_log_lines())) if failed else None
            if outcome is None:
                outcome = await environment.invoke(event, request_id, arn, trace)
        except BaseException:
            environment.kill()
            raise
        finally:
            self._release(environment)
        try:
            logs.write(environment, request_id, outcome)
        except Exception:
            LOGGER.exception("the log of %s could not be written", package.name)
        return _result(package, outcome)

    def retire(self, name: str, qualifier: str | None = None) -> None:
        """End the processes of a function, or of one version of it; busy ones after their response."""
        for environment in [*self._busy, *(one for idle in self._idle.values() for one in idle)]:
            package = environment.package
            if package.name == name and qualifier in {None, package.version}:
                environment.stale = True
        for key, idle in list(self._idle.items()):
            self._keep(key, [one for one in idle if not one.stale], idle)

    def kill(self, name: str) -> int:
        """Kill every process of a function at once; return the number."""
        found = [*self._busy, *(one for idle in self._idle.values() for one in idle)]
        doomed = [one for one in found if one.package.name == name and one.alive]
        for environment in doomed:
            environment.kill()
        return len(doomed)

    def close(self) -> None:
        """Kill all processes."""
        for environment in [*self._busy, *(one for idle in self._idle.values() for one in idle)]:
            environment.kill()
        self._idle.clear()

    async def _environment(self, package: Package) -> Environment:
        """Return a process that is free, or a place for a new one: few may start at once, the others wait for either.

        A burst would otherwise start more processes than the machine has cores, each the slower for it, while the
        first that is ready could soon do the work of all.
        """
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep())
        while (environment := self._free(package)) is None:
            self._changed.clear()
            await self._changed.wait()
        self._busy.add(environment)
        return environment

    def _free(self, package: Package) -> Environment | None:
        idle = self._idle.get(package.key, [])
        while idle:
            environment = idle.pop()  # the one used last: the others can become idle for long enough to be ended
            if environment.alive:
                return environment
        return Environment(package) if self._starting < STARTS else None

    async def _start(self, environment: Environment) -> dict[str, Any] | None:
        self._starting += 1
        try:
            return await environment.start()
        finally:
            self._starting -= 1
            self._changed.set()

    def _release(self, environment: Environment) -> None:
        self._busy.discard(environment)
        environment.idle_since = time.monotonic()
        if environment.stale:
            environment.kill()
        elif environment.alive:
            self._idle.setdefault(environment.package.key, []).append(environment)
        self._changed.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            oldest = time.monotonic() - IDLE_SECONDS
            for key, idle in list(self._idle.items()):
                self._keep(key, [one for one in idle if one.idle_since > oldest], idle)

    def _keep(self, key: tuple[str, ...], kept: list[Environment], idle: list[Environment]) -> None:
        for environment in idle:
            if environment not in kept:
                environment.kill()
        if kept:
            self._idle[key] = kept
        else:
            del self._idle[key]


def _result(package: Package, outcome: Outcome) -> dict[str, Any]:
    log = "\n".join(outcome.log)[-TAIL_CHARACTERS:]
    if outcome.error is None:
        return {"body": json.loads(outcome.result), "log": log}
    LOGGER.warning("%s failed: %s\n%s", package.name, outcome.error, log)
    return {"body": outcome.error, "error": True, "function_error": "Unhandled", "log": log}


POOL = Pool()
