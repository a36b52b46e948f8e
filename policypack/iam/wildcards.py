"""Wildcards in statements: which actions and resources match more than one action or resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.iam.actions import Action, expand_action, matches_all_resources
from policypack.iam.global_condition_keys import RESOURCE_TAG
from policypack.iam.matching import covers_resource, is_pattern
from policypack.iam.network_interfaces import DOCUMENTED_ON_ALL_RESOURCES
from policypack.model import Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.iam.elements import Entry, Statement

_MAX_LISTED: Final = 3  # names in one message
_RESOURCE_CONDITION_KEYS: Final = (
    RESOURCE_TAG,
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
)
"""Global condition keys that select resources. Service-specific keys (`kms:ViaService`) are assumed to do so too."""

_PARTITION: Final = re.compile(r"\Aarn:[^:]*:")


def is_service_wildcard(action: str) -> bool:
    """Whether the action pattern matches all actions of a service (`sqs:*`) or of all services (`*`)."""
    return "*" in action and not action.rpartition(":")[2].strip("*")


def is_every_action(action: str) -> bool:
    """Whether the action pattern matches all actions of all services."""
    return is_service_wildcard(action) and not action.partition(":")[0].strip("*")


def is_every_resource(resource: str) -> bool:
    """Whether the resource pattern matches every resource: `*`, and equivalent ARN patterns such as `arn:aws:*`."""
    widest = _PARTITION.sub("arn:*:", resource)
    return covers_resource(widest, "*") or covers_resource(widest, "arn:*:*:*:*:*")


def conditions_select_resources(statement: Statement) -> bool:
    """Whether some condition has a key that selects among the resources of the statement."""
    services = {entry.text().partition(":")[0].lower() for entry in statement.actions if entry.known}
    anything = bool(statement.not_actions) or any(map(is_pattern, services))
    for condition in statement.conditions:
        prefix, colon, _ = condition.name.partition(":")
        if condition.name.startswith(_RESOURCE_CONDITION_KEYS) or (
            colon and prefix != "aws" and (anything or prefix in services)
        ):
            return True
    return False


def applies_to_all_resources(statement: Statement) -> bool:
    """Whether the statement has all resources, or all but some, and no condition that selects among them."""
    if conditions_select_resources(statement):
        return False
    return bool(statement.not_resources) or any(
        entry.known and is_every_resource(entry.text()) for entry in statement.resources
    )


def actions_with_resource_level_permissions(statement: Statement) -> Iterator[str]:
    """The actions of a statement, as written, that a policy can limit to individual resources."""
    for entry in statement.actions:
        if not entry.known:
            continue
        action = entry.text()
        found = expand_action(action)
        if found is None:
            if "*" in action:  # in all services
                yield action
        elif any(
            one.has_resource_level_permissions and one.full_name not in DOCUMENTED_ON_ALL_RESOURCES for one in found
        ):
            yield action
    if statement.not_actions:
        yield "all other actions"


def covers_all_resources(action: Action, resource: str) -> bool:
    """Whether the resource pattern matches all resources that the action can be limited to."""
    return is_every_resource(resource) or matches_all_resources(action, resource)


def fully_named_actions(statement: Statement) -> Iterator[Entry]:
    """The actions of the statement without wildcards."""
    return (entry for entry in statement.actions if entry.known and not is_pattern(entry.text()))


def conditions_are_known(statement: Statement) -> bool:
    """Whether all conditions are known and valid."""
    return all(condition.base for condition in statement.conditions)


def undecided_entries(path: str, entries: Iterable[Entry]) -> Iterator[Undecided]:
    """An `Undecided` for each entry that is not known. `path` is the property that holds the document."""
    yield from (Undecided(f"{path}.{entry.place}") for entry in entries if not entry.known)


def brief_list(items: Iterable[str], most: int = _MAX_LISTED) -> str:
    """The first items and the number of the others: `a, b, c and 4 more`. Secret items are shown as secrets."""
    texts = [f"{item}" for item in items]
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")
