"""The arguments of a call, and where they go in the archive's own functions and classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from policypack.code.values import NONE, Kind, Value, Values, carries, many, one, union

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.code.analysis_state import Callable_, Scope, State


class Arguments:
    """Positional and named arguments; what comes out of `*` and `**` may go anywhere."""

    def __init__(self, positional: list[Values], named: dict[str, Values], spread: Values) -> None:
        self._positional = positional
        self._named = named
        self._spread = spread

    @classmethod
    def of(cls, node: ast.Call, read: Callable[[ast.expr], Values]) -> Arguments:
        """Read those of a call."""
        positional: list[Values] = []
        named: dict[str, Values] = {}
        spread: Values = NONE
        for part in node.args:
            values = read(part)
            if isinstance(part, ast.Starred):
                spread |= values
            else:
                positional.append(values)
        for keyword in node.keywords:
            values = read(keyword.value)
            if keyword.arg is None:
                spread |= union(part for value in values for part in value.of)
            else:
                named[keyword.arg] = values
        return cls(positional, named, spread)

    @staticmethod
    def parameters(node: Callable_) -> list[str]:
        """The names of all parameters."""
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        return [parameter.arg for parameter in every if parameter is not None]

    def by_name(self) -> dict[str, Values]:
        """Named ones by name, positional ones by their number."""
        return {**{str(at): values for at, values in enumerate(self._positional)}, **self._named}

    def everything(self) -> Values:
        """All that is handed over."""
        return union((*self._positional, *self._named.values(), self._spread))

    def functions(self) -> Values:
        """The functions and classes among it: what decorators and wrappers mostly give back."""
        kinds = {Kind.FUNCTION, Kind.BOUND, Kind.CLASS}
        return frozenset(value for value in self.everything() if value.kind in kinds)

    def bind(self, state: State, scope: Scope, node: ast.AST, value: Value) -> Values:
        """Hand them to a function, and give its result."""
        function = state.functions[value.name]
        arguments = function.node.args
        names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
        key = function.scope.key
        given = self._positional
        if value.kind is Kind.BOUND:
            names = names[1:]
        for name, values in zip(names, given, strict=False):
            state.add((key, name), values)
        if rest := union(given[len(names) :]):
            self._rest(state, scope, node, (key, arguments.vararg.arg) if arguments.vararg else None, rest)
        known = {*names, *(parameter.arg for parameter in arguments.kwonlyargs)}
        for name, values in self._named.items():
            if name in known:
                state.add((key, name), values)
            else:
                self._rest(state, scope, node, (key, arguments.kwarg.arg) if arguments.kwarg else None, values)
        if self._spread:
            for name in known:
                state.add((key, name), self._spread)
            for extra in (arguments.vararg, arguments.kwarg):
                if extra is not None:
                    state.add((key, extra.arg), many(self._spread))
        return state.load(("result", value.name))

    def make(self, state: State, scope: Scope, node: ast.AST, owner: str) -> Values:
        """Hand them to the constructor of a class, and give the object."""
        made = one(Kind.INSTANCE, owner)
        constructor = state.method(owner, "__init__")
        fields = [field for key in reversed(list(state.lineage(owner))) for field in state.classes[key].fields]
        if constructor is not None:
            self.bind(state, scope, node, Value(Kind.BOUND, constructor))
        elif fields:
            for name, values in (*zip(fields, self._positional, strict=False), *self._named.items()):
                state.hold(owner, name, values)
            for name in fields if carries(self._spread) else ():
                state.hold(owner, name, self._spread)
        else:
            state.escape(scope, node, self.everything())
        return made

    def _rest(self, state: State, scope: Scope, node: ast.AST, slot: tuple[str, str] | None, values: Values) -> None:
        if slot is not None:
            state.add(slot, many(values))
        else:
            state.escape(scope, node, values)
