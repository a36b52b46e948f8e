"""Which other accounts a resource-based policy or a trust policy allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.stack_accounts import is_own_account
from policypack.iam.condition_values import required_values
from policypack.iam.identity_providers import CONSUMER_PROVIDERS
from policypack.iam.trust_policies import account_of_principal, named_principals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Entry, Statement
    from policypack.iam.trust_policies import NamedPrincipal
    from policypack.model import Stack

AWS_OWNED_ACCOUNTS: Final = frozenset(
    (
        *("127311923021", "033677994240", "027434742980", "797873946194", "098369216593", "754344448648"),
        *("589379963580", "718504428378", "383597477331", "600734575887", "114774131450", "783225319266"),
        *("582318560864", "985666609251", "054676820928", "156460612806", "652711504416", "635631232127"),
        *("009996457667", "897822967062", "076674570225", "507241528517", "048591011584", "190560391635"),
        *("638102146993", "037604701340"),
        "386209384616",
    )
)
"""Accounts that AWS owns: those from which load balancers deliver access logs, one for each region (ELB user guide,
"Enable access logs": regions available before August 2022), and that of billing reports (AWS Billing user guide)."""

_CALLER_KEYS: Final = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:SourceAccount",
    "aws:SourceOwner",
    "kms:CallerAccount",
)


def trusted_accounts(one: NamedPrincipal) -> Iterator[tuple[str, str]]:
    """The accounts that a principal includes, with their places: its own, or for `*` those that conditions require."""
    if one.kind in {"account", "identity"} and one.account.isdigit():
        yield one.account, one.place
    elif one.kind == "everybody" and not one.statement.not_principals:
        for entry in _required_callers(one):
            if entry.value is not None and (account := account_of_principal(entry.value)).isdigit():
                yield account, entry.place


def is_public_web_identity(one: NamedPrincipal) -> bool:
    """Whether it is everybody who can sign in at a consumer provider (S3 user guide, "The meaning of 'public'")."""
    issuer = one.value.lower()
    return issuer in CONSUMER_PROVIDERS and not any(
        condition.name.startswith(f"{issuer}:") for condition in one.conditions
    )


def allows_only_the_owner(statement: Statement, stack: Stack) -> bool | None:
    """Whether all principals of a statement are the account that owns the resource; None while that is not known.

    A statement that delegates to the access points of an account counts as well (S3 user guide, "Delegating access
    control to access points").
    """
    if required_values(statement.conditions, "s3:DataAccessPointAccount"):
        return True
    answers: list[bool | None] = []
    for one in named_principals(statement):
        callers = (
            [entry for entry in _required_callers(one) if entry.value is not None] if one.kind == "everybody" else []
        )
        if one.kind == "account":
            answers.append(is_own_account(stack, one.account))
        elif callers and all(account_of_principal(entry.text()) == entry.text() for entry in callers):
            answers.extend(is_own_account(stack, entry.text()) for entry in callers)
        else:
            return False
    return False if False in answers or not answers else None if None in answers else True


def _required_callers(one: NamedPrincipal) -> list[Entry]:
    """The values that conditions require for the calling account."""
    return [entry for key in _CALLER_KEYS for entry in required_values(one.conditions, key)]
