"""What is known about a run from its beginning: which stack it is about, and what kind of run."""

from __future__ import annotations

from typing import Literal

import msgspec


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine says about the run: which stack, and whether it is a preview. `tags` are the stack's."""

    organization: str = ""
    project: str = ""
    stack: str = ""
    preview: bool = False
    tags: dict[str, str] = {}

    @property
    def kind(self) -> Literal["preview", "up"]:
        """`preview` or `up`: they report into different files."""
        return "preview" if self.preview else "up"
