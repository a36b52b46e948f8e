"""What the expressions of a program stand for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from policypack.code import boto3_objects as aws
from policypack.code.analysis_state import Function, Scope, State, external, names_bound, slot_of
from policypack.code.arguments import Arguments
from policypack.code.values import (
    NONE,
    OPAQUE,
    Kind,
    Value,
    Values,
    carries,
    elements,
    many,
    one,
    row,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OF_AWS: Final = frozenset((Kind.BOTO, Kind.FOREIGN, Kind.RESOURCE, Kind.OBJECT, Kind.ANSWER))


class Expressions:
    """Reads expressions. `state` learns what is called."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.readers: dict[type, Callable[[Any, Scope], Values]] = {
            ast.Attribute: self._attribute,
            ast.Await: lambda node, scope: self.read(node.value, scope),
            ast.BinOp: self._sum,
            ast.BoolOp: lambda node, scope: union(self.read(value, scope) for value in node.values),
            ast.Compare: self._looked_at,
            ast.Constant: lambda node, _: one(Kind.TEXT, node.value) if isinstance(node.value, str) else NONE,
            ast.Dict: self._dict,
            ast.DictComp: lambda node, scope: self._comprehension(node, scope, node.value),
            ast.FormattedValue: self._looked_at,
            ast.GeneratorExp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.IfExp: self._either,
            ast.JoinedStr: self._looked_at,
            ast.Lambda: self._lambda,
            ast.List: self._row,
            ast.ListComp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.Name: self._name,
            ast.NamedExpr: self._named,
            ast.Set: self._row,
            ast.SetComp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.Slice: self._looked_at,
            ast.Starred: lambda node, scope: elements(self.read(node.value, scope)),
            ast.Subscript: self._item,
            ast.Tuple: self._row,
            ast.UnaryOp: self._looked_at,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield_from,
        }

    def read(self, node: ast.expr, scope: Scope) -> Values:
        """What an expression may stand for."""
        reader = self.readers.get(type(node))
        if reader is not None:
            return reader(node, scope)
        self.state.give_up(scope, node)
        return OPAQUE

    def store(self, target: ast.expr, values: Values, scope: Scope) -> None:
        """Give a name, an attribute or an item these values."""
        match target:
            case ast.Name(id=name):
                self.state.add(slot_of(scope, name) or (scope.key, name), values)
                if scope.owner:
                    self.state.hold(scope.owner, name, values)
            case ast.Attribute(value=of, attr=name):
                self._hold(self.read(of, scope), name, values)
            case ast.Subscript(value=of):
                self.read(target.slice, scope)
                if carries(values):
                    self.store(of, many(values), scope)
                self.read(of, scope)
            case ast.Starred(value=inner):
                self.store(inner, many(values), scope)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, values, scope)

    def _hold(self, holders: Values, name: str, values: Values) -> None:
        owners = {holder.name for holder in holders if holder.kind in {Kind.INSTANCE, Kind.CLASS}}
        for holder in holders:
            if holder.kind is Kind.MODULE:
                self.state.add((holder.name, name), values)
        if owners or carries(values):
            for owner in owners or {""}:
                self.state.hold(owner, name, values)

    def _unpack(self, parts: list[ast.expr], values: Values, scope: Scope) -> None:
        starred = any(isinstance(part, ast.Starred) for part in parts)
        for at, part in enumerate(parts):
            found: Values = NONE
            for value in values:
                if value.kind is Kind.TUPLE and len(value.of) == len(parts) and not starred:
                    found |= value.of[at]
                elif value.kind is Kind.INSTANCE and value.name in self.state.classes:
                    fields = self.state.classes[value.name].fields
                    found |= union(self.state.held(value.name, field) for field in fields)
                else:
                    found |= elements(frozenset((value,)))
            self.store(part, found, scope)

    def _looked_at(self, node: ast.expr, scope: Scope) -> Values:
        """An expression that keeps nothing of what is in it, as a comparison."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.read(part, scope)
        return OPAQUE

    def _name(self, node: ast.Name, scope: Scope) -> Values:
        slot = slot_of(scope, node.id)
        return external(f"builtins.{node.id}") if slot is None else self.state.load(slot)

    def _named(self, node: ast.NamedExpr, scope: Scope) -> Values:
        values = self.read(node.value, scope)
        self.store(node.target, values, scope)
        return values

    def _either(self, node: ast.IfExp, scope: Scope) -> Values:
        self.read(node.test, scope)
        return self.read(node.body, scope) | self.read(node.orelse, scope)

    def _sum(self, node: ast.BinOp, scope: Scope) -> Values:
        both = self.read(node.left, scope) | self.read(node.right, scope)
        kept = frozenset(value for value in both if value.of)
        return (many(elements(kept)) if kept else NONE) | OPAQUE

    def _row(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Values:
        parts = [self.read(part, scope) for part in node.elts]
        if isinstance(node, ast.Tuple) and not any(isinstance(part, ast.Starred) for part in node.elts):
            return row(parts)
        return many(union(parts))

    def _dict(self, node: ast.Dict, scope: Scope) -> Values:
        for key in node.keys:
            if key is not None:
                self.read(key, scope)
        values = [self.read(value, scope) for value in node.values]
        return many(union(part if key else elements(part) for key, part in zip(node.keys, values, strict=True)))

    def _comprehension(self, node: Any, scope: Scope, element: ast.expr) -> Values:
        for part in node.generators:
            self.store(part.target, elements(self.read(part.iter, scope)), scope)
            for test in part.ifs:
                self.read(test, scope)
        if isinstance(node, ast.DictComp):
            self.read(node.key, scope)
        return many(self.read(element, scope))

    def _item(self, node: ast.Subscript, scope: Scope) -> Values:
        self.read(node.slice, scope)
        found: Values = NONE
        for value in self.read(node.value, scope):
            match value.kind, node.slice:
                case Kind.TUPLE, ast.Constant(value=int(at)) if at < len(value.of):
                    found |= value.of[at]
                case Kind.CLASS, _:
                    found |= {value}
                case Kind.CLIENT | Kind.BOTO | Kind.OBJECT | Kind.RESOURCE, _:
                    self.state.give_up(scope, node)
                case _:
                    found |= elements(frozenset((value,)))
        return found

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Values:
        key = f"{scope.key}.<{node.lineno}:{node.col_offset}>"
        names = names_bound(node.body) | frozenset(Arguments.parameters(node))
        inner = Scope(scope.module, key, scope, names, path=scope.path)
        self.state.functions.setdefault(key, Function(node, inner, "", "function"))
        self.defaults(node, inner, scope)
        self.state.add(("result", key), self.read(node.body, inner))
        return one(Kind.FUNCTION, key)

    def defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, inner: Scope, scope: Scope) -> None:
        """Give parameters the values that they have of themselves."""
        every = [*node.args.posonlyargs, *node.args.args]
        for parameter, default in zip(every[len(every) - len(node.args.defaults) :], node.args.defaults, strict=True):
            self.state.add((inner.key, parameter.arg), self.read(default, scope))
        for parameter, other in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if other is not None:
                self.state.add((inner.key, parameter.arg), self.read(other, scope))

    def _yield(self, node: ast.Yield, scope: Scope) -> Values:
        if node.value is not None:
            self.gives(many(self.read(node.value, scope)), node, scope)
        return OPAQUE

    def _yield_from(self, node: ast.YieldFrom, scope: Scope) -> Values:
        self.gives(self.read(node.value, scope), node, scope)
        return OPAQUE

    def gives(self, values: Values, node: ast.AST, scope: Scope) -> None:
        """Add to what a function gives. What Python itself calls, as `__getitem__`, is not followed."""
        self.state.add(("result", scope.key), values)
        if scope.key.rpartition(".")[2].startswith("__"):
            self.state.escape(scope, node, values)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Values:
        holders = self.read(node.value, scope)
        clients = frozenset(holder.name for holder in holders if holder.kind is Kind.CLIENT)
        found = aws.operation(self.state, scope, node, node.attr, clients) if clients else NONE
        for holder in holders:
            if holder.kind is not Kind.CLIENT:
                found |= self.of(holder, node, scope)
        return found if holders else self.state.anywhere(node.attr)

    def of(self, holder: Value, node: ast.Attribute, scope: Scope) -> Values:
        """What an attribute of one thing is, clients aside."""
        name = node.attr
        match holder.kind:
            case kind if kind in OF_AWS:
                return aws.attribute(self.state, scope, node, holder)
            case Kind.MODULE:
                inner = f"{holder.name}.{name}"
                found = self.state.load((holder.name, name))
                return found | one(Kind.MODULE, inner) if ("module", inner) in self.state.slots else found
            case Kind.INSTANCE | Kind.CLASS:
                return self._member(holder, name)
            case Kind.EXTERNAL:
                return external(f"{holder.name}.{name}")
            case Kind.MANY | Kind.TUPLE:
                return frozenset((holder,))
            case Kind.OPAQUE:
                return self.state.anywhere(name)
            case _:
                return OPAQUE

    def _member(self, holder: Value, name: str) -> Values:
        state = self.state
        method = state.method(holder.name, name)
        if method is None:
            return state.held(holder.name, name)
        function = state.functions[method]
        if function.kind == "property" and holder.kind is Kind.INSTANCE:
            return state.load(("result", method)) | state.held(holder.name, name)
        if holder.kind is Kind.INSTANCE or function.kind == "class":
            return frozenset((state.bound(method),)) | state.held(holder.name, name)
        return one(Kind.FUNCTION, method)
