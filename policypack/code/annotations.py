"""What the annotation of a parameter says of boto3, by the names in `mypy_boto3_*` and `types_boto3_*`."""

from __future__ import annotations

import ast
from typing import Final

from policypack.code.analysis_state import Scope, State, slot_of
from policypack.code.values import NONE, Kind, Values, one

_STUBS: Final = ("mypy_boto3_", "types_boto3_")
_TABLE: Final = "Table"


def meant(annotation: ast.expr, scope: Scope, state: State) -> Values:
    """What a parameter with this annotation is; nothing where it says nothing of boto3."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return NONE
    found: Values = NONE
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name | ast.Attribute):
            for name in _dotted(node, scope, state):
                found |= _named(name)
    return found


def _dotted(node: ast.expr, scope: Scope, state: State) -> set[str]:
    if isinstance(node, ast.Name):
        slot = slot_of(scope, node.id)
        values = state.load(slot) if slot is not None else NONE
        return {value.name for value in values if value.kind in {Kind.EXTERNAL, Kind.BOTO}}
    if isinstance(node, ast.Attribute):
        return {f"{name}.{node.attr}" for name in _dotted(node.value, scope, state)}
    return set()


def _named(name: str) -> Values:
    root, _, rest = name.partition(".")
    kind = rest.rpartition(".")[2]
    if name == "boto3.Session":
        return one(Kind.BOTO, name)
    prefix = next((stub for stub in _STUBS if root.startswith(stub)), "")
    service = root.removeprefix(prefix).replace("_", "-")
    if not prefix:
        return NONE
    if kind.endswith("ServiceResource"):
        return one(Kind.RESOURCE, service)
    if kind.endswith("Client"):
        return one(Kind.CLIENT, service)
    return one(Kind.OBJECT, f"{service}.{kind}") if kind == _TABLE else NONE
