"""A request to AWS as IAM evaluates it: principal, action, resource and request context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.model import is_unknown
from policypack.model.arn import COLONS, Arn, parse_arn, segments_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_PRINCIPAL_TYPES: Final = {
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
    "root": "Account",
}
"""The value of `aws:PrincipalType` by the type of principal ARN. Source: IAM user guide, "Principal key values"."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `context` has the values of each condition key, in lower case; None stands for an unknown value.

    `incomplete_context`: keys that are not in `context` are unknown. Otherwise they are absent from the request.
    """

    action: str
    resource: str = "*"
    principal: str = ""
    context: Mapping[str, tuple[str | None, ...]] = {}
    incomplete_context: bool = False

    def context_values(self, name: str) -> tuple[str | None, ...] | None:
        """The values of a condition key, given in lower case. `(None,)` if they are unknown, None if it is absent."""
        found = self.context.get(name)
        if found is None and self.incomplete_context:
            return (None,)
        return found or None  # a key without values counts as absent

    def single_value(self, name: str) -> str | None:
        """The value that replaces a policy variable. None if the key is absent, unknown or has several values."""
        found = self.context_values(name)
        return found[0] if found and len(found) == 1 else None


def make_request(
    action: str,
    resource: str = "*",
    principal: str = "",
    context: Mapping[str, Any] | None = None,
    *,
    incomplete_context: bool = False,
) -> Request:
    """Make a request. A context value is a string, a number, a boolean or a list of them.

    Condition keys that follow from the ARNs of principal and resource are added unless the context has them.
    """
    known = {**_context_from_arns(principal, resource)}
    for key, value in (context or {}).items():
        known[str(key).lower()] = _context_values(value)
    return Request(
        action=action, resource=resource, principal=principal, context=known, incomplete_context=incomplete_context
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
    arn = parse_arn(principal)
    if arn is not None:
        kind, _, rest = arn.resource.partition("/")
        found["aws:principalaccount"] = (arn.account,)
        found["aws:principalisawsservice"] = ("false",)
        found["aws:principalarn"] = (principal,)
        if kind == "assumed-role":
            # "For IAM roles, the request context returns the ARN of the role"; a session's ARN lacks the role's path.
            role = Arn(arn.partition, "iam", "", arn.account, f"role/{rest.partition('/')[0]}")
            found["aws:principalarn"] = (str(role),)
        if kind in _PRINCIPAL_TYPES:
            found["aws:principaltype"] = (_PRINCIPAL_TYPES[kind],)
        if kind == "user":
            found["aws:username"] = (rest.rpartition("/")[2],)
        elif kind == "root":
            found["aws:userid"] = (arn.account,)
    segments = segments_of(resource)
    if len(segments) > COLONS and segments[4].isdigit():
        found["aws:resourceaccount"] = (segments[4],)
    return found
