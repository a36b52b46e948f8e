"""Pictures as Mermaid text, which GitHub draws and everybody can read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.model import BUCKET, ENDPOINT, FUNCTION, QUEUE, TABLE, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.docs.graph import Edge, Group, Node

SHAPES: Final = {
    QUEUE: ("[[", "]]"),
    FUNCTION: ("([", "])"),
    TABLE: ("[(", ")]"),
    BUCKET: ("[(", ")]"),
    ENDPOINT: ("([", "])"),
    TOPIC: (">", "]"),
}
RECTANGLE: Final = ("[", "]")


def flowchart(groups: Sequence[Group], edges: Iterable[Edge]) -> str:
    """A picture: a frame a component, a box a resource. Edges whose ends are not both in it are left out.

    Edges come first, in the order of the work: Mermaid lays boxes out in the order in which it meets them.
    """
    ids = {node.urn: _id(node) for group in groups for node in group.nodes}
    lines = ["flowchart TB"]
    lines += [
        f"  {ids[edge.source]} {_arrow(edge)} {ids[edge.target]}"
        for edge in edges
        if edge.source in ids and edge.target in ids
    ]
    for group in groups:
        lines.append(f'  subgraph group_{_word(group.name)}["{_title(group)}"]')
        lines += [f"    {_box(node, ids[node.urn])}" for node in group.nodes]
        lines.append("  end")
    return "\n".join(lines)


def _title(group: Group) -> str:
    alarms = f", {group.alarms} alarms" if group.alarms > 1 else ", 1 alarm" if group.alarms else ""
    return f"{group.name}: {group.type.rpartition(':')[2]}{alarms}"


def _box(node: Node, id_: str) -> str:
    name, *rest = node.lines
    begin, end = SHAPES.get(node.type, RECTANGLE)
    return f'{id_}{begin}"{"<br/>".join([f"<b>{name}</b>", *rest])}"{end}'


def _arrow(edge: Edge) -> str:
    shaft = "-.->" if edge.weak else "-->"
    return f'{shaft}|"{edge.label}"|' if edge.label else shaft


def _id(node: Node) -> str:
    return _word(f"{node.type.rpartition(':')[2]}_{node.lines[0]}").lower()


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)
