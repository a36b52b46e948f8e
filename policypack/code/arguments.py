"""The arguments of a call, and how they are bound to the parameters of functions and classes in the archive."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from policypack.code.values import (
    NO_VALUES,
    Value,
    ValueKind,
    Values,
    collection_of,
    contains_aws_object,
    single,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.code.analysis_state import AnalysisState, FunctionNode, Scope


class Arguments:
    """Positional and keyword arguments. Values from `*` and `**` may be bound to any parameter."""

    def __init__(self, positional: list[Values], named: dict[str, Values], spread: Values) -> None:
        self._positional = positional
        self._named = named
        self._unpacked = spread

    @classmethod
    def from_call(cls, node: ast.Call, evaluate: Callable[[ast.expr], Values]) -> Arguments:
        """Evaluate the arguments of a call."""
        positional: list[Values] = []
        named: dict[str, Values] = {}
        spread: Values = NO_VALUES
        for part in node.args:
            values = evaluate(part)
            if isinstance(part, ast.Starred):
                spread |= values
            else:
                positional.append(values)
        for keyword in node.keywords:
            values = evaluate(keyword.value)
            if keyword.arg is None:
                spread |= union(part for value in values for part in value.items)
            else:
                named[keyword.arg] = values
        return cls(positional, named, spread)

    @staticmethod
    def parameter_names(node: FunctionNode) -> list[str]:
        """The names of all parameters of a function."""
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        return [parameter.arg for parameter in every if parameter is not None]

    def by_name_or_position(self) -> dict[str, Values]:
        """The values of keyword arguments by name, and of positional arguments by their index as text."""
        return {**{str(at): values for at, values in enumerate(self._positional)}, **self._named}

    def all_values(self) -> Values:
        """The values of all arguments."""
        return union((*self._positional, *self._named.values(), self._unpacked))

    def functions_and_classes(self) -> Values:
        """The functions and classes among the values, which decorators and wrappers usually return."""
        kinds = {ValueKind.FUNCTION, ValueKind.BOUND_METHOD, ValueKind.CLASS}
        return frozenset(value for value in self.all_values() if value.kind in kinds)

    def call_function(self, state: AnalysisState, scope: Scope, node: ast.AST, value: Value) -> Values:
        """Bind the arguments to the parameters of a function. Returns the function's result."""
        function = state.functions[value.name]
        arguments = function.node.args
        names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
        key = function.scope.key
        given = self._positional
        if value.kind is ValueKind.BOUND_METHOD:
            names = names[1:]
        for name, values in zip(names, given, strict=False):
            state.add((key, name), values)
        if rest := union(given[len(names) :]):
            self._add_extra(state, scope, node, (key, arguments.vararg.arg) if arguments.vararg else None, rest)
        known = {*names, *(parameter.arg for parameter in arguments.kwonlyargs)}
        for name, values in self._named.items():
            if name in known:
                state.add((key, name), values)
            else:
                self._add_extra(state, scope, node, (key, arguments.kwarg.arg) if arguments.kwarg else None, values)
        if self._unpacked:
            for name in known:
                state.add((key, name), self._unpacked)
            for extra in (arguments.vararg, arguments.kwarg):
                if extra is not None:
                    state.add((key, extra.arg), collection_of(self._unpacked))
        return state.get(("result", value.name))

    def construct(self, state: AnalysisState, scope: Scope, node: ast.AST, owner: str) -> Values:
        """Bind the arguments to the constructor of a class. Returns the new object."""
        made = single(ValueKind.INSTANCE, owner)
        constructor = state.find_method(owner, "__init__")
        fields = [field for key in reversed(list(state.class_and_bases(owner))) for field in state.classes[key].fields]
        if constructor is not None:
            self.call_function(state, scope, node, Value(ValueKind.BOUND_METHOD, constructor))
        elif fields:
            for name, values in (*zip(fields, self._positional, strict=False), *self._named.items()):
                state.add_attribute(owner, name, values)
            for name in fields if contains_aws_object(self._unpacked) else ():
                state.add_attribute(owner, name, self._unpacked)
        else:
            state.mark_escaped(scope, node, self.all_values())
        return made

    def _add_extra(
        self, state: AnalysisState, scope: Scope, node: ast.AST, variable: tuple[str, str] | None, values: Values
    ) -> None:
        if variable is not None:
            state.add(variable, collection_of(values))
        else:
            state.mark_escaped(scope, node, values)
