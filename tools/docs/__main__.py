"""Write the parts of docs/reference-stack.md that the program says, or check them."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools.docs.page import PAGE, everything, parts, rendered, stale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def main(arguments: Sequence[str], page: Path = PAGE) -> int:
    """Write, or with `--check` compare: 1 when the page is not what the program says."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something would change")
    check = parser.parse_args(arguments).check
    made, text = parts(everything()), page.read_text()
    new = rendered(text, made)
    if not check:
        page.write_text(new)
        changed = ", ".join(stale(text, made)) if new != text else "nothing"
        sys.stderr.write(f"{page.parent.name}/{page.name}: {changed} changed\n")
        return 0
    if new == text:
        return 0
    sys.stderr.write(
        f"error: {page.parent.name}/{page.name} is not what the program says now: {', '.join(stale(text, made))}\n"
        "       make docs\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
