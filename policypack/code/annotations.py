"""The boto3 objects that type annotations stand for, by the names in the stubs `mypy_boto3_*` and `types_boto3_*`."""

from __future__ import annotations

import ast
from typing import Final

from policypack.code.analysis_state import AnalysisState, Scope, resolve_name
from policypack.code.values import NO_VALUES, ValueKind, Values, single

_STUB_PREFIXES: Final = ("mypy_boto3_", "types_boto3_")
_TABLE: Final = "Table"


def values_from_annotation(annotation: ast.expr, scope: Scope, state: AnalysisState) -> Values:
    """The values of a parameter with this annotation. Empty if the annotation does not name a boto3 type."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return NO_VALUES
    found: Values = NO_VALUES
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name | ast.Attribute):
            for name in _dotted_names(node, scope, state):
                found |= _values_from_name(name)
    return found


def _dotted_names(node: ast.expr, scope: Scope, state: AnalysisState) -> set[str]:
    if isinstance(node, ast.Name):
        variable = resolve_name(scope, node.id)
        values = state.get(variable) if variable is not None else NO_VALUES
        return {value.name for value in values if value.kind in {ValueKind.EXTERNAL, ValueKind.BOTO}}
    if isinstance(node, ast.Attribute):
        return {f"{name}.{node.attr}" for name in _dotted_names(node.value, scope, state)}
    return set()


def _values_from_name(name: str) -> Values:
    root, _, rest = name.partition(".")
    kind = rest.rpartition(".")[2]
    if name == "boto3.Session":
        return single(ValueKind.BOTO, name)
    prefix = next((stub for stub in _STUB_PREFIXES if root.startswith(stub)), "")
    service = root.removeprefix(prefix).replace("_", "-")
    if not prefix:
        return NO_VALUES
    if kind.endswith("ServiceResource"):
        return single(ValueKind.RESOURCE, service)
    if kind.endswith("Client"):
        return single(ValueKind.CLIENT, service)
    return single(ValueKind.OBJECT, f"{service}.{kind}") if kind == _TABLE else NO_VALUES
