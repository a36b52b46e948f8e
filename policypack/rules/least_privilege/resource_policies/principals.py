"""Resource-based policies that grant access only to known principals, and only what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.external_accounts import (
    AWS_OWNED_ACCOUNTS,
    allows_only_the_owner,
    is_public_web_identity,
    trusted_accounts,
)
from policypack.access.resource_policies import KEY_POLICY_HOLDERS, RESOURCE_POLICY_HOLDERS, resource_policy_of
from policypack.access.stack_accounts import AccountOptions, is_own_account
from policypack.iam.actions import has_access_level
from policypack.iam.condition_values import required_values
from policypack.iam.public_access import allows_public_access
from policypack.iam.wildcards import is_service_wildcard
from policypack.model import PERMISSION, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from policypack.iam.elements import Statement

_ALL: Final = (*RESOURCE_POLICY_HOLDERS, PERMISSION)
_ALL_BUT_KEYS: Final = tuple(type_ for type_ in _ALL if type_ not in KEY_POLICY_HOLDERS)
_SETTING_ATTRIBUTES: Final = frozenset(("sns:settopicattributes", "sqs:setqueueattributes"))
"""Actions that can set the policy as one of several attributes; their access level is Write."""
_KMS_GRANT_ACTIONS: Final = frozenset(("kms:creategrant", "kms:retiregrant", "kms:revokegrant"))
_ACL_ACTIONS: Final = frozenset(("s3:putobjectacl", "s3:putobjectversionacl"))
_ACL_KEYS: Final = ("s3:x-amz-acl", "s3:x-amz-grant-full-control")


@rule(
    on=RESOURCE_POLICY_HOLDERS,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="List accounts, roles or services in the Principal of the policy argument, or require aws:PrincipalOrgID in "
    "its Condition.",
    terms=("wildcard principal", "anonymous", "everyone"),
)
def resource_policy_is_not_public(holder: Resource) -> Findings:
    """A resource-based policy with the principal * opens the resource to all AWS accounts, often to the internet.

    It passes with a condition on a fixed value, such as an organization, an account, a VPC or an address range (S3
    user guide, "Blocking public access to your Amazon S3 storage": "The meaning of public").
    """
    policy = resource_policy_of(holder)
    for one in policy.principals:
        if one.statement.not_principals or (one.kind != "everybody" and not is_public_web_identity(one)):
            continue
        public = allows_public_access(policy.document, one.statement)
        if public:
            actions = ", ".join(entry.text() for entry in one.statement.actions[:3] if entry.known)
            yield f"grants {actions or 'every action except those it lists'} to everyone", policy.at(one.place)
        elif public is None:
            yield policy.unknown_condition(one.statement)


@rule(
    on=RESOURCE_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Replace NotPrincipal in the policy argument with a Principal that lists who needs access.",
    terms=("public access", "anonymous"),
)
def resource_policy_has_no_not_principal(holder: Resource) -> Findings:
    """Allow with NotPrincipal grants access to everyone except those it lists, also without an AWS account.

    See the IAM user guide, "AWS JSON policy elements: NotPrincipal".
    """
    policy = resource_policy_of(holder)
    for statement in policy.allow_statements:
        if statement.not_principals:
            yield "grants access to everyone except those it lists", policy.at(f"{statement.place}.NotPrincipal")


@rule(
    on=_ALL_BUT_KEYS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="List in Action of the policy argument (action of a permission) only the actions that are needed.",
    terms=("star action", "NotAction"),
)
def resource_policy_has_no_wildcard_action(holder: Resource, stack: Stack) -> Findings:
    """A wildcard for all actions also grants deleting the resource, changing its policy, and actions AWS adds later.

    A statement for the account that owns the resource passes. Key policies are left to
    kms-key-policy-grants-full-access-to-account-only.
    """
    policy = resource_policy_of(holder, stack)
    for statement in policy.allow_statements:
        stars = [entry for entry in statement.actions if entry.known and is_service_wildcard(entry.text())]
        element = "NotAction" if statement.not_actions else "Action"
        if stars or statement.not_actions:
            owner = allows_only_the_owner(statement, stack)
            what = stars[0].text() if stars else "every action except those it lists"
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
    fix="List the account in the option `accounts` if it is trusted, or remove it from the policy argument.",
    terms=("cross-account access", "external account", "third party"),
)
def resource_policy_allows_only_known_accounts(holder: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """Administrators of another account decide who there can use the access that a resource-based policy grants.

    Known accounts are those of the stack, those in the option `accounts`, and AWS accounts that its guides name, such
    as for access logs. Statements that require an organization by aws:PrincipalOrgID pass.
    """
    policy = resource_policy_of(holder, stack)
    for one in policy.principals:
        if required_values(one.conditions, "aws:PrincipalOrgID") or required_values(
            one.conditions, "aws:PrincipalOrgPaths"
        ):
            continue
        for account, place in trusted_accounts(one):
            if account in options.accounts or account in AWS_OWNED_ACCOUNTS:
                continue
            own = is_own_account(stack, account)
            if own is None:
                yield Undecided(policy.at(place))
            elif not own:
                yield f"grants access to account {account}", policy.at(place)


@rule(
    on=_ALL,
    severity=Severity.MEDIUM,
    fix="Remove the actions that manage permissions from the statement for the other account in the policy argument.",
    terms=("cross-account access", "PutBucketPolicy", "SetQueueAttributes", "ACL"),
)
def resource_policy_grants_no_permissions_management(holder: Resource, stack: Stack) -> Findings:
    """A principal of another account that can change the policy of a resource can give itself any access to it.

    The rule reports actions with the access level Permissions management, and those that set a policy as an attribute.
    """
    policy = resource_policy_of(holder, stack)
    changing: dict[int, list[str]] = {}
    for one in policy.principals:
        others = {account: own for account, _ in trusted_accounts(one) if not (own := is_own_account(stack, account))}
        index = one.statement.index
        if others and index not in changing:
            changing[index] = _permission_actions(one.statement)
        actions = changing.get(index, [])
        for account, own in others.items() if actions else ():
            if own is None:
                yield Undecided(policy.at(one.place))
            else:
                yield f"grants {actions[0]} to account {account}", policy.at(f"{one.statement.place}.Action")


def _permission_actions(statement: Statement) -> list[str]:
    """The actions of a statement that control who can use the resource."""
    names = (entry.text() for entry in statement.actions if entry.known)
    return [name for name in names if _manages_permissions(name, statement)]


def _manages_permissions(action: str, statement: Statement) -> bool:
    """Whether an action controls who can use the resource; another rule reports wildcards for all actions."""
    name = action.lower()
    if is_service_wildcard(name):
        return False
    if name in _KMS_GRANT_ACTIONS and required_values(statement.conditions, "kms:GrantIsForAWSResource"):
        return False  # KMS developer guide, "Allowing users in other accounts to use a KMS key"
    if name in _ACL_ACTIONS and any(required_values(statement.conditions, key) for key in _ACL_KEYS):
        return False  # S3 user guide, "Granting cross-account permissions to upload objects"
    return name in _SETTING_ATTRIBUTES or has_access_level(action, "Permissions management")
