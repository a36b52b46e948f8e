"""What the calls of a program give, and what is handed over by them."""

from __future__ import annotations

import ast
from typing import Final

from policypack.code import boto3_objects as aws
from policypack.code.analysis_state import Scope, State, slot_of
from policypack.code.arguments import Arguments
from policypack.code.expressions import OF_AWS, Expressions
from policypack.code.values import NONE, OPAQUE, Kind, Value, Values, carries, elements, many, one, texts, union

_DYNAMIC: Final = frozenset(("__import__", "compile", "eval", "exec", "globals", "locals", "setattr", "vars"))
_LOOKING: Final = frozenset(("bool", "callable", "hasattr", "id", "isinstance", "len", "print", "repr", "str", "type"))
_GATHERING: Final = frozenset(("frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"))
_CALLED: Final = frozenset((*OF_AWS, Kind.ASKING))


class Calling(Expressions):
    """Reads calls as well."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.readers[ast.Call] = self._call

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        called = self.read(node.func, scope)
        given = Arguments.of(node, lambda part: self.read(part, scope))
        if isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC and slot_of(scope, node.func.id) is None:
            self.state.give_up(scope, node)
        found: Values = NONE
        unknown = not called
        for value in called:
            gives = self._gives(value, node, scope, given)
            unknown = unknown or gives is None
            found |= gives or NONE
        return found | (self._unknown(node, scope, given) if unknown else NONE)

    def _gives(self, value: Value, node: ast.Call, scope: Scope, given: Arguments) -> Values | None:
        """What a call of one thing gives; None where nobody knows."""
        match value.kind:
            case kind if kind in _CALLED:
                return aws.call(self.state, scope, node, value, given.by_name())
            case Kind.FUNCTION | Kind.BOUND:
                return given.bind(self.state, scope, node, value)
            case Kind.CLASS:
                return given.make(self.state, scope, node, value.name)
            case Kind.MANY | Kind.TUPLE:
                self.state.escape(scope, node, given.everything())
                return elements(frozenset((value,))) | {value}
            case Kind.EXTERNAL if value.name.startswith("builtins."):
                return self._builtin(node, scope, value.name.partition(".")[2], given)
            case _:
                return None

    def _unknown(self, node: ast.Call, scope: Scope, given: Arguments) -> Values:
        """A call of nobody knows what: of any method of that name, or of something outside the archive."""
        found: Values = NONE
        methods = self._methods(node.func)
        for key in sorted(methods):
            found |= given.bind(self.state, scope, node, self.state.bound(key))
        if not methods:
            self.state.escape(scope, node, given.everything())
        return found | self._passed(given) | OPAQUE

    def _passed(self, given: Arguments) -> Values:
        """What wrappers give: the functions that they were handed, or what those give."""
        functions = given.functions()
        results = union(self.state.load(("result", value.name)) for value in functions)
        return functions | (results | many(results) if carries(results) else NONE)

    def _methods(self, called: ast.expr) -> set[str]:
        if not isinstance(called, ast.Attribute) or called.attr.startswith("__"):
            return set()
        return self.state.by_method.get(called.attr, set())

    def _builtin(self, node: ast.Call, scope: Scope, name: str, given: Arguments) -> Values:
        everything = given.everything()
        if name == "getattr":
            return self._getattr(node, scope, given)
        if name == "super":
            owner = next((outer.owner for outer in scope.outwards() if outer.owner), "")
            bases = self.state.classes[owner].bases if owner in self.state.classes else ()
            return union(one(Kind.INSTANCE, base) for base in bases) or OPAQUE
        if name in _GATHERING:
            return many(elements(everything))
        if name == "next":
            return elements(everything)
        if name not in _LOOKING:
            self.state.escape(scope, node, everything)
        return self._passed(given) | OPAQUE

    def _getattr(self, node: ast.Call, scope: Scope, given: Arguments) -> Values:
        arguments = given.by_name()
        names, holders = texts(arguments.get("1", NONE)), arguments.get("0", NONE)
        found = arguments.get("2", NONE) | OPAQUE
        if names:
            for name in sorted(names):
                part = ast.Attribute(node.args[0], name, ast.Load(), lineno=node.lineno)
                found |= self.read(part, scope)
        elif {holder.kind for holder in holders} - {Kind.OPAQUE, Kind.TEXT, Kind.EXTERNAL, Kind.FOREIGN}:
            self.state.give_up(scope, node)
        return found
