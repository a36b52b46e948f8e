"""The pack, served to the engine."""

from policypack.host.server import port_line


def main() -> None:
    """Serve the pack. Stdout is the engine's before any rule is imported, so that none can write to it."""
    with port_line():
        from policypack.host.serve import serve  # noqa: PLC0415 - see above
        from policypack.pack import PACK  # noqa: PLC0415 - see above

        serve(PACK)


main()
