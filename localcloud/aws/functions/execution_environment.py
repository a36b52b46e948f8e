"""An execution environment: a process that has loaded a function and handles one invocation at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from localcloud.aws.functions import bootstrap
from localcloud.aws.functions.deployment_package import interpreter, libraries

if TYPE_CHECKING:
    from localcloud.aws.functions.deployment_package import Package

INIT_SECONDS: Final = 30.0  # AWS gives 10 s on a machine with nothing else to do
LINE_BYTES: Final = 1 << 20  # a longer line of log is cut
RESPONSE_BYTES: Final = 6 * 1024 * 1024  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of an invocation: the JSON that the handler returned, or the error; and its log lines."""

    result: str = "null"
    error: dict[str, Any] | None = None
    log: tuple[str, ...] = ()
    milliseconds: float = 0.0
    memory_mb: int = 0


class ProcessEndedError(Exception):
    """The process ended."""


class Environment:
    """A warm process of a function. Call `start`, then `invoke` any number of times, then `kill`."""

    def __init__(self, package: Package) -> None:
        now = time.gmtime()
        self.package = package
        self.stream = f"{time.strftime('%Y/%m/%d', now)}/[{package.version}]{secrets.token_hex(16)}"
        self.idle_since = 0.0
        self.stale = False
        self._killed = False
        self._process: asyncio.subprocess.Process | None = None
        self._replies: asyncio.StreamReader | None = None
        self._pipe: asyncio.ReadTransport | None = None
        self._lines: list[str] = []
        self._marks: asyncio.Queue[str] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether its process is running and may be used further."""
        return self._process is not None and self._process.returncode is None and not self._killed

    async def start(self) -> dict[str, Any] | None:
        """Start the process and load the handler; return the error where that fails."""
        code, layers = await asyncio.to_thread(self.package.unpack)
        ours, theirs = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                await asyncio.to_thread(interpreter, str(self.package.config["Runtime"])),
                "-S",  # the libraries of the server are not the function's
                bootstrap.__file__,
                str(theirs),
                str(os.getpid()),
                str(libraries()),
                os.pathsep.join(map(str, layers)),
                cwd=code,
                env=self.package.environment(code, self.stream),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(theirs,),
                limit=LINE_BYTES,
            )
        finally:
            os.close(theirs)
        self._replies = replies = asyncio.StreamReader()
        self._pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(replies), os.fdopen(ours, "rb")
        )
        self._reading = asyncio.create_task(self._read_log())
        try:
            async with asyncio.timeout(INIT_SECONDS):
                error = (await self._reply())["init"]
        except TimeoutError:
            error = {"errorType": "Sandbox.Timedout", "errorMessage": f"Init timed out after {INIT_SECONDS:.0f} s"}
        except ProcessEndedError as ended:
            error = {"errorType": "Runtime.ExitError", "errorMessage": f"Runtime exited while loading: {ended}"}
        if error is not None:
            self.kill()
        return dict(error) if error is not None else None

    async def invoke(self, event: Any, request_id: str, arn: str, trace: str | None = None) -> Outcome:
        """Run the handler once. After an error that ended the process, `alive` is false."""
        seconds, began = self.package.seconds, time.monotonic()
        frame = {"event": event, "request_id": request_id, "arn": arn, "seconds": seconds, "trace": trace}
        try:
            async with asyncio.timeout(seconds):
                reply = await self._exchange(frame)
                await self._marks.get()
        except TimeoutError:
            self.kill()
            message = f"RequestId: {request_id} Error: Task timed out after {seconds}.00 seconds"
            reply = {"error": {"errorType": "Sandbox.Timedout", "errorMessage": message}}
        except (ProcessEndedError, ConnectionError) as ended:
            self.kill()
            message = f"RequestId: {request_id} Error: Runtime exited with error: {ended}"
            reply = {"error": {"errorType": "Runtime.ExitError", "errorMessage": message}}
        if len(reply.get("result", "")) > RESPONSE_BYTES:
            message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes)."
            reply = {"error": {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}}
        return Outcome(
            result=reply.get("result", "null"),
            error=reply.get("error"),
            log=tuple(self.take_log_lines()),
            milliseconds=(time.monotonic() - began) * 1000,
            memory_mb=self._memory(),
        )

    def take_log_lines(self) -> list[str]:
        """Return the lines logged since the last call."""
        lines, self._lines = self._lines, []
        return lines

    def kill(self) -> None:
        """Kill the process at once."""
        self._killed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        if self._pipe is not None:
            self._pipe.close()

    async def _exchange(self, frame: dict[str, Any]) -> dict[str, Any]:
        if self._process is None or self._process.stdin is None:
            raise ProcessEndedError("it was never started")
        body = json.dumps(frame).encode()
        self._process.stdin.write(struct.pack(">I", len(body)) + body)
        await self._process.stdin.drain()
        return await self._reply()

    async def _reply(self) -> dict[str, Any]:
        if self._replies is None or self._process is None:
            raise ProcessEndedError("it was never started")
        try:
            length = struct.unpack(">I", await self._replies.readexactly(4))[0]
            return dict(json.loads(await self._replies.readexactly(length)))
        except asyncio.IncompleteReadError:
            status = await self._process.wait()
            if self._reading is not None:
                await asyncio.wait([self._reading], timeout=1)
            raise ProcessEndedError(f"signal: {-status}" if status < 0 else f"exit status {status}") from None

    async def _read_log(self) -> None:
        source = self._process.stdout if self._process else None
        while source is not None:
            try:
                line = await source.readuntil(b"\n")
            except asyncio.IncompleteReadError as rest:
                self._lines += [rest.partial.decode("utf-8", "replace")] if rest.partial else []
                return
            except asyncio.LimitOverrunError as error:
                line = await source.readexactly(error.consumed)
            text, mark, request_id = line.decode("utf-8", "replace").rstrip("\n").partition(bootstrap.END_MARK)
            self._lines += [text] if text or not mark else []
            if mark:
                self._marks.put_nowait(request_id)

    def _memory(self) -> int:
        """The maximum memory of the process in MB, if the machine reports it."""
        try:
            status = Path(f"/proc/{self._process.pid if self._process else 0}/status").read_text()
        except OSError:
            return 0
        peak = next((line for line in status.split("\n") if line.startswith("VmHWM")), "VmHWM: 0 kB")
        return int(peak.split()[1]) // 1024
