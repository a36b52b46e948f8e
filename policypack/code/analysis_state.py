"""The state of the analysis of a program: the possible values of its variables, and the calls to AWS found so far.

The analysis only adds values. It evaluates the code repeatedly until nothing is added (a fixed point). The attributes
of all instances of a class are treated as one variable of the class.
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
    """The operations that code calls: each `(service, operation)` with one source location.

    `unresolved` is the first source location whose calls cannot be determined, for example `handler.py:12`, or empty.
    """

    operations: dict[tuple[str, str], str] = {}
    unresolved: str = ""


class Scope(msgspec.Struct, eq=False):
    """A scope: a module, a class body or a function. `names` are the names that are bound in it.

    `type_checking_only`: the code runs only in a type checker (`if TYPE_CHECKING`).
    """

    module: str
    key: str
    parent: Scope | None
    names: frozenset[str]
    class_key: str = ""  # the key of the class, if this is a class body
    path: str = ""
    type_checking_only: bool = False

    def enclosing_scopes(self) -> Iterator[Scope]:
        """This scope and the scopes around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Function(msgspec.Struct, eq=False):
    """A function or a lambda. `kind` is function, static, class or property."""

    node: FunctionNode
    scope: Scope
    class_key: str
    kind: str


class Class(msgspec.Struct, eq=False):
    """A class. `fields` are its annotated names, the constructor parameters of a dataclass or named tuple."""

    name: str
    bases: tuple[str, ...]
    methods: dict[str, str]
    fields: tuple[str, ...]


class AnalysisState:
    """The state of the analysis. Its keys are the same each time the code is evaluated."""

    def __init__(self) -> None:
        self.values: dict[Variable, Values] = {}
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.annotations: dict[Variable, tuple[ast.expr, Scope]] = {}
        self.variables_by_attribute: dict[str, set[Variable]] = {}
        self.functions_by_method: dict[str, set[str]] = {}
        self.changed = False
        self.calls = AwsCalls({})

    def add(self, variable: Variable, values: Values) -> None:
        """Add possible values of a variable, an attribute, a parameter or the result of a function."""
        known = self.values.get(variable, NO_VALUES)
        if not values <= known:
            merged = limit_strings(known | values)
            if merged != known:
                self.values[variable] = merged
                self.changed = True

    def get(self, variable: Variable) -> Values:
        """The possible values of a variable."""
        return self.values.get(variable, NO_VALUES)

    def add_attribute(self, owner: str, name: str, values: Values) -> None:
        """Add possible values of an attribute of a class. `owner` is empty if the class is unknown."""
        variable = (f"{owner}.", name)
        self.variables_by_attribute.setdefault(name, set()).add(variable)
        self.add(variable, values)

    def attribute_values(self, owner: str, name: str) -> Values:
        """The possible values of an attribute of a class, including its base classes and subclasses."""
        family = {*self.class_and_bases(owner), *(key for key in self.classes if owner in self.class_and_bases(key))}
        return union(self.get((f"{key}.", name)) for key in ("", *sorted(family)))

    def any_attribute_values(self, name: str) -> Values:
        """The possible values of an attribute of an unknown object."""
        return union(self.get(variable) for variable in self.variables_by_attribute.get(name, ())) | OPAQUE

    def find_method(self, owner: str, name: str) -> str | None:
        """The key of the method with this name, of the class or of a base class."""
        methods = (self.classes[key].methods.get(name) for key in self.class_and_bases(owner))
        return next((key for key in methods if key is not None), None)

    def class_and_bases(self, owner: str) -> Iterator[str]:
        """A class and its base classes."""
        seen, left = set(), [owner]
        while left:
            key = left.pop(0)
            if key in self.classes and key not in seen:
                seen.add(key)
                yield key
                left += self.classes[key].bases

    def bound_method(self, key: str) -> Value:
        """The value of a method that is accessed through an object."""
        static = self.functions[key].kind == "static"
        return Value(ValueKind.FUNCTION if static else ValueKind.BOUND_METHOD, key)

    def mark_unresolved(self, scope: Scope, node: ast.AST) -> None:
        """Record that the calls at this source location cannot be determined."""
        self.calls.unresolved = self.calls.unresolved or source_location(scope, node)

    def record_call(self, scope: Scope, node: ast.AST, service: str, operation: str) -> None:
        """Record a call of an operation."""
        self.calls.operations.setdefault((service, operation), source_location(scope, node))

    def mark_escaped(self, scope: Scope, node: ast.AST, values: Values) -> None:
        """Record that values are passed to code that is not analyzed. If one can call AWS, its calls are unresolved."""
        if contains_aws_object(values):
            self.mark_unresolved(scope, node)


def source_location(scope: Scope, node: ast.AST) -> str:
    """The file and line of a node, for example `store.py:31`."""
    return f"{scope.path}:{getattr(node, 'lineno', 1)}"


def bound_names(body: list[ast.stmt] | ast.expr) -> frozenset[str]:
    """The names that code binds, without those bound inside its functions and classes."""
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
    """The variable that a name refers to in a scope. None for a built-in name."""
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
"""Packages that do not call AWS by themselves."""

UNSAFE_MODULES: Final = frozenset(("ctypes", "importlib", "multiprocessing", "pickle", "runpy", "subprocess"))
"""Modules of the standard library that run code or commands that cannot be analyzed."""


def external_value(name: str) -> Values:
    """The value of a name from outside the archive."""
    return single(ValueKind.EXTERNAL, name)
