"""Whether an ARN is about a resource of this stack, or about one of the same name in another account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.model.arn import account_of
from policypack.model.types import FUNCTION, KEY, LOG_GROUP, POLICY, QUEUE, ROLE, SECRET, STREAM, TABLE, TOPIC

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.model.stack import Stack

_SHOWING: Final = (ROLE, FUNCTION, QUEUE, TABLE, TOPIC, STREAM, KEY, POLICY, SECRET, LOG_GROUP)
"""Types whose `arn` is their own and holds their account. That of an event target, for one, is somebody else's."""


class Accounts:
    """The accounts that the ARNs of a stack's resources show. Grows with the stack: each is looked at once."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._seen = 0
        self._known: set[str] = set()

    def is_in_another_account(self, reference: object, resource: Resource) -> bool:
        """Whether a reference is an ARN of another account than a resource is in, as far as can be told."""
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
            if resource.type in _SHOWING and (account := account_of(resource.get("arn"))):
                self._known.add(account)
        self._seen = len(resources)
        return self._known
