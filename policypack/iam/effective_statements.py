"""The effective part of Allow statements, after Deny statements and the permissions boundary are applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.iam.elements import Condition, Entry, Statement
from policypack.iam.matching import covers_action, matches_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.grants import EffectiveGrant, Grants


def effective_statements(statement: Statement, grants: Grants) -> tuple[Statement, ...]:
    """The statements that together grant what is effective of an Allow statement. `grants` must include the statement.

    Returns the statement itself if nothing of it is removed, an empty tuple if all of it is denied, and otherwise
    narrower statements in its place. Unknown actions are kept, because a denial of them cannot be shown.
    """
    if not grants.denials and grants.boundary is None:
        return (statement,)
    remaining = list(grants.effective_grants_of(statement))
    if grants.boundary is None and len(remaining) == _pair_count(statement):
        return (statement,)
    left = [_narrowed_statement(statement, *part) for part in _remaining_groups(statement, remaining)]
    unknown = tuple(entry for entry in statement.actions if entry.value is None)
    if unknown:
        left.append(msgspec.structs.replace(statement, actions=unknown))
    return tuple(left)


_RemainingGroup = tuple[tuple[Entry, ...], tuple[Entry, ...], tuple[Condition, ...]]


def _pair_count(statement: Statement) -> int:
    """The number of (action, resource) pairs in the statement. `NotAction` and `NotResource` count as one each."""
    actions = 1 if statement.not_actions else sum(entry.value is not None for entry in statement.actions)
    return actions * (1 if statement.not_resources else len(statement.resources))


def _remaining_groups(statement: Statement, remaining: list[EffectiveGrant]) -> Iterator[_RemainingGroup]:
    """Groups of actions that have the same remaining resources and conditions."""
    by_action: dict[tuple[str, tuple[Condition, ...]], dict[str | None, Entry]] = {}
    places: dict[str, str] = {}
    for granted in remaining:
        if any(entry.value and covers_action(entry.value, granted.action) for entry in statement.not_actions):
            continue
        places.setdefault(granted.action, granted.grant.place)
        found = by_action.setdefault((granted.action, granted.conditions), {})
        found.setdefault(granted.resource, _entry_for(granted.resource, granted.place, statement.resources))
    groups: dict[tuple[object, ...], tuple[list[Entry], list[Entry], tuple[Condition, ...]]] = {}
    for (action, conditions), resources in by_action.items():
        key = (conditions, *resources)
        group = groups.setdefault(key, ([], list(resources.values()), conditions))
        group[0].append(_entry_for(action, places[action], statement.actions))
    for actions, entries, conditions in groups.values():
        yield tuple(actions), tuple(entries), conditions


def _entry_for(value: str | None, place: str, original: tuple[Entry, ...]) -> Entry:
    """The original entry if its value is unchanged, otherwise a new entry with the narrower value."""
    same = next((entry for entry in original if entry.place == place), None)
    if same is not None and same.value == value:
        return same
    return Entry(value, place)


def _narrowed_statement(
    statement: Statement, actions: tuple[Entry, ...], resources: tuple[Entry, ...], conditions: tuple[Condition, ...]
) -> Statement:
    all_actions = statement.not_actions and all(entry.value == "*" for entry in actions)
    all_resources = statement.not_resources and all(matches_everything(entry.value or "") for entry in resources)
    return msgspec.structs.replace(
        statement,
        actions=() if all_actions else actions,
        not_actions=statement.not_actions if all_actions else (),
        resources=() if all_resources else resources,
        not_resources=statement.not_resources if all_resources else (),
        conditions=conditions,
    )
