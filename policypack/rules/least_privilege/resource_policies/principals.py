"""Policies of resources that let in those they are meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.external_accounts import OF_AWS, accounts_let_in, is_open_to_the_web, is_the_owner
from policypack.access.resource_policies import HOLDERS, KEYS, policy_of
from policypack.access.stack_accounts import AccountOptions, is_own
from policypack.iam.actions import has_access_level
from policypack.iam.condition_values import required_values
from policypack.iam.public_access import allows_public_access
from policypack.model import PERMISSION, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from policypack.iam.elements import Statement

_ALL: Final = (*HOLDERS, PERMISSION)
_NO_KEYS: Final = tuple(type_ for type_ in _ALL if type_ not in KEYS)
_CHANGING: Final = frozenset(("sns:settopicattributes", "sqs:setqueueattributes"))
"""Actions that set a policy among other attributes, so that their level is Write."""
_GRANTING: Final = frozenset(("kms:creategrant", "kms:retiregrant", "kms:revokegrant"))
_WRITING_ACLS: Final = frozenset(("s3:putobjectacl", "s3:putobjectversionacl"))
_ACL_GUARDS: Final = ("s3:x-amz-acl", "s3:x-amz-grant-full-control")


@rule(
    on=HOLDERS,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="Name the accounts, roles or services in the Principal of the policy argument, or pin aws:PrincipalOrgID in "
    "its Condition.",
)
def resource_policy_is_not_public(holder: Resource) -> Findings:
    """A policy that names everybody opens the resource to every AWS account there is, and mostly to the whole web."""
    policy = policy_of(holder)
    for one in policy.named:
        if one.statement.not_principals or (one.kind != "everybody" and not is_open_to_the_web(one)):
            continue
        stranger = allows_public_access(policy.document, one.statement)
        if stranger:
            what = (
                ", ".join(entry.text() for entry in one.statement.actions[:3] if entry.known) or "all but what it names"
            )
            yield f"lets everybody do {what}", policy.at(one.place)
        elif stranger is None:
            yield policy.unknown_condition(one.statement)


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name in the Principal of the policy argument who is let in, instead of who is not.",
)
def resource_policy_has_no_not_principal(holder: Resource) -> Findings:
    """To name who is kept out is to let everybody else in, those without any AWS account included."""
    policy = policy_of(holder)
    for statement in policy.statements:
        if statement.not_principals:
            yield "lets everybody in but those it names", policy.at(f"{statement.place}.NotPrincipal")


@rule(
    on=_NO_KEYS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name in the Action of the policy what is needed, and no more.",
)
def resource_policy_has_no_wildcard_action(holder: Resource, stack: Stack) -> Findings:
    """All actions include those that delete the resource and rewrite its policy, and those AWS will add tomorrow."""
    policy = policy_of(holder, stack)
    for statement in policy.statements:
        stars = [entry for entry in statement.actions if entry.known and _is_star(entry.text())]
        element = "NotAction" if statement.not_actions else "Action"
        if stars or statement.not_actions:
            owner = is_the_owner(statement, stack)
            what = stars[0].text() if stars else "every action but the ones it names"
            if owner is None:
                yield Undecided(policy.at(f"{statement.place}.Principal"))
            elif not owner:
                yield f"allows {what}", policy.at(f"{statement.place}.{element}")
        else:
            yield from (Undecided(policy.at(entry.place)) for entry in statement.actions if not entry.known)


@rule(
    on=_ALL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="List the account under `accounts` of this rule if it is trusted, or take it out of the policy.",
)
def resource_policy_allows_only_known_accounts(holder: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """Whoever runs another account decides who uses what it is given here."""
    policy = policy_of(holder, stack)
    for one in policy.named:
        if required_values(one.conditions, "aws:PrincipalOrgID") or required_values(
            one.conditions, "aws:PrincipalOrgPaths"
        ):
            continue
        for account, place in accounts_let_in(one):
            if account in options.accounts or account in OF_AWS:
                continue
            own = is_own(stack, account)
            if own is None:
                yield Undecided(policy.at(place))
            elif not own:
                yield f"lets account {account} in", policy.at(place)


@rule(
    on=_ALL,
    severity=Severity.MEDIUM,
    fix="Leave the actions that change policies to the account that owns the resource.",
)
def resource_policy_grants_no_permissions_management(holder: Resource, stack: Stack) -> Findings:
    """Who may rewrite the policy of a resource, or grant others access to it, may do everything with it."""
    policy = policy_of(holder, stack)
    changing: dict[int, list[str]] = {}
    for one in policy.named:
        others = {account: own for account, _ in accounts_let_in(one) if not (own := is_own(stack, account))}
        index = one.statement.index
        if others and index not in changing:
            changing[index] = _changing(one.statement)
        verbs = changing.get(index, [])
        for account, own in others.items() if verbs else ():
            if own is None:
                yield Undecided(policy.at(one.place))
            else:
                yield f"lets account {account} do {verbs[0]}", policy.at(f"{one.statement.place}.Action")


def _is_star(action: str) -> bool:
    """Whether it stands for all actions there are, or all of a service."""
    return "*" in action and not action.rpartition(":")[2].strip("*")


def _changing(statement: Statement) -> list[str]:
    """The actions of a statement that decide who may use the resource."""
    return [entry.text() for entry in statement.actions if entry.known and _changes(entry.text(), statement)]


def _changes(action: str, statement: Statement) -> bool:
    """Whether the action decides who may use the resource. All actions at once are another rule's fault."""
    name = action.lower()
    if _is_star(name):
        return False
    if name in _GRANTING and required_values(statement.conditions, "kms:GrantIsForAWSResource"):
        return False  # KMS developer guide, "Allowing users in other accounts to use a KMS key"
    if name in _WRITING_ACLS and any(required_values(statement.conditions, key) for key in _ACL_GUARDS):
        return False  # S3 user guide, "Granting cross-account permissions to upload objects"
    return name in _CHANGING or has_access_level(action, "Permissions management")
