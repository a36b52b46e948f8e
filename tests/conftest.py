"""What every test may use: a real Pulumi engine, and environments in which it reaches only the test's own folder.

- `engine`: path of the `pulumi` binary, found or made once per machine (a lock makes parallel workers wait for it).
- `pulumi_env`: the environment for a child of this test: engine first on PATH, home, state and plugins under
  `tmp_path`, a file backend, a passphrase, and credentials that no real service takes.
- `make_pulumi_env`: the same for any folder, for fixtures that live longer than one test.
- `no_processes`: waits until none of the given process ids runs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings

from localcloud.checkout import REGION
from localcloud.engine import find_or_make
from tests.file_order import pytest_collection_modifyitems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["pytest_collection_modifyitems"]

INHERITED: Final = ("LANG", "LC_ALL", "TERM", "TMPDIR", "USER")
"""Of the developer's own environment only these reach a child: no tokens, proxies or AWS profiles."""
CLOSED: Final = "http://127.0.0.1:9"
"""Where nothing listens: AWS calls that a test did not send elsewhere fail at once."""


# No test is timed: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("untimed"), max_examples=40)  # of `make test`
settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it puts into the background deaf to Ctrl-C, and children inherit that: they are to hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def engine() -> Path:
    """Give the `pulumi` binary that the whole run uses."""
    return find_or_make(quiet=True).path


@pytest.fixture(scope="session")
def make_pulumi_env(engine: Path) -> Callable[[Path], dict[str, str]]:
    """Give a function that prepares a folder and returns the environment that keeps children inside it."""

    def make(folder: Path) -> dict[str, str]:
        for part in ("home", "state", "pulumi", "local"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "PATH": os.pathsep.join([str(engine.parent), *os.get_exec_path()]),
            "HOME": str(folder / "home"),
            "PULUMI_HOME": str(folder / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_ACCESS_TOKEN": "pul-not-a-token",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "POLICYPACK_LOCAL_DIR": str(folder / "local"),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": CLOSED,
        }

    return make


@pytest.fixture
def pulumi_env(make_pulumi_env: Callable[[Path], dict[str, str]], tmp_path: Path) -> dict[str, str]:
    """Give this test's environment for children; a copy may be changed freely."""
    return make_pulumi_env(tmp_path)


@pytest.fixture(scope="session")
def no_processes() -> Callable[[Iterable[int]], None]:
    """Give a function that waits until no process of these ids runs, and fails after 10 s."""

    def runs(pid: int) -> bool:
        if Path("/proc/self/stat").exists():
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return False
        else:
            listing = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
            state = listing.stdout.decode().strip() or "Z"
        return not state.startswith("Z")  # a zombie has ended; only its parent has not looked

    def wait(pids: Iterable[int]) -> None:
        left, deadline = set(pids), time.monotonic() + 10
        while left := {pid for pid in left if runs(pid)}:
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)

    return wait
