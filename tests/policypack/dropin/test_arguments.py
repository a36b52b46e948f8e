"""`PolicyPack(...)` refuses what pulumi_policy's refuses, in its words."""

from __future__ import annotations

import inspect
from typing import Any, Final

import pulumi_policy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy

from policypack.dropin import PolicyPack

_POLICY: Final = ResourceValidationPolicy("a", "A.", validate=lambda *_: None)
_VALID: Final[dict[str, list[Any]]] = {
    "name": ["pack", "a.b-c_D9", "a" * 100],
    "policies": [[_POLICY], [_POLICY, _POLICY]],
    "enforcement_level": [None, EnforcementLevel.MANDATORY],
    "initial_config": [None, {}, {"a": EnforcementLevel.DISABLED}, {"a": {"enforcementLevel": "text", "b": 1}}],
}
_INVALID: Final[dict[str, list[Any]]] = {
    "name": [None, "", 1, [], "a b", "a" * 101, "pack/", "é", object],
    "policies": [
        None,
        [],
        (),
        (_POLICY,),
        {_POLICY},
        "policies",
        _POLICY,
        [None],
        [_POLICY, "policy"],
        [ResourceValidationPolicy],
    ],
    "enforcement_level": ["mandatory", 1, "", False, EnforcementLevel],
    "initial_config": [
        [],
        "x",
        0,
        {1: EnforcementLevel.DISABLED},
        {"a": "disabled"},
        {"a": None},
        {"a": {1: 2}},
        {None: {}},
    ],
}


@st.composite
def _wrong(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of which at least one is wrong: right ones would be served, and nobody returns from that."""
    wrong = draw(st.sampled_from(sorted(_INVALID)))
    return {
        name: draw(st.sampled_from(_INVALID[name] if name == wrong else [*valid, *_INVALID[name]]))
        for name, valid in _VALID.items()
    }


@given(arguments=_wrong())
def test_same_refusals(arguments: dict[str, Any]) -> None:
    """The first wrong argument is named, by the same type of exception and in the same words."""
    assert _refusal(PolicyPack, arguments) == _refusal(pulumi_policy.PolicyPack, arguments)


def _refusal(pack: Any, arguments: dict[str, Any]) -> tuple[type[BaseException], str]:
    with pytest.raises(TypeError) as refusal:
        pack(**arguments)
    return refusal.type, str(refusal.value)


def test_same_arguments() -> None:
    """Names, order and defaults of the arguments."""
    ours, stock = (inspect.signature(pack).parameters.values() for pack in (PolicyPack, pulumi_policy.PolicyPack))
    assert [(one.name, one.kind, one.default) for one in ours] == [(one.name, one.kind, one.default) for one in stock]
