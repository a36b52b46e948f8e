"""The page, and the parts of it that the program says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from localcloud.checkout import ROOT
from tools.docs.picture import network_picture, picture
from tools.docs.settings_table import settings_table
from tools.docs.stacks import CONFIGURATIONS, SHAPES, deployed
from tools.docs.tables import alarms_table, exports_table, grants_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.docs.stacks import Deployed

PAGE: Final = ROOT / "docs" / "reference-stack.md"
PART: Final = re.compile(r"<!-- made by `make docs`: ([\w-]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def everything() -> dict[str, Deployed]:
    """The program's stack in every configuration."""
    return {name: deployed(values) for name, values in CONFIGURATIONS.items()}


def parts(stacks: Mapping[str, Deployed]) -> dict[str, str]:
    """What the program says, by the name of the part of the page."""
    pictures = {
        **{shape: picture(stacks[shape].stack) for shape in SHAPES},
        "events": picture(stacks["events"].stack, {"ingress", "work"}),
        "http": picture(stacks["http"].stack, {"ingress", "work"}),
        "vpc": network_picture(stacks["vpc"].stack),
    }
    return {
        **{f"picture-{name}": f"```mermaid\n{text}\n```" for name, text in pictures.items()},
        "grants": grants_table(stacks),
        "alarms": alarms_table(stacks),
        "settings": settings_table(),
        "exports": exports_table(stacks),
    }


def rendered(page: str, made: Mapping[str, str]) -> str:
    """The page with its parts as they should be. Raises LookupError when a part is missing or is none."""
    names = [part[1] for part in PART.finditer(page)]
    if sorted(names) != sorted(made):
        raise LookupError(f"the page has the parts {', '.join(names)}, the program says {', '.join(made)}")
    return PART.sub(lambda part: f"<!-- made by `make docs`: {part[1]} -->\n{made[part[1]]}\n<!-- end -->\n", page)


def stale(page: str, made: Mapping[str, str]) -> list[str]:
    """The parts of a page that are not what they should be."""
    return [part[1] for part in PART.finditer(page) if part[2] != f"{made[part[1]]}\n"]
