"""The commands `make up`, `make demo`, `make redrive`, `make naive`, `make down`, `make setup` and `make env`."""

from __future__ import annotations

import argparse
import errno
import sys
from typing import TYPE_CHECKING, Any

from localcloud import demo, environment, provider, redrive
from localcloud.aws import lifecycle
from localcloud.checkout import AWS_STATE, LOCAL, PULUMI_HOME, ROOT
from localcloud.console import UserError, paint, say
from localcloud.engine import find_or_make
from localcloud.stack import INTERRUPTED, NAIVE, STACK, Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_UNWRITABLE = {errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EPERM, errno.ENOTDIR, errno.ENOENT}
_DEPLOYED_TO = AWS_STATE / "deployed-to"
"""The id of the start of the local AWS to which the stack was last deployed: other starts have no resources of it."""


def main() -> None:
    """Run one command. Exit codes: the engine's own; 1 if the demo finds an error; 2 for what the user can fix."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        if name == "demo":
            added.add_argument(
                "--items", type=int, default=demo.ITEMS, help="number of valid items (default: %(default)s)"
            )
            added.add_argument(
                "--poison", type=int, default=demo.POISON, help="number of poison items (default: %(default)s)"
            )
    arguments = parser.parse_args()
    try:
        sys.exit(_COMMANDS[arguments.command](arguments))
    except UserError as error:
        say(paint(str(error), "31"))
        sys.exit(2)
    except OSError as error:
        if error.errno not in _UNWRITABLE or not str(error.filename).startswith(str(LOCAL)):
            raise
        known = f"the local cloud writes to {LOCAL}: this folder has to be writable"
        say(paint(str(UserError(f"{error.filename}: {error.strerror}", known)), "31"))
        sys.exit(2)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(INTERRUPTED)


def setup(_arguments: argparse.Namespace) -> int:
    """Find or install the engine, install the provider, create the stack `local`."""
    _project(None, quiet=False)
    return 0


def env(_arguments: argparse.Namespace) -> int:
    """Print the environment for your own shell: eval "$(make -s env)"."""
    engine = find_or_make(quiet=True)
    Project(engine, None).ready()
    provider.install(PULUMI_HOME)
    endpoint = lifecycle.endpoint()
    if endpoint is None:
        say("  the local AWS is not running: previews work, a deployment needs `make up` first")
    print(environment.shell_exports(environment.variables(engine, endpoint)))  # noqa: T201 - this is the answer
    return 0


def up(_arguments: argparse.Namespace) -> int:
    """Start the local AWS and deploy the reference stack to it, under the policy pack."""
    endpoint = lifecycle.start()
    project = _project(endpoint)
    started = lifecycle.instance() or ""
    if _deployed_to() != started and project.has_resources():
        say("  the local AWS was restarted and is empty: refreshing the state of the stack")
        if code := project.run("refresh", "--yes", "--skip-preview", "--stack", STACK, "--clear-pending-creates"):
            return code
    _DEPLOYED_TO.write_text(started)
    code = project.run("up", "--yes", "--skip-preview", "--policy-pack", str(ROOT), "--stack", STACK)
    if code == 0:
        say(f"\nDeployed to the local AWS at {endpoint}. Next: {paint('make demo', '1')} sends items through it.")
    elif code == INTERRUPTED:
        say("\ninterrupted: make up continues, make down destroys what exists and stops the local AWS")
    return code


def run_demo(arguments: argparse.Namespace) -> int:
    """Send items and count the results: valid items are stored once, invalid ones are in the dead-letter queue."""
    endpoint, outputs = _deployed()
    return demo.run(endpoint, outputs, items=arguments.items, poison=arguments.poison)


def run_redrive(_arguments: argparse.Namespace) -> int:
    """Move the messages of the dead-letter queue back to their source queue."""
    return redrive.run(*_deployed())


def naive(_arguments: argparse.Namespace) -> int:
    """Preview the naive stack under the policy pack. It fails, as it breaks the rules on purpose."""
    project = _project(None, folder=NAIVE)
    code = project.run("preview", "--policy-pack", str(ROOT), "--stack", STACK)
    if code:
        say("This failure is expected: the naive stack breaks the rules on purpose.")
    return code


def down(_arguments: argparse.Namespace) -> int:
    """Destroy what `up` deployed, and stop the local AWS."""
    endpoint = lifecycle.endpoint()
    project = _project(endpoint)
    if endpoint and _deployed_to() == lifecycle.instance():
        if code := project.run("destroy", "--yes", "--skip-preview", "--stack", STACK):
            began = "interrupted: make down continues. " if code == INTERRUPTED else ""
            say(f"{began}The local AWS is still running. To stop it anyway: .venv/bin/python -m localcloud.aws stop")
            return code
    elif _deployed_to() is not None:
        say("  the local AWS that the stack was deployed to no longer exists: removing the stack's state")
        project.forget()
    _DEPLOYED_TO.unlink(missing_ok=True)
    say("The local AWS is stopped." if lifecycle.stop() else "The local AWS was not running.")
    return 0


def _project(endpoint: str | None, folder: Path = ROOT, *, quiet: bool = True) -> Project:
    """A project that is ready to run. quiet: do not name the engine, which `make` has done in `setup`."""
    engine = find_or_make(quiet=quiet)
    provider.install(PULUMI_HOME)
    project = Project(engine, endpoint, folder)
    project.ready()
    return project


def _deployed() -> tuple[str, dict[str, Any]]:
    """The URL of the local AWS, and the outputs of the stack deployed to it."""
    endpoint = lifecycle.endpoint()
    outputs = Project(find_or_make(quiet=True), endpoint).outputs() if endpoint else {}
    if endpoint is None or not outputs or _deployed_to() != lifecycle.instance():
        raise UserError("the reference stack is not deployed to a running local AWS", paste="make up")
    return endpoint, outputs


def _deployed_to() -> str | None:
    return _DEPLOYED_TO.read_text() if _DEPLOYED_TO.exists() else None


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "setup": setup,
    "env": env,
    "up": up,
    "demo": run_demo,
    "redrive": run_redrive,
    "naive": naive,
    "down": down,
}
