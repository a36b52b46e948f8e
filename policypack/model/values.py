"""Property values: plain Python, except for what is unknown and what is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED = "[secret]"


class Undecided(Exception):  # noqa: N818 - a verdict, not an error
    """A rule looked at a value that is not known yet. `path` says which property, as `environment.variables.MODE`."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path} is not known yet")


class Unknown:
    """A value that only the deployment will bring. To hold it is free; to look at it raises `Undecided`."""

    __slots__ = ("path",)

    def __init__(self, path: str = "") -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"Unknown({self.path!r})"

    def _look(self, *_: object) -> NoReturn:
        raise Undecided(self.path)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # copy, pickle and inspect ask politely
            raise AttributeError(name)
        raise Undecided(self.path)

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _look
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _look
    __str__ = __format__ = __int__ = __float__ = __index__ = _look
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _look
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __abs__ = __call__ = _look


def is_unknown(value: object) -> bool:
    """Whether the value itself is unknown. Never raises."""
    return type(value) is Unknown


def contains_unknown(value: object) -> bool:
    """Whether the value, or anything nested in it, is unknown. Never raises."""
    if isinstance(value, dict):
        return any(map(contains_unknown, value.values()))
    if isinstance(value, list):
        return any(map(contains_unknown, value))
    return type(value) is Unknown


class _Secret:
    """Compares as the value it is, prints as `[secret]`, so that no message can carry it."""

    __slots__ = ()

    def __str__(self) -> str:
        return REDACTED

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return REDACTED


class SecretText(_Secret, str):
    """Text that the program marked as secret."""

    __slots__ = ()


class SecretInt(_Secret, int):
    """A whole number that the program marked as secret."""


class SecretFloat(_Secret, float):
    """A number that the program marked as secret."""

    __slots__ = ()


def secret(value: Any) -> Any:
    """Mark a plain value, or every leaf of a nested one, as secret. Booleans, null and unknowns stay as they are."""
    if isinstance(value, dict):
        return {key: secret(item) for key, item in value.items()}
    if isinstance(value, list):
        return [secret(item) for item in value]
    kind = _SECRETS.get(type(value))
    return kind(value) if kind else value


_SECRETS: dict[type, type] = {str: SecretText, int: SecretInt, float: SecretFloat}


def is_secret(value: object) -> bool:
    """Whether the value is a leaf that the program marked as secret."""
    return isinstance(value, _Secret)


class Asset(msgspec.Struct, frozen=True):
    """A file or text that the program uploads. `path` is relative to the program; `hash` is the engine's SHA-256."""

    hash: str = ""
    path: str = ""
    text: str = ""
    uri: str = ""


class Archive(msgspec.Struct, frozen=True):
    """A folder or bundle that the program uploads: at a path, at a URI, or of named assets."""

    hash: str = ""
    path: str = ""
    uri: str = ""
    assets: dict[str, Any] = {}


class Reference(msgspec.Struct, frozen=True):
    """A property that holds a whole resource. `id` may be unknown."""

    urn: str
    id: Any = None


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a property value, at any depth, secret ones as `SecretText`; of a `Reference` its URN."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, Reference):
        yield value.urn


def plain_texts_in(value: object) -> Iterator[str]:
    """Yield every text in a property value that is not secret, so that it may get into a message."""
    return (text for text in texts_in(value) if not is_secret(text))
