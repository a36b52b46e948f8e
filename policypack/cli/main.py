"""The `policypack` command: one module a subcommand."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from policypack.cli import iam, rule, rules
from policypack.cli.terminal import MissingExtraError, MistakeError, complain
from policypack.pack import PACK
from policypack.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rule_pack import Pack

COMMANDS = (rules, rule, iam)
INTERRUPTED = 130
"""The exit code of a process that SIGINT ends, as a shell reports it: 128 + 2."""
UNREAD = 141
"""The exit code of a process that SIGPIPE ends, as a shell reports it: 128 + 13. The reader closed the pipe."""


def main(words: Sequence[str] | None = None, pack: Pack = PACK) -> int:
    """Run one command on a pack. Exit codes: 0; 1 where nothing was found; 2 for what cannot be asked.

    `iam can` has codes of its own.
    """
    parser = argparse.ArgumentParser(
        prog="policypack", description="Find and explain the policy pack's rules; evaluate what an IAM role may do."
    )
    parser.add_argument("--version", action="version", version=f"policypack {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    arguments = parser.parse_args(words)
    try:
        code = int(arguments.run(arguments, pack))
        sys.stdout.flush()
    except MistakeError as mistake:
        complain(mistake.what, *mistake.then)
        return mistake.code
    except MissingExtraError as missing:
        complain(missing.what, missing.then)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        return UNREAD
    return code
