"""Tells an ARN of a resource in the stack from one of the same name in another account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model.arn import account_of
from policypack.model.types import FUNCTION, KEY, LOG_GROUP, POLICY, QUEUE, ROLE, SECRET, STREAM, TABLE, TOPIC

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.model.stack import Stack

_TYPES_WITH_OWN_ARN: Final = (ROLE, FUNCTION, QUEUE, TABLE, TOPIC, STREAM, KEY, POLICY, SECRET, LOG_GROUP)
"""Types whose property `arn` is their own ARN, with their account. That of an event target is the target's."""


class Accounts:
    """The accounts in the ARNs of a stack's resources. Reads each resource of the stack once."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._seen = 0
        self._known: set[str] = set()

    def is_in_another_account(self, reference: object, resource: Resource) -> bool:
        """Whether a reference is an ARN of another account than the resource's; False where its account is unknown."""
        account = account_of(reference)
        if not account:
            return False
        if own := account_of(resource.get("arn")):
            return account != own
        known = self._catch_up()
        return bool(known) and account not in known

    def _catch_up(self) -> set[str]:
        resources = self._stack.resources
        for resource in resources[self._seen :] if self._seen < len(resources) else ():
            if resource.type in _TYPES_WITH_OWN_ARN and (account := account_of(resource.get("arn"))):
                self._known.add(account)
        self._seen = len(resources)
        return self._known
