"""docs/architecture.md names only what is there."""

from __future__ import annotations

import re

import pytest

from localcloud.checkout import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| `")]


def names(cell: str) -> list[str]:
    """What a cell of a table has in code marks, and looks like a file or folder."""
    return [name for name in re.findall(r"`([^`]+)`", cell) if re.search(r"\.(py|json|csv|md)$|/$", name)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip() for row in ROWS])
def test_what_a_row_names_is_there(row: list[str]) -> None:
    """Folders in the first column from the root or from the rules; files in the others within them."""
    roots = [ROOT, ROOT / "policypack", ROOT / "policypack" / "rules" / "least_privilege"]
    folders = [ROOT]
    for name in names(row[0]):
        found = [root / name for root in roots if (root / name.replace("<concern>/", "")).exists()]
        assert found, name
        folders += [*found, *(one.parent for one in found)]
    for name in (each for cell in row[1:] for each in names(cell)):
        assert any((folder / name).exists() for folder in folders), name


def test_every_part_of_the_pack_has_a_row() -> None:
    """Whoever adds a package says what is in it."""
    named = {name for row in ROWS for name in names(row[0])}
    for part in (ROOT / "policypack").iterdir():
        if (part / "__init__.py").exists() and part.name != "rules":
            assert f"policypack/{part.name}/" in named, part.name
        elif part.suffix == ".py" and not part.name.startswith("__"):
            assert {part.name, f"policypack/{part.name}"} & named, part.name
    for group in (ROOT / "policypack" / "rules" / "least_privilege").iterdir():
        if (group / "__init__.py").exists():
            assert f"{group.name}/" in named, group.name
