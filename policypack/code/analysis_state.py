"""What is known of a program while its code is read: who may hold what, what is called, and what cannot be told.

Values only ever get more: the code is read again and again until nothing is added. Attributes belong to their class.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import msgspec

from policypack.code.values import NONE, OPAQUE, Kind, Value, Values, carries, fewer, one, union

if TYPE_CHECKING:
    from collections.abc import Iterator

Callable_ = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Slot = tuple[str, str]


class Calls(msgspec.Struct):
    """The operations that code calls, each `(service, operation)` with one place where it does.

    `open`: the first place that leaves it open whether there are more, as `handler.py:12`.
    """

    made: dict[tuple[str, str], str] = {}
    open: str = ""


class Scope(msgspec.Struct, eq=False):
    """Where names live: a module, a class body or a function. `names`: those that belong to it."""

    module: str
    key: str
    parent: Scope | None
    names: frozenset[str]
    owner: str = ""  # the class, if this is the body of one
    path: str = ""
    typing: bool = False

    def outwards(self) -> Iterator[Scope]:
        """This one and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Function(msgspec.Struct, eq=False):
    """A function or a lambda. `kind`: function, static, class or property."""

    node: Callable_
    scope: Scope
    owner: str
    kind: str


class Class(msgspec.Struct, eq=False):
    """A class. `fields`: the parameters of the constructor that a dataclass or named tuple has."""

    name: str
    bases: tuple[str, ...]
    methods: dict[str, str]
    fields: tuple[str, ...]


class State:
    """All of it, by keys that are the same each time the code is read."""

    def __init__(self) -> None:
        self.slots: dict[Slot, Values] = {}
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.annotated: dict[Slot, tuple[ast.expr, Scope]] = {}
        self.by_attribute: dict[str, set[Slot]] = {}
        self.by_method: dict[str, set[str]] = {}
        self.changed = False
        self.calls = Calls({})

    def add(self, slot: Slot, values: Values) -> None:
        """Something more that a name, an attribute, a parameter or a result may be."""
        known = self.slots.get(slot, NONE)
        if not values <= known:
            merged = fewer(known | values)
            if merged != known:
                self.slots[slot] = merged
                self.changed = True

    def load(self, slot: Slot) -> Values:
        """What it may be."""
        return self.slots.get(slot, NONE)

    def hold(self, owner: str, name: str, values: Values) -> None:
        """An attribute of a class, or of something that is not known (`owner` is empty then)."""
        slot = (f"{owner}.", name)
        self.by_attribute.setdefault(name, set()).add(slot)
        self.add(slot, values)

    def held(self, owner: str, name: str) -> Values:
        """What an attribute of a class may be, its bases and those that have it as a base included."""
        family = {*self.lineage(owner), *(key for key in self.classes if owner in self.lineage(key))}
        return union(self.load((f"{key}.", name)) for key in ("", *sorted(family)))

    def anywhere(self, name: str) -> Values:
        """What an attribute of something that is not known may be."""
        return union(self.load(slot) for slot in self.by_attribute.get(name, ())) | OPAQUE

    def method(self, owner: str, name: str) -> str | None:
        """The function that a class has under a name, its own or a base's."""
        methods = (self.classes[key].methods.get(name) for key in self.lineage(owner))
        return next((key for key in methods if key is not None), None)

    def lineage(self, owner: str) -> Iterator[str]:
        """A class and its bases."""
        seen, left = set(), [owner]
        while left:
            key = left.pop(0)
            if key in self.classes and key not in seen:
                seen.add(key)
                yield key
                left += self.classes[key].bases

    def bound(self, key: str) -> Value:
        """A function as an attribute of an object."""
        static = self.functions[key].kind == "static"
        return Value(Kind.FUNCTION if static else Kind.BOUND, key)

    def give_up(self, scope: Scope, node: ast.AST) -> None:
        """Here it cannot be told any more what is called."""
        self.calls.open = self.calls.open or place(scope, node)

    def record(self, scope: Scope, node: ast.AST, service: str, operation: str) -> None:
        """Here an operation is called."""
        self.calls.made.setdefault((service, operation), place(scope, node))

    def escape(self, scope: Scope, node: ast.AST, values: Values) -> None:
        """Something leaves for where it cannot be followed."""
        if carries(values):
            self.give_up(scope, node)


def place(scope: Scope, node: ast.AST) -> str:
    """Where something stands, as `store.py:31`."""
    return f"{scope.path}:{getattr(node, 'lineno', 1)}"


def names_bound(body: list[ast.stmt] | ast.expr) -> frozenset[str]:
    """The names that code itself binds, without what the functions and classes in it bind."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    left: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while left:
        node = left.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.add(node.name)
                continue
            case ast.Lambda():
                continue
            case ast.Name(id=name, ctx=ast.Store()):
                bound.add(name)
            case ast.alias(name=name, asname=other):
                bound.add(other or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                elsewhere.update(names)
        left.extend(ast.iter_child_nodes(node))
    return frozenset(bound - elsewhere)


def slot_of(scope: Scope, name: str) -> Slot | None:
    """Where a name is kept that is used in a scope; None for a built-in one."""
    if name in scope.names:
        return (f"{scope.owner}.", name) if scope.owner else (scope.key, name)
    outer = scope.parent
    while outer is not None:
        if name in outer.names and not outer.owner:
            return (outer.key, name)
        outer = outer.parent
    return None


SAFE_LIBRARIES: Final = frozenset(
    (
        *("attr", "attrs", "aws_xray_sdk", "cachetools", "cryptography", "dateutil", "jinja2", "jose", "jsonschema"),
        *("jwt", "msgspec", "numpy", "orjson", "pydantic", "pydantic_settings", "pytz", "requests", "simplejson"),
        *("structlog", "tenacity", "typing_extensions", "urllib3", "yaml", "mypy_boto3", "httpx", "botocore"),
    )
)
"""Packages that call nothing of AWS's by themselves that the role's data actions are about."""

UNSAFE_MODULES: Final = frozenset(("ctypes", "importlib", "multiprocessing", "pickle", "runpy", "subprocess"))
"""Modules of Python that run what cannot be read here."""


def external(name: str) -> Values:
    """Something from outside the archive."""
    return one(Kind.EXTERNAL, name)
