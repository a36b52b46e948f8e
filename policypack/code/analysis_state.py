"""What is known of a program while its code is read: who may hold what, what is called, and what cannot be told.

Values only ever get more: the code is read again and again until nothing is added. Attributes belong to their class.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import msgspec

from policypack.code.values import (
    NO_VALUES,
    OPAQUE,
    Value,
    ValueKind,
    Values,
    contains_aws_object,
    limit_strings,
    single,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Variable = tuple[str, str]


class AwsCalls(msgspec.Struct):
    """The operations that code calls, each `(service, operation)` with one place where it does.

    `open`: the first place that leaves it open whether there are more, as `handler.py:12`.
    """

    operations: dict[tuple[str, str], str] = {}
    unresolved: str = ""


class Scope(msgspec.Struct, eq=False):
    """Where names live: a module, a class body or a function. `names`: those that belong to it."""

    module: str
    key: str
    parent: Scope | None
    names: frozenset[str]
    class_key: str = ""  # the class, if this is the body of one
    path: str = ""
    type_checking_only: bool = False

    def enclosing_scopes(self) -> Iterator[Scope]:
        """This one and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Function(msgspec.Struct, eq=False):
    """A function or a lambda. `kind`: function, static, class or property."""

    node: FunctionNode
    scope: Scope
    class_key: str
    kind: str


class Class(msgspec.Struct, eq=False):
    """A class. `fields`: the parameters of the constructor that a dataclass or named tuple has."""

    name: str
    bases: tuple[str, ...]
    methods: dict[str, str]
    fields: tuple[str, ...]


class AnalysisState:
    """All of it, by keys that are the same each time the code is read."""

    def __init__(self) -> None:
        self.values: dict[Variable, Values] = {}
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.annotations: dict[Variable, tuple[ast.expr, Scope]] = {}
        self.variables_by_attribute: dict[str, set[Variable]] = {}
        self.functions_by_method: dict[str, set[str]] = {}
        self.changed = False
        self.calls = AwsCalls({})

    def add(self, slot: Variable, values: Values) -> None:
        """Something more that a name, an attribute, a parameter or a result may be."""
        known = self.values.get(slot, NO_VALUES)
        if not values <= known:
            merged = limit_strings(known | values)
            if merged != known:
                self.values[slot] = merged
                self.changed = True

    def get(self, slot: Variable) -> Values:
        """What it may be."""
        return self.values.get(slot, NO_VALUES)

    def add_attribute(self, owner: str, name: str, values: Values) -> None:
        """An attribute of a class, or of something that is not known (`owner` is empty then)."""
        slot = (f"{owner}.", name)
        self.variables_by_attribute.setdefault(name, set()).add(slot)
        self.add(slot, values)

    def attribute_values(self, owner: str, name: str) -> Values:
        """What an attribute of a class may be, its bases and those that have it as a base included."""
        family = {*self.class_and_bases(owner), *(key for key in self.classes if owner in self.class_and_bases(key))}
        return union(self.get((f"{key}.", name)) for key in ("", *sorted(family)))

    def any_attribute_values(self, name: str) -> Values:
        """What an attribute of something that is not known may be."""
        return union(self.get(slot) for slot in self.variables_by_attribute.get(name, ())) | OPAQUE

    def find_method(self, owner: str, name: str) -> str | None:
        """The function that a class has under a name, its own or a base's."""
        methods = (self.classes[key].methods.get(name) for key in self.class_and_bases(owner))
        return next((key for key in methods if key is not None), None)

    def class_and_bases(self, owner: str) -> Iterator[str]:
        """A class and its bases."""
        seen, left = set(), [owner]
        while left:
            key = left.pop(0)
            if key in self.classes and key not in seen:
                seen.add(key)
                yield key
                left += self.classes[key].bases

    def bound_method(self, key: str) -> Value:
        """A function as an attribute of an object."""
        static = self.functions[key].kind == "static"
        return Value(ValueKind.FUNCTION if static else ValueKind.BOUND_METHOD, key)

    def mark_unresolved(self, scope: Scope, node: ast.AST) -> None:
        """Here it cannot be told any more what is called."""
        self.calls.unresolved = self.calls.unresolved or source_location(scope, node)

    def record_call(self, scope: Scope, node: ast.AST, service: str, operation: str) -> None:
        """Here an operation is called."""
        self.calls.operations.setdefault((service, operation), source_location(scope, node))

    def mark_escaped(self, scope: Scope, node: ast.AST, values: Values) -> None:
        """Something leaves for where it cannot be followed."""
        if contains_aws_object(values):
            self.mark_unresolved(scope, node)


def source_location(scope: Scope, node: ast.AST) -> str:
    """Where something stands, as `store.py:31`."""
    return f"{scope.path}:{getattr(node, 'lineno', 1)}"


def bound_names(body: list[ast.stmt] | ast.expr) -> frozenset[str]:
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


def resolve_name(scope: Scope, name: str) -> Variable | None:
    """Where a name is kept that is used in a scope; None for a built-in one."""
    if name in scope.names:
        return (f"{scope.class_key}.", name) if scope.class_key else (scope.key, name)
    outer = scope.parent
    while outer is not None:
        if name in outer.names and not outer.class_key:
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


def external_value(name: str) -> Values:
    """Something from outside the archive."""
    return single(ValueKind.EXTERNAL, name)
