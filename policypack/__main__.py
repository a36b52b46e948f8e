"""All that the engine sees: the pack, served."""

from policypack.host.server import PortLine, serve


def main() -> None:
    """Serve the pack. Stdout is the engine's before any rule is imported, so that none can write to it."""
    with PortLine() as line:
        from policypack.host.analyzer import Analyzer  # noqa: PLC0415 - see above
        from policypack.pack import PACK  # noqa: PLC0415 - see above

        analyzer = Analyzer(PACK)
        serve(analyzer, line, leaving=analyzer.leave)


main()
