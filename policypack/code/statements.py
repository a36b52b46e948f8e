"""What the statements of a program do: give names their values, and define functions and classes."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from policypack.code.analysis_state import Class, Function, Scope, State, names_bound
from policypack.code.arguments import Arguments
from policypack.code.call_results import Calling
from policypack.code.values import NONE, Kind, Values, elements, one

if TYPE_CHECKING:
    from collections.abc import Callable


class Statements(Calling, ABC):
    """Reads statements as well. `load` is an import's."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._kinds: dict[type, Callable[[Any, Scope], None]] = {
            ast.AnnAssign: self._assign_one,
            ast.Assign: self._assign,
            ast.AsyncFor: self._for,
            ast.AsyncFunctionDef: self._function,
            ast.AsyncWith: self._with,
            ast.AugAssign: self._assign_one,
            ast.ClassDef: self._class,
            ast.For: self._for,
            ast.FunctionDef: self._function,
            ast.If: self._if,
            ast.Import: self.load,
            ast.ImportFrom: self.load,
            ast.Match: self._match,
            ast.Return: self._return,
            ast.With: self._with,
        }

    @abstractmethod
    def load(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Import something."""

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        """Read statements."""
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: Any, scope: Scope) -> None:
        reader = self._kinds.get(type(node), self._rest)
        reader(node, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        values = self.read(node.value, scope)
        for target in node.targets:
            self.store(target, values, scope)

    def _assign_one(self, node: ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        if node.value is not None:
            self.store(node.target, self.read(node.value, scope), scope)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        if node.value is not None:
            self.gives(self.read(node.value, scope), node, scope)

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        self.store(node.target, elements(self.read(node.iter, scope)), scope)
        self.run([*node.body, *node.orelse], scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self.read(node.test, scope)
        outside = scope.typing
        scope.typing = outside or ast.unparse(node.test).endswith("TYPE_CHECKING")
        self.run(node.body, scope)
        scope.typing = outside
        self.run(node.orelse, scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            values = self.read(item.context_expr, scope)
            if item.optional_vars is not None:
                yielded = elements(frozenset(value for value in values if value.of))
                self.store(item.optional_vars, values | yielded, scope)
        self.run(node.body, scope)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        self.state.escape(scope, node, self.read(node.subject, scope))
        for case in node.cases:
            if case.guard is not None:
                self.read(case.guard, scope)
            self.run(case.body, scope)

    def _rest(self, node: ast.AST, scope: Scope) -> None:
        """A statement of whose parts each is for itself."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.read(part, scope)
            elif isinstance(part, ast.stmt):
                self._statement(part, scope)
            elif isinstance(part, ast.ExceptHandler):
                self.run(part.body, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        key = f"{scope.key}.{node.name}:{node.lineno}"
        function = self.state.functions.get(key)
        if function is None:
            names = names_bound(node.body) | frozenset(Arguments.parameters(node))
            inner = Scope(scope.module, key, scope, names, path=scope.path)
            function = Function(node, inner, scope.owner, _kind(node))
            self.state.functions[key] = function
            if scope.owner:
                self.state.classes[scope.owner].methods[node.name] = key
                self.state.by_method.setdefault(node.name, set()).add(key)
            for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                if parameter.annotation is not None:
                    self.state.annotated[key, parameter.arg] = parameter.annotation, inner
        self.defaults(node, function.scope, scope)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        if scope.owner and first and function.kind != "static":
            kind = Kind.CLASS if function.kind == "class" else Kind.INSTANCE
            self.state.add((key, first[0].arg), one(kind, scope.owner))
        values = one(Kind.FUNCTION, key)
        for decorator in reversed(node.decorator_list):
            values |= self._decorated(decorator, values, scope)
        if not scope.owner:
            self.store(ast.Name(node.name, ast.Store()), values, scope)
        self.run(node.body, function.scope)

    def _decorated(self, decorator: ast.expr, values: Values, scope: Scope) -> Values:
        """What a decorator of the archive makes; it may hand things to what it decorates."""
        found: Values = NONE
        for value in self.read(decorator, scope):
            if value.kind in {Kind.FUNCTION, Kind.BOUND}:
                found |= Arguments([values], {}, NONE).bind(self.state, scope, decorator, value)
        return found

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        key = f"{scope.key}.{node.name}:{node.lineno}"
        bases = {value.name for base in node.bases for value in self.read(base, scope) if value.kind is Kind.CLASS}
        for keyword in node.keywords:
            self.read(keyword.value, scope)
        for decorator in node.decorator_list:
            self.read(decorator, scope)
        known = self.state.classes.get(key)
        if known is None:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            known = Class(
                node.name, (), {}, tuple(part.target.id for part in fields if isinstance(part.target, ast.Name))
            )
            self.state.classes[key] = known
            for part in fields:
                if isinstance(part.target, ast.Name):
                    self.state.annotated[f"{key}.", part.target.id] = part.annotation, scope
        if not bases <= set(known.bases):
            known.bases = tuple(sorted(bases | set(known.bases)))
            self.state.changed = True
        self.store(ast.Name(node.name, ast.Store()), one(Kind.CLASS, key), scope)
        inner = Scope(scope.module, key, scope, names_bound(node.body), owner=key, path=scope.path, typing=scope.typing)
        self.run(node.body, inner)


def _kind(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    if "staticmethod" in names:
        return "static"
    if "classmethod" in names:
        return "class"
    return "property" if names & {"property", "cached_property"} else "function"
