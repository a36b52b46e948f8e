"""Execute assignments: add values to names, attributes, items and unpacked targets."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from policypack.code.analysis_state import resolve_name
from policypack.code.values import NO_VALUES, ValueKind, Values, collection_of, contains_aws_object, elements_of, union

if TYPE_CHECKING:
    from policypack.code.analysis_state import AnalysisState, Scope


class AssignmentEvaluator(ABC):
    """Executes assignments. The evaluation of expressions is left to the subclass."""

    def __init__(self, state: AnalysisState) -> None:
        self.state = state

    @abstractmethod
    def evaluate(self, node: ast.expr, scope: Scope) -> Values:
        """The possible values of an expression."""

    def assign(self, target: ast.expr, values: Values, scope: Scope) -> None:
        """Add values to the target of an assignment: a name, an attribute or an item."""
        match target:
            case ast.Name(id=name):
                self.state.add(resolve_name(scope, name) or (scope.key, name), values)
                if scope.class_key:
                    self.state.add_attribute(scope.class_key, name, values)
            case ast.Attribute(value=of, attr=name):
                self._assign_attribute(self.evaluate(of, scope), name, values)
            case ast.Subscript(value=of):
                self.evaluate(target.slice, scope)
                if contains_aws_object(values):
                    self.assign(of, collection_of(values), scope)
                self.evaluate(of, scope)
            case ast.Starred(value=inner):
                self.assign(inner, collection_of(values), scope)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, values, scope)

    def _assign_attribute(self, holders: Values, name: str, values: Values) -> None:
        owners = {holder.name for holder in holders if holder.kind in {ValueKind.INSTANCE, ValueKind.CLASS}}
        for holder in holders:
            if holder.kind is ValueKind.MODULE:
                self.state.add((holder.name, name), values)
        if owners or contains_aws_object(values):
            for owner in owners or {""}:
                self.state.add_attribute(owner, name, values)

    def _unpack(self, parts: list[ast.expr], values: Values, scope: Scope) -> None:
        starred = any(isinstance(part, ast.Starred) for part in parts)
        for at, part in enumerate(parts):
            found: Values = NO_VALUES
            for value in values:
                if value.kind is ValueKind.TUPLE and len(value.items) == len(parts) and not starred:
                    found |= value.items[at]
                elif value.kind is ValueKind.INSTANCE and value.name in self.state.classes:
                    fields = self.state.classes[value.name].fields
                    found |= union(self.state.attribute_values(value.name, field) for field in fields)
                else:
                    found |= elements_of(frozenset((value,)))
            self.assign(part, found, scope)
