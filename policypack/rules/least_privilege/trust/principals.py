"""Trust policies: which accounts, people and roles can assume a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.external_accounts import trusted_accounts
from policypack.access.resource_policies import principals_assuming, trust_policy_of
from policypack.access.stack_accounts import AccountOptions, is_own_account
from policypack.iam.condition_values import requires_value
from policypack.iam.identity_providers import CONSUMER_PROVIDERS
from policypack.iam.matching import is_pattern
from policypack.iam.public_access import allows_public_access, denies_public_access
from policypack.iam.trust_policies import may_allow_assume_role
from policypack.model import ROLE, DeferredUndecided, Resource, Stack, Undecided, is_unknown
from policypack.model.arn import parse_arn
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from policypack.iam.elements import Condition
    from policypack.iam.trust_policies import NamedPrincipal

_ACCOUNT_WIDE_KEYS: Final = frozenset(
    (
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:requestedregion",
        "aws:securetransport",
    )
)
"""Condition keys that do not distinguish the principals of an account."""

_THIRD_PARTY_KEYS: Final = (
    "sts:ExternalId",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:MultiFactorAuthPresent",
)
"""Condition keys that limit another account: its external ID for us, our organization, or people with MFA."""


@rule(
    on=ROLE,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="Name the accounts, roles or services in the Principal of assume_role_policy.",
    terms=(
        "everyone",
        "anyone",
        "anonymous",
        "wildcard principal",
        "trust relationship",
    ),
)
def role_trust_policy_is_not_public(role: Resource) -> Findings:
    """A role that trusts `*` can be assumed from any AWS account, with all permissions that it has.

    A condition that only known principals or networks can meet, such as one on aws:PrincipalOrgID, passes (IAM user
    guide, "AWS JSON policy elements: Principal"). One on sts:ExternalId does not, because external IDs are not secret.
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        if one.kind == "everybody" and not one.statement.not_principals:
            public = allows_public_access(trust.document, one.statement)
            if public:
                yield "trusts every AWS account", trust.at(one.place)
            elif public is None:
                yield trust.unknown_condition(one.statement)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the principals that can assume the role in the Principal of assume_role_policy, instead of NotPrincipal.",
    terms=("public", "everyone", "all except"),
)
def role_trust_policy_has_no_not_principal(role: Resource) -> Findings:
    """An Allow statement with NotPrincipal trusts every principal of every AWS account, except those it lists.

    A Deny statement with NotPrincipal passes (IAM user guide, "AWS JSON policy elements: NotPrincipal").
    """
    trust = trust_policy_of(role)
    for statement in trust.allow_statements:
        if statement.not_principals and may_allow_assume_role(statement):
            place = f"{statement.place}.NotPrincipal"
            yield "trusts every AWS account except the principals in NotPrincipal", trust.at(place)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Require the sts:ExternalId that the third party gave you in the Condition of assume_role_policy, or list the "
    "account in the option `accounts` if it is one of your own.",
    terms=("vendor", "SaaS", "cross-account"),
)
def role_requires_external_id_for_third_parties(role: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """Without an external ID, another customer of a third party can make it act in your account (confused deputy).

    Accounts of the same organization (aws:PrincipalOrgID), people with MFA (aws:MultiFactorAuthPresent) and accounts in
    the option `accounts` pass (IAM user guide, "Access to AWS accounts owned by third parties").
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        if any(one.required_values(key) for key in _THIRD_PARTY_KEYS) or denies_public_access(
            trust.document, one.statement
        ):
            continue
        for account, place in trusted_accounts(one):
            if account in options.accounts or (own := is_own_account(stack, account)):
                continue
            if own is None:
                yield Undecided(trust.at(place))
            elif any(not condition.base for condition in one.conditions):
                yield trust.unknown_condition(one.statement)
            else:
                who = "every principal" if one.kind == "account" else "a principal"
                yield f"trusts {who} of account {account} without an external ID", trust.at(place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name the roles in the Principal of assume_role_policy, or limit aws:PrincipalArn in its Condition.",
    terms=(":root", "root principal", "cross-account"),
)
def role_does_not_trust_whole_account(role: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """A role that trusts a whole account can be assumed by every principal there that is granted sts:AssumeRole.

    Who that is depends on the policies of that account, not on this role. A condition that selects principals, such as
    one on aws:PrincipalArn, aws:PrincipalTag or MFA, passes (IAM user guide, "AWS JSON policy elements: Principal").
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        whole = one.account if one.kind == "account" else next(iter(one.required_values("aws:PrincipalAccount")), None)
        if whole is None or one.kind not in {"account", "everybody"} or any(map(_selects_principals, one.conditions)):
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        elif denies_public_access(trust.document, one.statement):
            continue
        elif whole in options.accounts or is_own_account(stack, whole) is not False:
            yield f"trusts every principal of account {whole}", trust.at(one.place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="List sts:AssumeRole (and sts:TagSession, if sessions are tagged) in the Action of assume_role_policy.",
    terms=("star", "asterisk", "NotAction"),
)
def role_trust_policy_has_no_wildcard_action(role: Resource) -> Findings:
    """A wildcard action in a trust policy also allows principals to set session tags and source identities.

    Policies that rely on these values can then be bypassed. The wildcard also includes actions that AWS adds later (IAM
    user guide, "Pass session tags in AWS STS").
    """
    trust = trust_policy_of(role)
    for statement in trust.allow_statements:
        if statement.not_actions:
            yield "allows every action except those in NotAction", trust.at(f"{statement.place}.NotAction")
        for entry in statement.actions:
            if not entry.known:
                yield Undecided(trust.at(entry.place))
            elif is_pattern(entry.text()):
                yield f"allows {entry.text()}", trust.at(entry.place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Create a separate aws.iam.Role for the people, and name only the service in assume_role_policy.",
    terms=("human access", "audit trail", "attribution", "IAM Identity Center", "SSO"),
)
def role_does_not_mix_human_and_service_principals(role: Resource) -> Findings:
    """When people can assume a workload's role, logs and policies cannot tell their actions from the workload's.

    People are whole accounts, IAM users, SAML and consumer identity providers, and the roles of permission sets (IAM
    user guide, "Security best practices in IAM").
    """
    trust = trust_policy_of(role)
    people: list[NamedPrincipal] = []
    services: list[NamedPrincipal] = []
    undecided = DeferredUndecided()
    for one in undecided.certain(principals_assuming(trust)):
        if one.kind == "service":
            services.append(one)
        elif _is_people(one):
            people.append(one)
    if people and services:
        yield f"trusts both {people[0].value} and {services[0].value}", trust.at(people[0].place)
    else:
        undecided.raise_noted()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the ARN of the role itself from assume_role_policy.",
    terms=("self-assume", "role chaining", "recursive"),
)
def role_does_not_trust_itself(role: Resource, stack: Stack) -> Findings:
    """A session that can assume its own role again can exceed its maximum duration and drop its session policy.

    Since 2022, a role does not trust itself unless its trust policy says so (AWS Security Blog, "Announcing an update
    to IAM role trust policy behavior").
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        arns = [one.value] if one.kind == "identity" else list(one.required_values("aws:PrincipalArn"))
        for arn in arns:
            if arn is not None and (same := _is_the_role(arn, role, stack)) is not False:
                yield ("trusts itself", trust.at(one.place)) if same else Undecided("arn")


def _selects_principals(condition: Condition) -> bool:
    """Whether a condition is met by only some principals of an account."""
    name = condition.name
    return name == "aws:multifactorauthage" or (name not in _ACCOUNT_WIDE_KEYS and requires_value(condition))


def _is_people(one: NamedPrincipal) -> bool:
    """Whether it stands for people: an account, a user, an identity provider, or a role of IAM Identity Center."""
    if one.kind == "oidc":
        return one.value in CONSUMER_PROVIDERS
    return one.kind in {"account", "saml"} or any(
        part in one.value for part in (":user/", ":federated-user/", "/AWSReservedSSO_")
    )


def _is_the_role(arn: str, role: Resource, stack: Stack) -> bool | None:
    """Whether an ARN is the role's own; None where the name is the role's and the account is not known yet."""
    if isinstance(own := role.get("arn"), str):
        return arn == own
    name = role.get("name", "")
    if is_unknown(name):
        return None
    found = parse_arn(arn)
    if found is None or found.resource != f"role{role.get('path', '/')}{name}":
        return False
    return is_own_account(stack, found.account)
