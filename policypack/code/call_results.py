"""Evaluate call expressions: the result of a call, and the values that are passed by it."""

from __future__ import annotations

import ast
from typing import Final

from policypack.code import boto3_objects as aws
from policypack.code.analysis_state import AnalysisState, Scope, resolve_name
from policypack.code.arguments import Arguments
from policypack.code.expressions import ExpressionEvaluator
from policypack.code.values import (
    AWS_OBJECT_KINDS,
    NO_VALUES,
    OPAQUE,
    Value,
    ValueKind,
    Values,
    collection_of,
    contains_aws_object,
    elements_of,
    single,
    string_values,
    union,
)

_DYNAMIC_BUILTINS: Final = frozenset(("__import__", "compile", "eval", "exec", "globals", "locals", "setattr", "vars"))
_READ_ONLY_BUILTINS: Final = frozenset(
    ("bool", "callable", "hasattr", "id", "isinstance", "len", "print", "repr", "str", "type")
)
_COLLECTION_BUILTINS: Final = frozenset(("frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"))
_AWS_CALLABLE_KINDS: Final = frozenset((*AWS_OBJECT_KINDS, ValueKind.NAMED_OPERATION))


class CallEvaluator(ExpressionEvaluator):
    """Evaluates expressions and calls."""

    def __init__(self, state: AnalysisState) -> None:
        super().__init__(state)
        self.evaluators[ast.Call] = self._call

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        called = self.evaluate(node.func, scope)
        arguments = Arguments.from_call(node, lambda part: self.evaluate(part, scope))
        if (
            isinstance(node.func, ast.Name)
            and node.func.id in _DYNAMIC_BUILTINS
            and resolve_name(scope, node.func.id) is None
        ):
            self.state.mark_unresolved(scope, node)
        found: Values = NO_VALUES
        unknown = not called
        for value in called:
            result = self._result_of(value, node, scope, arguments)
            unknown = unknown or result is None
            found |= result or NO_VALUES
        return found | (self._unknown_call(node, scope, arguments) if unknown else NO_VALUES)

    def _result_of(self, value: Value, node: ast.Call, scope: Scope, arguments: Arguments) -> Values | None:
        """The result of calling one value. None if it is unknown."""
        match value.kind:
            case kind if kind in _AWS_CALLABLE_KINDS:
                return aws.call_result(self.state, scope, node, value, arguments.by_name_or_position())
            case ValueKind.FUNCTION | ValueKind.BOUND_METHOD:
                return arguments.call_function(self.state, scope, node, value)
            case ValueKind.CLASS:
                return arguments.construct(self.state, scope, node, value.name)
            case ValueKind.COLLECTION | ValueKind.TUPLE:
                self.state.mark_escaped(scope, node, arguments.all_values())
                return elements_of(frozenset((value,))) | {value}
            case ValueKind.EXTERNAL if value.name.startswith("builtins."):
                return self._builtin(node, scope, value.name.partition(".")[2], arguments)
            case _:
                return None

    def _unknown_call(self, node: ast.Call, scope: Scope, arguments: Arguments) -> Values:
        """The result of calling an unknown value: any method with that name, or code outside the archive."""
        found: Values = NO_VALUES
        methods = self._possible_methods(node.func)
        for key in sorted(methods):
            found |= arguments.call_function(self.state, scope, node, self.state.bound_method(key))
        if not methods:
            self.state.mark_escaped(scope, node, arguments.all_values())
        return found | self._wrapper_results(arguments) | OPAQUE

    def _wrapper_results(self, arguments: Arguments) -> Values:
        """What a wrapper may return: the functions that it receives, or their results."""
        functions = arguments.functions_and_classes()
        results = union(self.state.get(("result", value.name)) for value in functions)
        return functions | (results | collection_of(results) if contains_aws_object(results) else NO_VALUES)

    def _possible_methods(self, called: ast.expr) -> set[str]:
        if not isinstance(called, ast.Attribute) or called.attr.startswith("__"):
            return set()
        return self.state.functions_by_method.get(called.attr, set())

    def _builtin(self, node: ast.Call, scope: Scope, name: str, arguments: Arguments) -> Values:
        everything = arguments.all_values()
        if name == "getattr":
            return self._getattr(node, scope, arguments)
        if name == "super":
            owner = next((outer.class_key for outer in scope.enclosing_scopes() if outer.class_key), "")
            bases = self.state.classes[owner].bases if owner in self.state.classes else ()
            return union(single(ValueKind.INSTANCE, base) for base in bases) or OPAQUE
        if name in _COLLECTION_BUILTINS:
            return collection_of(elements_of(everything))
        if name == "next":
            return elements_of(everything)
        if name not in _READ_ONLY_BUILTINS:
            self.state.mark_escaped(scope, node, everything)
        return self._wrapper_results(arguments) | OPAQUE

    def _getattr(self, node: ast.Call, scope: Scope, arguments: Arguments) -> Values:
        given = arguments.by_name_or_position()
        names, holders = string_values(given.get("1", NO_VALUES)), given.get("0", NO_VALUES)
        found = given.get("2", NO_VALUES) | OPAQUE
        if names:
            for name in sorted(names):
                part = ast.Attribute(node.args[0], name, ast.Load(), lineno=node.lineno)
                found |= self.evaluate(part, scope)
        elif {holder.kind for holder in holders} - {
            ValueKind.OPAQUE,
            ValueKind.STRING,
            ValueKind.EXTERNAL,
            ValueKind.OTHER_CREDENTIALS,
        }:
            self.state.mark_unresolved(scope, node)
        return found
