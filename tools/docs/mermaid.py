"""Flowcharts as Mermaid text, which GitHub renders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.model import BUCKET, ENDPOINT, FUNCTION, QUEUE, TABLE, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.architecture.integrations import Integration
    from tools.docs.boxes import Box, Frame

SHAPES: Final = {
    QUEUE: ("[[", "]]"),
    FUNCTION: ("([", "])"),
    TABLE: ("[(", ")]"),
    BUCKET: ("[(", ")]"),
    ENDPOINT: ("([", "])"),
    TOPIC: (">", "]"),
}
RECTANGLE: Final = ("[", "]")


def flowchart(frames: Sequence[Frame], integrations: Iterable[Integration]) -> str:
    """A flowchart with a frame per component and a box per resource. Integrations with an end outside are left out.

    Arrows come first, in the given order: Mermaid arranges boxes in the order in which they appear.
    """
    ids = {box.urn: _id(box) for frame in frames for box in frame.boxes}
    lines = ["flowchart TB"]
    lines += [
        f"  {ids[each.source]} {_arrow(each)} {ids[each.target]}"
        for each in integrations
        if each.source in ids and each.target in ids
    ]
    for frame in frames:
        lines.append(f'  subgraph group_{_word(frame.name)}["{_title(frame)}"]')
        lines += [f"    {_box(box, ids[box.urn])}" for box in frame.boxes]
        lines.append("  end")
    return "\n".join(lines)


def _title(frame: Frame) -> str:
    alarms = f", {frame.alarms} alarms" if frame.alarms > 1 else ", 1 alarm" if frame.alarms else ""
    return f"{frame.name}: {frame.type.rpartition(':')[2]}{alarms}"


def _box(box: Box, id_: str) -> str:
    name, *rest = box.lines
    begin, end = SHAPES.get(box.type, RECTANGLE)
    return f'{id_}{begin}"{"<br/>".join([f"<b>{name}</b>", *rest])}"{end}'


def _arrow(integration: Integration) -> str:
    shaft = "-.->" if integration.on_failure else "-->"
    label = integration.label.replace("\n", "<br/>")
    return f'{shaft}|"{label}"|' if label else shaft


def _id(box: Box) -> str:
    return _word(f"{box.type.rpartition(':')[2]}_{box.lines[0]}").lower()


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)
