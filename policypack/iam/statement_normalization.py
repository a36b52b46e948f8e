"""Normalize statements, so that two statements with the same meaning compare equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.iam.elements import Entry

if TYPE_CHECKING:
    from policypack.iam.elements import Statement


def normalized_statement(statement: Statement) -> object | None:
    """Effect, actions, resources and conditions, independent of order and case. None if a part is not known."""
    entries = (*statement.actions, *statement.not_actions, *statement.resources, *statement.not_resources)
    values = [value for condition in statement.conditions for value in condition.values]
    if not all(entry.known for entry in (*entries, *values)) or not all(one.base for one in statement.conditions):
        return None
    actions = [frozenset(entry.text().lower() for entry in part) for part in (statement.actions, statement.not_actions)]
    resources = [frozenset(map(Entry.text, part)) for part in (statement.resources, statement.not_resources)]
    conditions = frozenset(
        (one.operator.lower(), one.name, frozenset(map(Entry.text, one.values))) for one in statement.conditions
    )
    return statement.effect, *actions, *resources, conditions
