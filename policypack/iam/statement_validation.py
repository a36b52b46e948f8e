"""What IAM rejects in a statement: wrong combinations of elements, and wrong formats of actions and resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.iam.elements import PolicyType, Problem, Statement
from policypack.model.arn import COLONS, is_arn

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


def check_element_combinations(parts: Container[str], kind: PolicyType, place: str) -> Iterator[Problem]:
    """Elements that are missing, mutually exclusive, or not allowed in this type of policy."""
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
            yield Problem(place, "has a principal, which is only allowed in a resource-based policy")
    elif not named:
        yield Problem(place, "has neither Principal nor NotPrincipal")
    if kind == "trust" and ("Resource" in parts or "NotResource" in parts):
        yield Problem(place, "has a resource, which is not allowed in a trust policy")


def check_entry_formats(statement: Statement, kind: PolicyType) -> Iterator[Problem]:
    """Actions and resources that IAM would reject. What they match is still clear (mostly nothing)."""
    for entry in (*statement.actions, *statement.not_actions):
        if entry.value and entry.value != "*" and ":" not in entry.value:
            yield Problem(entry.place, "is an action without a service prefix: write service:Action")
    if kind != "identity":
        return  # some resource-based policies accept other formats than ARNs
    for entry in (*statement.resources, *statement.not_resources):
        value = entry.value
        if not value or value == "*":
            continue
        if not is_arn(value) or (value.count(":") < COLONS and not value.endswith("*")):
            yield Problem(entry.place, 'is neither "*" nor an ARN')
