"""What a policy sees of a request's properties: its own to change, copied only where it changes them.

By type and by name the views are pulumi_policy's own unknown-checking proxies, for whoever tests for those, or reads
their names in an error. Only where the values are kept differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from policypack.dropin.nodes import Array, Node, Special, Struct
from policypack.model.signatures import UNKNOWNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    _Dict: TypeAlias = Mapping[str, Any]
    _List: TypeAlias = Sequence[Any]
else:
    _Dict = type(unknown_checking_proxy({}))
    _List = type(unknown_checking_proxy([]))

_UNKNOWN_LENGTH: Final = 36  # characters; spares hashing long texts


class DictView(_Dict):
    """An object's values, read-only but for `[key] = value`. Raises UnknownValueError where a value is unknown."""

    __slots__ = ("_path", "_struct", "_values")

    def __init__(self, struct: Struct | dict[str, Any], path: tuple[str, ...] = ()) -> None:
        """Show a shared object, or (when given a dict) values that belong to this policy already."""
        self._path = path
        self._struct = struct if isinstance(struct, Struct) else None
        self._values = None if isinstance(struct, Struct) else struct

    def __getitem__(self, key: Any) -> Any:
        if key == "__target":
            return self._target()
        value = self._read()[key]
        if isinstance(value, str):
            _check(value, self._path, key)
        elif isinstance(value, Node):
            value = self._own()[key] = _view(value, (*self._path, str(key)))
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        self._own()[key] = value

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[str]:
        return iter(self._own())  # its own, so that writing a new key while iterating raises as it does on a dict

    def __reduce__(self) -> tuple[Any, ...]:
        return _dict_view, (self._target(), self._path)

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            assert self._struct is not None  # noqa: S101 - one of the two is always there
            self._values = self._struct.values()
        return self._values

    def _own(self) -> dict[str, Any]:
        values = self._read()
        if self._struct is not None:
            values = self._values = dict(values)
            self._struct = None
        return values

    def _target(self) -> dict[str, Any]:
        """The values as this policy left them, unknowns as the text they are on the wire."""
        values = self._own()
        for key, value in values.items():
            if isinstance(value, Node):
                values[key] = _view(value, (*self._path, key))
        return values


class ListView(_List):
    """A list's values, read-only. Raises UnknownValueError where a value is unknown, except in slices."""

    __slots__ = ("_array", "_path", "_values")

    def __init__(self, array: Array | list[Any], path: tuple[str, ...] = ()) -> None:
        """Show a shared list, or (when given a list) values that belong to this policy already."""
        self._path = path
        self._array = array if isinstance(array, Array) else None
        self._values = None if isinstance(array, Array) else array

    def __getitem__(self, key: Any) -> Any:
        if key == "__target":
            return self._target()
        values = self._read()
        if isinstance(key, slice):
            return [self._element(index) for index in range(*key.indices(len(values)))]
        value = values[key]
        if isinstance(value, str):
            _check(value, self._path, key)
        elif isinstance(value, Node):
            value = self._element(range(len(values))[key])
        return value

    def __len__(self) -> int:
        return len(self._read())

    def __reduce__(self) -> tuple[Any, ...]:
        return _list_view, (self._target(), self._path)

    def _read(self) -> list[Any]:
        if self._values is None:
            assert self._array is not None  # noqa: S101 - one of the two is always there
            self._values = self._array.values()
        return self._values

    def _own(self) -> list[Any]:
        values = self._read()
        if self._array is not None:
            values = self._values = list(values)
            self._array = None
        return values

    def _element(self, index: int) -> Any:
        value = self._read()[index]
        if isinstance(value, Node):
            value = self._own()[index] = _view(value, (*self._path, str(index)))
        return value

    def _target(self) -> list[Any]:
        """The values as this policy left them, unknowns as the text they are on the wire."""
        for index in range(len(self)):
            self._element(index)
        return self._own()


def _check(text: str, path: tuple[str, ...], key: Any) -> None:
    if len(text) == _UNKNOWN_LENGTH and text in UNKNOWNS:
        raise UnknownValueError(text, [*path, str(key)])


def _view(node: Node, path: tuple[str, ...]) -> Any:
    """One policy's own version of a shared node."""
    if isinstance(node, Struct):
        return DictView(node, path)
    if isinstance(node, Array):
        return ListView(node, path)
    assert isinstance(node, Special)  # noqa: S101 - there is no fourth kind
    return node.decode()


def _dict_view(values: dict[str, Any], path: tuple[str, ...]) -> DictView:
    return DictView(values, path)


def _list_view(values: list[Any], path: tuple[str, ...]) -> ListView:
    return ListView(values, path)


for _ours, _theirs in ((DictView, _Dict), (ListView, _List)):
    _ours.__name__, _ours.__qualname__, _ours.__module__ = _theirs.__name__, _theirs.__qualname__, _theirs.__module__
