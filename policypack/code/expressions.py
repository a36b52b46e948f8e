"""Evaluate the expressions of a program: the possible values of each expression."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from policypack.code import boto3_objects as aws
from policypack.code.analysis_state import AnalysisState, Function, Scope, bound_names, external_value, resolve_name
from policypack.code.arguments import Arguments
from policypack.code.assignments import AssignmentEvaluator
from policypack.code.values import (
    AWS_OBJECT_KINDS,
    NO_VALUES,
    OPAQUE,
    Value,
    ValueKind,
    Values,
    collection_of,
    elements_of,
    single,
    tuple_of,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class ExpressionEvaluator(AssignmentEvaluator):
    """Evaluates expressions. Calls and values are added to `state`."""

    def __init__(self, state: AnalysisState) -> None:
        super().__init__(state)
        self.evaluators: dict[type, Callable[[Any, Scope], Values]] = {
            ast.Attribute: self._attribute,
            ast.Await: lambda node, scope: self.evaluate(node.value, scope),
            ast.BinOp: self._binary_operation,
            ast.BoolOp: lambda node, scope: union(self.evaluate(value, scope) for value in node.values),
            ast.Compare: self._evaluate_parts,
            ast.Constant: lambda node, _: (
                single(ValueKind.STRING, node.value) if isinstance(node.value, str) else NO_VALUES
            ),
            ast.Dict: self._dict,
            ast.DictComp: lambda node, scope: self._comprehension(node, scope, node.value),
            ast.FormattedValue: self._evaluate_parts,
            ast.GeneratorExp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.IfExp: self._conditional,
            ast.JoinedStr: self._evaluate_parts,
            ast.Lambda: self._lambda,
            ast.List: self._sequence,
            ast.ListComp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.Name: self._name,
            ast.NamedExpr: self._named_expression,
            ast.Set: self._sequence,
            ast.SetComp: lambda node, scope: self._comprehension(node, scope, node.elt),
            ast.Slice: self._evaluate_parts,
            ast.Starred: lambda node, scope: elements_of(self.evaluate(node.value, scope)),
            ast.Subscript: self._subscript,
            ast.Tuple: self._sequence,
            ast.UnaryOp: self._evaluate_parts,
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield_from,
        }

    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        """The possible values of an expression."""
        evaluator = self.evaluators.get(type(node))
        if evaluator is not None:
            return evaluator(node, scope)
        self.state.mark_unresolved(scope, node)
        return OPAQUE

    def _evaluate_parts(self, node: ast.expr, scope: Scope) -> Values:
        """Evaluate an expression whose result contains none of its parts, such as a comparison."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.evaluate(part, scope)
        return OPAQUE

    def _name(self, node: ast.Name, scope: Scope) -> Values:
        variable = resolve_name(scope, node.id)
        return external_value(f"builtins.{node.id}") if variable is None else self.state.get(variable)

    def _named_expression(self, node: ast.NamedExpr, scope: Scope) -> Values:
        values = self.evaluate(node.value, scope)
        self.assign(node.target, values, scope)
        return values

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Values:
        self.evaluate(node.test, scope)
        return self.evaluate(node.body, scope) | self.evaluate(node.orelse, scope)

    def _binary_operation(self, node: ast.BinOp, scope: Scope) -> Values:
        both = self.evaluate(node.left, scope) | self.evaluate(node.right, scope)
        kept = frozenset(value for value in both if value.items)
        return (collection_of(elements_of(kept)) if kept else NO_VALUES) | OPAQUE

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Values:
        parts = [self.evaluate(part, scope) for part in node.elts]
        if isinstance(node, ast.Tuple) and not any(isinstance(part, ast.Starred) for part in node.elts):
            return tuple_of(parts)
        return collection_of(union(parts))

    def _dict(self, node: ast.Dict, scope: Scope) -> Values:
        for key in node.keys:
            if key is not None:
                self.evaluate(key, scope)
        values = [self.evaluate(value, scope) for value in node.values]
        return collection_of(
            union(part if key else elements_of(part) for key, part in zip(node.keys, values, strict=True))
        )

    def _comprehension(self, node: Any, scope: Scope, element: ast.expr) -> Values:
        for part in node.generators:
            self.assign(part.target, elements_of(self.evaluate(part.iter, scope)), scope)
            for test in part.ifs:
                self.evaluate(test, scope)
        if isinstance(node, ast.DictComp):
            self.evaluate(node.key, scope)
        return collection_of(self.evaluate(element, scope))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        self.evaluate(node.slice, scope)
        found: Values = NO_VALUES
        for value in self.evaluate(node.value, scope):
            match value.kind, node.slice:
                case ValueKind.TUPLE, ast.Constant(value=int(at)) if at < len(value.items):
                    found |= value.items[at]
                case ValueKind.CLASS, _:
                    found |= {value}
                case ValueKind.CLIENT | ValueKind.BOTO | ValueKind.OBJECT | ValueKind.RESOURCE, _:
                    self.state.mark_unresolved(scope, node)
                case _:
                    found |= elements_of(frozenset((value,)))
        return found

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Values:
        key = f"{scope.key}.<{node.lineno}:{node.col_offset}>"
        names = bound_names(node.body) | frozenset(Arguments.parameter_names(node))
        inner = Scope(scope.module, key, scope, names, path=scope.path)
        self.state.functions.setdefault(key, Function(node, inner, "", "function"))
        self.assign_defaults(node, inner, scope)
        self.state.add(("result", key), self.evaluate(node.body, inner))
        return single(ValueKind.FUNCTION, key)

    def assign_defaults(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, inner: Scope, scope: Scope
    ) -> None:
        """Add the default values of the parameters of a function."""
        every = [*node.args.posonlyargs, *node.args.args]
        for parameter, default in zip(every[len(every) - len(node.args.defaults) :], node.args.defaults, strict=True):
            self.state.add((inner.key, parameter.arg), self.evaluate(default, scope))
        for parameter, other in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if other is not None:
                self.state.add((inner.key, parameter.arg), self.evaluate(other, scope))

    def _yield(self, node: ast.Yield, scope: Scope) -> Values:
        if node.value is not None:
            self.add_result(collection_of(self.evaluate(node.value, scope)), node, scope)
        return OPAQUE

    def _yield_from(self, node: ast.YieldFrom, scope: Scope) -> Values:
        self.add_result(self.evaluate(node.value, scope), node, scope)
        return OPAQUE

    def add_result(self, values: Values, node: ast.AST, scope: Scope) -> None:
        """Add to the results of a function. Calls of special methods such as `__getitem__` are not analyzed."""
        self.state.add(("result", scope.key), values)
        if scope.key.rpartition(".")[2].startswith("__"):
            self.state.mark_escaped(scope, node, values)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Values:
        holders = self.evaluate(node.value, scope)
        clients = frozenset(holder.name for holder in holders if holder.kind is ValueKind.CLIENT)
        found = aws.client_attribute_values(self.state, scope, node, node.attr, clients) if clients else NO_VALUES
        for holder in holders:
            if holder.kind is not ValueKind.CLIENT:
                found |= self.attribute_of(holder, node, scope)
        return found if holders else self.state.any_attribute_values(node.attr)

    def attribute_of(self, holder: Value, node: ast.Attribute, scope: Scope) -> Values:
        """The values of an attribute of one object, except clients."""
        name = node.attr
        match holder.kind:
            case kind if kind in AWS_OBJECT_KINDS:
                return aws.attribute_values(self.state, scope, node, holder)
            case ValueKind.MODULE:
                inner = f"{holder.name}.{name}"
                found = self.state.get((holder.name, name))
                return found | single(ValueKind.MODULE, inner) if ("module", inner) in self.state.values else found
            case ValueKind.INSTANCE | ValueKind.CLASS:
                return self._class_attribute(holder, name)
            case ValueKind.EXTERNAL:
                return external_value(f"{holder.name}.{name}")
            case ValueKind.COLLECTION | ValueKind.TUPLE:
                return frozenset((holder,))
            case ValueKind.OPAQUE:
                return self.state.any_attribute_values(name)
            case _:
                return OPAQUE

    def _class_attribute(self, holder: Value, name: str) -> Values:
        state = self.state
        method = state.find_method(holder.name, name)
        if method is None:
            return state.attribute_values(holder.name, name)
        function = state.functions[method]
        if function.kind == "property" and holder.kind is ValueKind.INSTANCE:
            return state.get(("result", method)) | state.attribute_values(holder.name, name)
        if holder.kind is ValueKind.INSTANCE or function.kind == "class":
            return frozenset((state.bound_method(method),)) | state.attribute_values(holder.name, name)
        return single(ValueKind.FUNCTION, method)
