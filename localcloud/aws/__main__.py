"""`python -m localcloud.aws start|stop|status`."""

from __future__ import annotations

import argparse
import sys

from localcloud.aws import lifecycle, server_record
from localcloud.console import UserError, say

EPILOG = """\
start   prints the URL for AWS_ENDPOINT_URL; does nothing when it already runs
stop    ends the one that `start` started, and nothing else
status  prints the URL and exits 0 when it runs and answers; exits 1 when not

exit codes: 0 done, 1 status: not running, 2 it cannot (the reason is on stderr)
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m localcloud.aws",
        description="The local AWS: one process on one port of 127.0.0.1. Every start is empty.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["start", "stop", "status"])
    try:
        return COMMANDS[parser.parse_args(arguments).command]()
    except UserError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("interrupted: nothing was left running")
        return 130


def _start() -> int:
    sys.stdout.write(lifecycle.start() + "\n")
    return 0


def _stop() -> int:
    say("stopped the local AWS" if lifecycle.stop() else "the local AWS was not running")
    return 0


def _status() -> int:
    url = lifecycle.endpoint()
    if url is None:
        say("the local AWS is not running")
        return 1
    server = server_record.read()
    sys.stdout.write(url + "\n")
    say(f"pid {server.pid}, log {server_record.LOG}" if server else "")
    return 0


COMMANDS = {"start": _start, "stop": _stop, "status": _status}

if __name__ == "__main__":
    sys.exit(main())
