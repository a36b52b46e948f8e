"""Deny statements: whether they deny all or some of the actions and resources that a pattern matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from policypack.iam.matching import covers_action, covers_resource, overlaps_action, overlaps_resource
from policypack.iam.three_valued_logic import all_true, any_true, negated

if TYPE_CHECKING:
    from policypack.iam.elements import Entry, Statement


class Denial(msgspec.Struct, frozen=True, eq=False):
    """A statement without conditions that denies, or may deny because its effect is unknown.

    `document` is the name of the policy that contains it.
    """

    statement: Statement
    document: str

    def denies_all(self, action: str, resource: str) -> bool | None:
        """Whether it denies every action on every resource that the two patterns match. None if that is unknown."""
        statement = self.statement
        if statement.not_actions:
            actions = negated(any_true(_action_overlaps(entry, action) for entry in statement.not_actions))
        else:
            actions = any_true(_action_covered(entry, action) for entry in statement.actions)
        if actions is False:
            return False
        if statement.not_resources:
            resources = negated(any_true(_resource_overlaps(entry, resource) for entry in statement.not_resources))
        elif statement.resources:
            resources = any_true(_resource_covered(entry, resource) for entry in statement.resources)
        else:
            resources = True
        answer = all_true((actions, resources))
        return None if answer and (statement.effect is None or statement.invalid) else answer

    def denies_some(self, action: str, resource: str) -> bool:
        """Whether it certainly denies some action on some resource that the two patterns match."""
        statement = self.statement
        if statement.effect is None or statement.invalid:
            return False
        if statement.not_actions:
            actions = not any(_action_covered(entry, action) is not False for entry in statement.not_actions)
        else:
            actions = any(_action_overlaps(entry, action) for entry in statement.actions)
        if statement.not_resources:
            resources = not any(_resource_covered(entry, resource) is not False for entry in statement.not_resources)
        else:
            resources = any(_resource_overlaps(entry, resource) for entry in statement.resources)
        return actions and resources


def _action_overlaps(entry: Entry, action: str) -> bool | None:
    return None if entry.value is None else overlaps_action(entry.value, action)


def _action_covered(entry: Entry, action: str) -> bool | None:
    return None if entry.value is None else covers_action(entry.value, action)


def _resource_overlaps(entry: Entry, resource: str) -> bool | None:
    return None if entry.value is None else overlaps_resource(entry.value, resource)


def _resource_covered(entry: Entry, resource: str) -> bool | None:
    return None if entry.value is None else covers_resource(entry.value, resource)
