"""One request to AWS as policies see it: who asks for what, and what else is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.model import is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEGMENTS: Final = 6
_COLONS: Final = _SEGMENTS - 1
_PRINCIPAL_TYPES: Final = {
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
    "root": "Account",
}
"""IAM user guide, "Principal key values": the `aws:PrincipalType` of each kind of ARN."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `context`: values by condition key in lower case, None for one that is not known.

    `open_context`: keys that are not listed may yet be there, with any value, instead of being absent.
    """

    action: str
    resource: str = "*"
    principal: str = ""
    context: Mapping[str, tuple[str | None, ...]] = {}
    incomplete_context: bool = False

    def context_values(self, name: str) -> tuple[str | None, ...] | None:
        """The values of a condition key, named in lower case; `(None,)` where not known, None where absent."""
        found = self.context.get(name)
        if found is None and self.incomplete_context:
            return (None,)
        return found or None  # a key with no values is as good as absent

    def single_value(self, name: str) -> str | None:
        """The value that a policy variable stands for; None where there is none, or several."""
        found = self.context_values(name)
        return found[0] if found and len(found) == 1 else None


def make_request(
    action: str,
    resource: str = "*",
    principal: str = "",
    context: Mapping[str, Any] | None = None,
    *,
    open_context: bool = False,
) -> Request:
    """Make a request from plain values: a context value is a string, number, boolean, or a list of them.

    What the ARNs of principal and resource say by themselves is added where the context does not say it.
    """
    known = {**_context_from_arns(principal, resource)}
    for key, value in (context or {}).items():
        known[str(key).lower()] = _context_values(value)
    return Request(
        action=action, resource=resource, principal=principal, context=known, incomplete_context=open_context
    )


def _context_values(value: object) -> tuple[str | None, ...]:
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(_context_text(item) for item in value)
    if value is None:
        return ()
    return (_context_text(value),)


def _context_text(value: object) -> str | None:
    if is_unknown(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _context_from_arns(principal: str, resource: str) -> dict[str, tuple[str | None, ...]]:
    found: dict[str, tuple[str | None, ...]] = {}
    parts = principal.split(":", _COLONS)
    if len(parts) == _SEGMENTS and parts[0] == "arn":
        account, name = parts[4], parts[5]
        kind, _, rest = name.partition("/")
        found["aws:principalaccount"] = (account,)
        found["aws:principalisawsservice"] = ("false",)
        arn = principal
        if kind == "assumed-role":
            # "For IAM roles, the request context returns the ARN of the role"; a session's ARN lacks the role's path.
            arn = f"{parts[0]}:{parts[1]}:iam::{account}:role/{rest.partition('/')[0]}"
        found["aws:principalarn"] = (arn,)
        if kind in _PRINCIPAL_TYPES:
            found["aws:principaltype"] = (_PRINCIPAL_TYPES[kind],)
        if kind == "user":
            found["aws:username"] = (rest.rpartition("/")[2],)
        elif kind == "root":
            found["aws:userid"] = (account,)
    owner = resource.split(":", _COLONS)
    if len(owner) == _SEGMENTS and owner[4].isdigit():
        found["aws:resourceaccount"] = (owner[4],)
    return found
