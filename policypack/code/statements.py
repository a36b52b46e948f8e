"""Execute the statements of a program: assign values to names, and define functions and classes."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from policypack.code.analysis_state import AnalysisState, Class, Function, Scope, bound_names
from policypack.code.arguments import Arguments
from policypack.code.call_results import CallEvaluator
from policypack.code.values import NO_VALUES, ValueKind, Values, elements_of, single

if TYPE_CHECKING:
    from collections.abc import Callable


class StatementEvaluator(CallEvaluator, ABC):
    """Executes statements and evaluates expressions. `import_module` is left to the subclass."""

    def __init__(self, state: AnalysisState) -> None:
        super().__init__(state)
        self._executors: dict[type, Callable[[Any, Scope], None]] = {
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
            ast.Import: self.import_module,
            ast.ImportFrom: self.import_module,
            ast.Match: self._match,
            ast.Return: self._return,
            ast.With: self._with,
        }

    @abstractmethod
    def import_module(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Execute an import statement."""

    def execute(self, body: list[ast.stmt], scope: Scope) -> None:
        """Execute statements."""
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: Any, scope: Scope) -> None:
        executor = self._executors.get(type(node), self._other_statement)
        executor(node, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        values = self.evaluate(node.value, scope)
        for target in node.targets:
            self.assign(target, values, scope)

    def _assign_one(self, node: ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, scope), scope)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        if node.value is not None:
            self.add_result(self.evaluate(node.value, scope), node, scope)

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        self.assign(node.target, elements_of(self.evaluate(node.iter, scope)), scope)
        self.execute([*node.body, *node.orelse], scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self.evaluate(node.test, scope)
        outside = scope.type_checking_only
        scope.type_checking_only = outside or ast.unparse(node.test).endswith("TYPE_CHECKING")
        self.execute(node.body, scope)
        scope.type_checking_only = outside
        self.execute(node.orelse, scope)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            values = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                yielded = elements_of(frozenset(value for value in values if value.items))
                self.assign(item.optional_vars, values | yielded, scope)
        self.execute(node.body, scope)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        self.state.mark_escaped(scope, node, self.evaluate(node.subject, scope))
        for case in node.cases:
            if case.guard is not None:
                self.evaluate(case.guard, scope)
            self.execute(case.body, scope)

    def _other_statement(self, node: ast.AST, scope: Scope) -> None:
        """A statement whose parts are evaluated independently."""
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.evaluate(part, scope)
            elif isinstance(part, ast.stmt):
                self._statement(part, scope)
            elif isinstance(part, ast.ExceptHandler):
                self.execute(part.body, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        key = f"{scope.key}.{node.name}:{node.lineno}"
        function = self.state.functions.get(key)
        if function is None:
            names = bound_names(node.body) | frozenset(Arguments.parameter_names(node))
            inner = Scope(scope.module, key, scope, names, path=scope.path)
            function = Function(node, inner, scope.class_key, _function_kind(node))
            self.state.functions[key] = function
            if scope.class_key:
                self.state.classes[scope.class_key].methods[node.name] = key
                self.state.functions_by_method.setdefault(node.name, set()).add(key)
            for parameter in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                if parameter.annotation is not None:
                    self.state.annotations[key, parameter.arg] = parameter.annotation, inner
        self.assign_defaults(node, function.scope, scope)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        if scope.class_key and first and function.kind != "static":
            kind = ValueKind.CLASS if function.kind == "class" else ValueKind.INSTANCE
            self.state.add((key, first[0].arg), single(kind, scope.class_key))
        values = single(ValueKind.FUNCTION, key)
        for decorator in reversed(node.decorator_list):
            values |= self._decorator_result(decorator, values, scope)
        if not scope.class_key:
            self.assign(ast.Name(node.name, ast.Store()), values, scope)
        self.execute(node.body, function.scope)

    def _decorator_result(self, decorator: ast.expr, values: Values, scope: Scope) -> Values:
        """The result of a decorator that is defined in the archive. It may pass values to the decorated function."""
        found: Values = NO_VALUES
        for value in self.evaluate(decorator, scope):
            if value.kind in {ValueKind.FUNCTION, ValueKind.BOUND_METHOD}:
                found |= Arguments([values], {}, NO_VALUES).call_function(self.state, scope, decorator, value)
        return found

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        key = f"{scope.key}.{node.name}:{node.lineno}"
        bases = {
            value.name for base in node.bases for value in self.evaluate(base, scope) if value.kind is ValueKind.CLASS
        }
        for keyword in node.keywords:
            self.evaluate(keyword.value, scope)
        for decorator in node.decorator_list:
            self.evaluate(decorator, scope)
        known = self.state.classes.get(key)
        if known is None:
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            known = Class(
                node.name, (), {}, tuple(part.target.id for part in fields if isinstance(part.target, ast.Name))
            )
            self.state.classes[key] = known
            for part in fields:
                if isinstance(part.target, ast.Name):
                    self.state.annotations[f"{key}.", part.target.id] = part.annotation, scope
        if not bases <= set(known.bases):
            known.bases = tuple(sorted(bases | set(known.bases)))
            self.state.changed = True
        self.assign(ast.Name(node.name, ast.Store()), single(ValueKind.CLASS, key), scope)
        inner = Scope(
            scope.module,
            key,
            scope,
            bound_names(node.body),
            class_key=key,
            path=scope.path,
            type_checking_only=scope.type_checking_only,
        )
        self.execute(node.body, inner)


def _function_kind(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    if "staticmethod" in names:
        return "static"
    if "classmethod" in names:
        return "class"
    return "property" if names & {"property", "cached_property"} else "function"
