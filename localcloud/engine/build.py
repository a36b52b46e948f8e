"""The engine and its Python language host, built from pinned Go modules."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.console import UserError, progress, say
from localcloud.engine import cache
from localcloud.engine.inspection import HOST, VERSION, Engine, UnusableError, inspect

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE: Final = Path(__file__).resolve().parent / "go"
ORIGIN: Final = "built from its Go modules"
SDK: Final = "github.com/pulumi/pulumi/sdk/v3"
COMMANDS: Final = (f"./cmd/{HOST}", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
FLAGS: Final = (
    "-mod=readonly",  # never rewrites go.mod and go.sum, whatever GOFLAGS says
    "-trimpath",
    "-buildvcs=false",
    "-tags=osusergo,grpcnotrace",
    f"-ldflags=-s -w -X {SDK}/go/common/version.Version=v{VERSION}",
)
FIRST_TO_FETCH: Final = (1, 21, 0)
"""The first Go that fetches the toolchain that go.mod asks for."""
NETWORK_FAULTS: Final = re.compile(
    r"dial tcp|no such host|i/o timeout|connection refused|network is unreachable|proxyconnect|TLS handshake"
    r"|module lookup disabled|toolchain not available"
)


def name() -> str:
    """Return the name of the cached build: the version and a hash of everything that influences the build."""
    digest = hashlib.sha256(repr((FLAGS, COMMANDS, platform.system(), platform.machine())).encode())
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".go", ".mod", ".sum", ".py"):
            digest.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes() + b"\0")
    return f"{VERSION}-{digest.hexdigest()[:12]}"


def build(tried: Sequence[str] = ()) -> Engine:
    """Build and install the engine. tried: the alternatives that were tried before, for the error without Go."""
    go = _go(tried)
    say(f"engine: building pulumi {VERSION} from its Go modules, once (a few minutes)")
    with cache.unfinished() as folder:
        binaries = folder / "bin"
        binaries.mkdir()
        with progress("building the engine"):
            _run([go, "build", *FLAGS, "-o", f"{binaries}/", *COMMANDS])
        sdk = Path(_run([go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]).strip())
        executor = sdk / "python" / "cmd" / f"{HOST}-exec"
        shutil.copyfile(executor, binaries / executor.name)
        (binaries / executor.name).chmod(0o755)
        shutil.copyfile(sdk / "LICENSE", folder / "LICENSE.pulumi")  # Apache-2.0, asks to go with every copy
        try:
            inspect(binaries / "pulumi", search="")
        except UnusableError as reason:
            raise UserError(
                f"the engine that was built cannot be used: {reason}", known=_install_line(), paste=_RETRY
            ) from None
        return cache.install(folder, name(), version=VERSION, origin=ORIGIN)


_RETRY: Final = "make setup"


def _install_line() -> str:
    go = f"Go >= {_needed()} (https://go.dev/doc/install)"
    return f"Install {go} or Pulumi (https://www.pulumi.com/docs/install/), then:"


def _go(tried: Sequence[str]) -> str:
    """Return the path of a Go command that is new enough, or that can download a toolchain."""
    go = shutil.which("go")
    if go is None:
        looked = "; ".join([*tried, "go on PATH"])
        raise UserError(
            f"no Pulumi engine found, and no Go to build one (looked for {looked})", _install_line(), _RETRY
        )
    version, _, toolchain = _run([go, "env", "GOVERSION", "GOTOOLCHAIN"], folder=Path("/")).strip().partition("\n")
    found = re.match(r"(?:devel )?go(\d+)\.(\d+)(?:\.(\d+))?", version)
    numbers = tuple(int(part or 0) for part in found.groups()) if found else ()
    fetches = numbers >= FIRST_TO_FETCH and toolchain.strip().endswith("auto")
    if numbers < tuple(map(int, _needed().split("."))) and not fetches:
        raise UserError(
            f"no Pulumi engine found, and {go} is too old to build one ({version})", _install_line(), _RETRY
        )
    return go


def _needed() -> str:
    found = re.search(r"^go (\S+)$", (SOURCE / "go.mod").read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"{SOURCE / 'go.mod'} names no Go version")
    return found[1]


def _run(command: list[str], *, folder: Path = SOURCE) -> str:
    """Run Go in the module's folder and return its output.

    It ends, with its compilers, if this process is interrupted.
    """
    environment = {key: value for key, value in os.environ.items() if key not in ("GOOS", "GOARCH")}
    environment |= {"CGO_ENABLED": "0", "GOWORK": "off", "GO111MODULE": "on"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise _failure(command, errors)
    return output


def _failure(command: list[str], errors: str) -> UserError:
    """Describe Go's failure in one line; its whole output goes to a file."""
    lines = [line for line in errors.splitlines() if line.strip() and not line.startswith("go: downloading")]
    log = cache.root() / "build.log"
    log.write_text(f"$ {' '.join(command)}\n{errors}")
    last = lines[-1].strip() if lines else f"{command[0]} {command[1]} failed and printed nothing"
    fault = next((line.strip() for line in lines if NETWORK_FAULTS.search(line)), None)
    if fault:
        return UserError(
            f"no Pulumi engine found, and Go could not fetch the modules to build one: {fault}",
            "Go takes them from where GOPROXY says (go env GOPROXY). With a network:",
            _RETRY,
        )
    return UserError(
        f"building the Pulumi engine failed: {last}", f"All of Go's output is in {log}. {_install_line()}", _RETRY
    )
