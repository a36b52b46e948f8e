"""The pack, served to the engine."""

import sys

from policypack.host.server import port_line


def main() -> None:
    """Serve the pack. Stdout is the engine's before any rule is imported, so that none can write to it."""
    if any(word.isidentifier() for word in sys.argv[1:2]):  # a command: the engine gives its address first
        sys.stderr.write(f"error: the engine starts this module\n       policypack {' '.join(sys.argv[1:])}\n")
        sys.exit(2)
    with port_line():
        from policypack.host.serve import serve  # noqa: PLC0415 - see above
        from policypack.pack import PACK  # noqa: PLC0415 - see above

        serve(PACK)


main()
