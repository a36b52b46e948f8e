"""Generate parts of docs/reference-stack.md from the program, or check that they are up to date."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools.docs.page import PAGE, all_previews, generated_parts, rendered, stale_parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def main(arguments: Sequence[str], page: Path = PAGE) -> int:
    """Write the page, or with `--check` return 1 if it is out of date."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a part is out of date")
    check = parser.parse_args(arguments).check
    generated, text = generated_parts(all_previews()), page.read_text()
    new = rendered(text, generated)
    if not check:
        page.write_text(new)
        changed = ", ".join(stale_parts(text, generated)) if new != text else "nothing"
        sys.stderr.write(f"{page.parent.name}/{page.name}: {changed} changed\n")
        return 0
    if new == text:
        return 0
    sys.stderr.write(
        f"error: {page.parent.name}/{page.name} has parts out of date: {', '.join(stale_parts(text, generated))}\n"
        "       make docs\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
