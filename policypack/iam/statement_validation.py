"""What IAM refuses in a statement beyond the form of its single elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.iam.elements import Kind, Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_ARN_COLONS: Final = 5


def check_element_combinations(parts: Container[str], kind: Kind, place: str) -> Iterator[Problem]:
    """Elements that are missing, that exclude each other, or that have no place in this kind of policy."""
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in parts and other in parts:
            yield Problem(place, f"has both {one} and {other}")
    if "Action" not in parts and "NotAction" not in parts:
        yield Problem(place, "has neither Action nor NotAction")
    named = "Principal" in parts or "NotPrincipal" in parts
    if kind == "identity":
        if "Resource" not in parts and "NotResource" not in parts:
            yield Problem(place, "has neither Resource nor NotResource")
        if named:
            yield Problem(place, "names a principal, which only a resource's policy may")
    elif not named:
        yield Problem(place, "names no principal")
    if kind == "trust" and ("Resource" in parts or "NotResource" in parts):
        yield Problem(place, "names a resource, which a trust policy may not")


def check_entry_formats(statement: Statement, kind: Kind) -> Iterator[Problem]:
    """Actions and resources that IAM would refuse, though what they match (nothing, mostly) is clear."""
    for entry in (*statement.actions, *statement.not_actions):
        if entry.value and entry.value != "*" and ":" not in entry.value:
            yield Problem(entry.place, "is an action without a service: service:Action is needed")
    if kind != "identity":
        return  # the policies of some resources take other forms than ARNs
    for entry in (*statement.resources, *statement.not_resources):
        value = entry.value
        if not value or value == "*":
            continue
        if not value.startswith("arn:") or (value.count(":") < _ARN_COLONS and not value.endswith("*")):
            yield Problem(entry.place, 'is neither "*" nor an ARN')
