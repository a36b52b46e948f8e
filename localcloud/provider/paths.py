"""Paths through properties: `ttl.enabled`, `productionVariants[].variantName`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def owners(value: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each object that may hold the last part of a path, with that part. What is not there yields nothing."""
    head, _, rest = path.partition(".")
    if not rest:
        yield value, head
        return
    inner = value.get(head.removesuffix("[]"))
    for each in inner if isinstance(inner, list) else [inner]:
        if isinstance(each, dict):
            yield from owners(each, rest)


def general(path: str) -> str:
    """Turn a path of one place into that of all such places: `a[3].b` into `a[].b`, `tags["x"]` into `tags`."""
    out = ""
    while "[" in path:
        before, _, after = path.partition("[")
        index, _, path = after.partition("]")
        if not index.isdigit():
            return out + before
        out += f"{before}[]"
    return out + path


def covers(paths: frozenset[str], path: str) -> bool:
    """Tell whether one of the paths is this one or an object or list around it."""
    place = general(path)
    return any(place == each or place.startswith((f"{each}.", f"{each}[")) for each in paths)
