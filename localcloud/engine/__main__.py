"""Print the path of a Pulumi engine for this machine; install one if there is none."""

from __future__ import annotations

import argparse
import signal
import sys

from localcloud.console import UserError, say
from localcloud.engine.finder import find_or_make
from localcloud.engine.inspection import OLDEST, VERSION
from localcloud.engine.release import BASE, BASE_VARIABLE

_ABOUT = f"""\
Taken is the first that works of:
  1. `pulumi` >= {".".join(map(str, OLDEST))} on PATH, with its Python language host
  2. one made earlier, under $XDG_CACHE_HOME/policypack/engine (or ~/.cache/policypack/engine)
  3. the official release {VERSION}, checked against its published checksums, from
     ${BASE_VARIABLE} (or {BASE})
  4. {VERSION} built from its Go modules, with Go from PATH; GOPROXY and GOFLAGS are heeded
The path goes to standard output, all else to standard error. Exit code 2: none can be had, and why."""


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m localcloud.engine",
        description=__doc__,
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something has to be made")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # unwinds, as an interrupt does
    try:
        print(find_or_make(quiet=options.quiet).path)  # noqa: T201 - the answer
    except UserError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("interrupted; nothing was installed")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
