"""Paths of properties: `ttl.enabled`, `productionVariants[].variantName`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def parents(value: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each object that may contain the last part of a path, with that part. Missing parts yield nothing."""
    head, _, rest = path.partition(".")
    if not rest:
        yield value, head
        return
    inner = value.get(head.removesuffix("[]"))
    for each in inner if isinstance(inner, list) else [inner]:
        if isinstance(each, dict):
            yield from parents(each, rest)


def without_indexes(path: str) -> str:
    """Convert a concrete path to a general one: `a[3].b` to `a[].b`, `tags["x"]` to `tags`."""
    out = ""
    while "[" in path:
        before, _, after = path.partition("[")
        index, _, path = after.partition("]")
        if not index.isdigit():
            return out + before
        out += f"{before}[]"
    return out + path


def is_covered(paths: frozenset[str], path: str) -> bool:
    """Whether one of the paths equals this one or contains it."""
    place = without_indexes(path)
    return any(place == each or place.startswith((f"{each}.", f"{each}[")) for each in paths)
