"""Who a trust policy lets in, and on which conditions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policypack.iam.condition_values import required_values
from policypack.iam.identity_providers import GITHUB
from policypack.iam.matching import overlaps_action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Condition, Document, Principal, Statement

PrincipalKind = Literal["everybody", "service", "account", "identity", "oidc", "saml", "canonical", "unknown"]
"""What kind of principal: an AWS service, a whole account, one role or user, a federation, or one not known."""

_ACCOUNT: Final = re.compile(r"\d{12}\Z")
_ACCOUNT_WILDCARD: Final = re.compile(r"arn:[^:]*:(?:iam|sts):[^:]*:[^:]*[*?][^:]*:")
_SERVICE: Final = re.compile(r"(?P<name>[a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?\Z")
_ASSUME_ROLE_ACTIONS: Final = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
)


class NamedPrincipal(msgspec.Struct, frozen=True, eq=False):
    """One principal that an Allow statement names. `value` as written; `account`: the one it belongs to, if known."""

    kind: PrincipalKind
    value: str
    account: str
    place: str
    statement: Statement

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions it has to meet."""
        return self.statement.conditions

    def required_values(self, key: str) -> tuple[str | None, ...]:
        """The values that a condition key must have one of; empty where it may have any. None: a value not known."""
        return tuple(entry.value for entry in required_values(self.conditions, key))


def trusted_principals(document: Document) -> tuple[NamedPrincipal, ...]:
    """Everybody whom the document's Allow statements name, in order. A part that is not known counts as `unknown`."""
    return tuple(_trusted_principals(document))


def trusted_services(document: Document) -> tuple[str, ...]:
    """The service principals let in, each once, as `lambda.amazonaws.com`."""
    return tuple(dict.fromkeys(one.value for one in trusted_principals(document) if one.kind == "service"))


def service_name(principal: str) -> str:
    """The service of a service principal: `logs` for `logs.eu-west-1.amazonaws.com`, in every partition."""
    found = _SERVICE.match(principal.lower())
    return found["name"] if found else principal.lower()


def trusts_service(document: Document, service: str) -> bool | None:
    """Whether the document lets an AWS service in; None where a part that is not known decides."""
    if document.is_unknown or document.invalid:
        return None
    wanted, unsure = service_name(service), False
    for one in trusted_principals(document):
        if one.kind == "everybody" or (one.kind == "service" and service_name(one.value) == wanted):
            return True
        unsure = unsure or one.kind == "unknown"
    return None if unsure else False


def oidc_issuer(federated: str) -> str:
    """The issuer that an OIDC principal's condition keys start with: `token.actions.githubusercontent.com`."""
    return federated.partition(":oidc-provider/")[2] or federated


def subject_matches_several_owners(issuer: str, subject: str) -> bool:
    """Whether a `sub` pattern lets in subjects of more than one owner (for GitHub: of more than one organisation).

    GitHub's subjects read `repo:OWNER/REPOSITORY:...` (GitHub documentation, "OpenID Connect reference").
    """
    if issuer != GITHUB:
        return subject.strip("*?") == ""
    if not subject.startswith("repo:"):
        return "*" in subject or "?" in subject
    owner, slash, _ = subject.removeprefix("repo:").partition("/")
    return not slash or "*" in owner or "?" in owner or not owner


def may_allow_assume_role(statement: Statement) -> bool:
    """Whether the statement may be about assuming the role at all."""
    if statement.not_actions:
        return True
    return any(
        entry.value is None or any(overlaps_action(entry.value, action) for action in _ASSUME_ROLE_ACTIONS)
        for entry in statement.actions
    )


def named_principals(statement: Statement) -> Iterator[NamedPrincipal]:
    """Everybody whom a statement of a trust policy or of a resource's policy names, whatever its actions."""
    if statement.effect is None and not statement.invalid and not statement.principals:
        yield NamedPrincipal("unknown", "", "", statement.place, statement)
    if statement.not_principals:
        yield NamedPrincipal("everybody", "*", "", statement.not_principals[0].place, statement)
    for principal in statement.principals:
        kind, account = _kind_and_account(principal)
        yield NamedPrincipal(kind, principal.value or "", account, principal.place, statement)


def _trusted_principals(document: Document) -> Iterator[NamedPrincipal]:
    for statement in document.statements:
        if not statement.is_deny and may_allow_assume_role(statement):
            yield from named_principals(statement)


def _kind_and_account(principal: Principal) -> tuple[PrincipalKind, str]:
    value = principal.value
    if value is None:
        return "unknown", ""
    if principal.kind == "*" or value == "*" or _ACCOUNT_WILDCARD.match(value):
        return "everybody", ""
    if principal.kind == "Service":
        return "service", ""
    if principal.kind == "CanonicalUser":
        return "canonical", ""
    account = account_of(value)
    if principal.kind == "Federated":
        return ("saml" if ":saml-provider/" in value else "oidc"), account
    if _ACCOUNT.match(value) or value.endswith((":root", ":*")):
        return "account", account
    return "identity", account


def account_of(value: str) -> str:
    """The account of an ARN or of a bare account id; empty where there is none."""
    if _ACCOUNT.match(value):
        return value
    parts = value.split(":", 5)
    return parts[4] if len(parts) > 5 and parts[0] == "arn" else ""  # noqa: PLR2004 - segments of an ARN
