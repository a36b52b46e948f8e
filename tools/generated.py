"""The files that are generated from code: write them, or with `--check` fail where one is out of date.

`make docs` writes them, `make check` checks them. docs/reference-stack.md has a program of its own: tools/docs.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from policypack.pack import PACK
from policypack.profiles.profiles import rendered
from policypack.report.json_file import SCHEMA_FILE, schema
from policypack.version import VERSION

ROOT: Final = Path(__file__).parent.parent


def files() -> dict[Path, str]:
    """The text that each generated file should have."""
    return {SCHEMA_FILE: schema(), **rendered(PACK), **_pulumi_policy()}


def _pulumi_policy() -> dict[Path, str]:
    """PulumiPolicy.yaml with the version of the package: `pulumi policy publish` reads it there."""
    path = ROOT / "PulumiPolicy.yaml"
    return {path: re.sub(r"(?m)^version: .*$", f"version: {VERSION}", path.read_text())}


def main(words: list[str]) -> int:
    """Write what is out of date, or only name it. Exit code 1 where `--check` finds something."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if words == ["--check"]:
        for path in stale:
            sys.stderr.write(f"error: {path.relative_to(ROOT)} is out of date\n       make docs\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(files()[path])
        sys.stderr.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
