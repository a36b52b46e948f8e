"""Statements as they take effect: less what other statements deny, and within the permissions boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.iam.elements import Condition, Entry, Statement
from policypack.iam.matching import covers_action, matches_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.grants import EffectiveGrant, Grants


def effective_statements(statement: Statement, grants: Grants) -> tuple[Statement, ...]:
    """What is left of an Allow statement among the grants that it is one of.

    The statement itself where it is left whole, nothing where it is denied, and otherwise statements in its place that
    say what is left. A part that is not known stays: that something may deny it does not make it narrow.
    """
    if not grants.denials and grants.boundary is None:
        return (statement,)
    reaches = list(grants.effective_grants_of(statement))
    if grants.boundary is None and len(reaches) == _pair_count(statement):
        return (statement,)
    left = [_narrowed_statement(statement, *part) for part in _remaining_groups(statement, reaches)]
    unknown = tuple(entry for entry in statement.actions if entry.value is None)
    if unknown:
        left.append(msgspec.structs.replace(statement, actions=unknown))
    return tuple(left)


_RemainingGroup = tuple[tuple[Entry, ...], tuple[Entry, ...], tuple[Condition, ...]]


def _pair_count(statement: Statement) -> int:
    """How many actions on how many resources it allows. All actions but some, on all resources but some, are one."""
    actions = 1 if statement.not_actions else sum(entry.value is not None for entry in statement.actions)
    return actions * (1 if statement.not_resources else len(statement.resources))


def _remaining_groups(statement: Statement, reaches: list[EffectiveGrant]) -> Iterator[_RemainingGroup]:
    """Actions with the resources and conditions that are left to them, those together that have the same left."""
    by_action: dict[tuple[str, tuple[Condition, ...]], dict[str | None, Entry]] = {}
    places: dict[str, str] = {}
    for reach in reaches:
        if any(entry.value and covers_action(entry.value, reach.action) for entry in statement.not_actions):
            continue
        places.setdefault(reach.action, reach.grant.place)
        found = by_action.setdefault((reach.action, reach.conditions), {})
        found.setdefault(reach.resource, _original_or_narrowed_entry(reach.resource, reach.place, statement.resources))
    groups: dict[tuple[object, ...], tuple[list[Entry], list[Entry], tuple[Condition, ...]]] = {}
    for (action, conditions), resources in by_action.items():
        key = (conditions, *resources)
        group = groups.setdefault(key, ([], list(resources.values()), conditions))
        group[0].append(_original_or_narrowed_entry(action, places[action], statement.actions))
    for actions, entries, conditions in groups.values():
        yield tuple(actions), tuple(entries), conditions


def _original_or_narrowed_entry(value: str | None, place: str, written: tuple[Entry, ...]) -> Entry:
    """The entry as it is written, or a narrower one in its place."""
    own = next((entry for entry in written if entry.place == place), None)
    if own is not None and own.value == value:
        return own
    return Entry(value, place)


def _narrowed_statement(
    statement: Statement, actions: tuple[Entry, ...], resources: tuple[Entry, ...], conditions: tuple[Condition, ...]
) -> Statement:
    whole = statement.not_actions and all(entry.value == "*" for entry in actions)
    everywhere = statement.not_resources and all(matches_everything(entry.value or "") for entry in resources)
    return msgspec.structs.replace(
        statement,
        actions=() if whole else actions,
        not_actions=statement.not_actions if whole else (),
        resources=() if everywhere else resources,
        not_resources=statement.not_resources if everywhere else (),
        conditions=conditions,
    )
