"""The principals of trust policies and resource-based policies: who may assume a role, and under which conditions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from policypack.iam.condition_values import required_values
from policypack.iam.identity_providers import GITHUB
from policypack.iam.matching import overlaps_action
from policypack.model.arn import parse_arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Condition, Document, Principal, Statement

PrincipalKind = Literal["everybody", "service", "account", "identity", "oidc", "saml", "canonical", "unknown"]
"""The type of a principal. `identity` is one role or user, `account` a whole account, `everybody` everyone (`*`)."""

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
    """One principal of a statement. `value` is as written. `account` is the account that it belongs to, or empty."""

    kind: PrincipalKind
    value: str
    account: str
    place: str
    statement: Statement

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the statement."""
        return self.statement.conditions

    def required_values(self, key: str) -> tuple[str | None, ...]:
        """The values of which a condition key must have one. Empty if it may have any. None is an unknown value."""
        return tuple(entry.value for entry in required_values(self.conditions, key))


def trusted_principals(document: Document) -> tuple[NamedPrincipal, ...]:
    """The principals that the document allows to assume the role, in order. Parts that are not known are `unknown`."""
    return tuple(_trusted_principals(document))


def trusted_services(document: Document) -> tuple[str, ...]:
    """The service principals that may assume the role, each once, for example `lambda.amazonaws.com`."""
    return tuple(dict.fromkeys(one.value for one in trusted_principals(document) if one.kind == "service"))


def service_name(principal: str) -> str:
    """The service of a service principal in any partition: `logs` for `logs.eu-west-1.amazonaws.com`."""
    found = _SERVICE.match(principal.lower())
    return found["name"] if found else principal.lower()


def trusts_service(document: Document, service: str) -> bool | None:
    """Whether the document allows an AWS service to assume the role. None if that depends on an unknown part."""
    if document.is_unknown or document.invalid:
        return None
    wanted, unknown = service_name(service), False
    for one in trusted_principals(document):
        if one.kind == "everybody" or (one.kind == "service" and service_name(one.value) == wanted):
            return True
        unknown = unknown or one.kind == "unknown"
    return None if unknown else False


def oidc_issuer(federated: str) -> str:
    """The issuer of an OIDC provider, with which its condition keys start: `token.actions.githubusercontent.com`."""
    return federated.partition(":oidc-provider/")[2] or federated


def subject_matches_several_owners(issuer: str, subject: str) -> bool:
    """Whether a pattern for the claim `sub` matches subjects of several owners (GitHub: several organizations).

    GitHub's subjects have the form `repo:OWNER/REPOSITORY:...` (GitHub documentation, "OpenID Connect reference").
    """
    if issuer != GITHUB:
        return subject.strip("*?") == ""
    if not subject.startswith("repo:"):
        return "*" in subject or "?" in subject
    owner, slash, _ = subject.removeprefix("repo:").partition("/")
    return not slash or "*" in owner or "?" in owner or not owner


def may_allow_assume_role(statement: Statement) -> bool:
    """Whether the statement may apply to the actions that assume a role."""
    if statement.not_actions:
        return True
    return any(
        entry.value is None or any(overlaps_action(entry.value, action) for action in _ASSUME_ROLE_ACTIONS)
        for entry in statement.actions
    )


def named_principals(statement: Statement) -> Iterator[NamedPrincipal]:
    """The principals of a statement in a trust policy or resource-based policy, whatever its actions are."""
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
    account = account_of_principal(value)
    if principal.kind == "Federated":
        return ("saml" if ":saml-provider/" in value else "oidc"), account
    if _ACCOUNT.match(value) or value.endswith((":root", ":*")):
        return "account", account
    return "identity", account


def account_of_principal(value: str) -> str:
    """The account of a principal that is given as an ARN or an account id. Empty if there is none."""
    if _ACCOUNT.match(value):
        return value
    arn = parse_arn(value)
    return "" if arn is None else arn.account
