"""Roles that only those may assume whom somebody has thought of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.external_accounts import accounts_let_in
from policypack.access.resource_policies import assuming, trust_of
from policypack.access.stack_accounts import AccountOptions, is_own
from policypack.iam.condition_values import requires_value
from policypack.iam.identity_providers import CONSUMER_PROVIDERS
from policypack.iam.matching import is_pattern
from policypack.iam.public_access import allows_public_access, denies_public_access
from policypack.iam.trust_policies import may_allow_assume_role
from policypack.model import ROLE, Resource, Stack, Undecided, is_unknown
from policypack.model.arn import parse_arn
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from policypack.iam.elements import Condition
    from policypack.iam.trust_policies import NamedPrincipal

"""Where people sign in with an account of their own (IAM user guide, "OIDC federation")."""

_SAME_FOR_ALL: Final = frozenset(
    (
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:requestedregion",
        "aws:securetransport",
    )
)
"""Conditions that everybody in an account meets alike."""

_KNOWN: Final = ("sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:MultiFactorAuthPresent")
"""What another account is held to: the identifier that it has for us, our organisation, or a person with a device."""


@rule(
    on=ROLE,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    fix="Name the accounts, roles or services in the Principal of assume_role_policy.",
)
def role_trust_policy_is_not_public(role: Resource) -> Findings:
    """A role that trusts everybody can be assumed from any AWS account there is, with all that it may do."""
    trust = trust_of(role)
    for one in assuming(trust):
        if one.kind == "everybody" and not one.statement.not_principals:
            stranger = allows_public_access(trust.document, one.statement)
            if stranger:
                yield "lets everybody assume it", trust.at(one.place)
            elif stranger is None:
                yield trust.unknown_condition(one.statement)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name in the Principal of assume_role_policy who may assume the role, instead of who may not.",
)
def role_trust_policy_has_no_not_principal(role: Resource) -> Findings:
    """To name who is kept out is to let everybody else in, from any AWS account there is."""
    trust = trust_of(role)
    for statement in trust.statements:
        if statement.not_principals and may_allow_assume_role(statement):
            place = f"{statement.place}.NotPrincipal"
            yield "lets everybody assume it but those it names", trust.at(place)


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Ask for the sts:ExternalId that the other side has for you in assume_role_policy, or list the account under "
    "`accounts` if it is one of your own.",
)
def role_requires_external_id_for_third_parties(role: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """Without it another customer of the same third party can have it act in this account, in that customer's name."""
    trust = trust_of(role)
    for one in assuming(trust):
        if any(one.required_values(key) for key in _KNOWN) or denies_public_access(trust.document, one.statement):
            continue
        for account, place in accounts_let_in(one):
            if account in options.accounts or (own := is_own(stack, account)):
                continue
            if own is None:
                yield Undecided(trust.at(place))
            elif any(not condition.base for condition in one.conditions):
                yield trust.unknown_condition(one.statement)
            else:
                who = "all of account" if one.kind == "account" else "an identity of account"
                yield f"lets {who} {account} assume it without an external ID", trust.at(place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name the roles in the Principal of assume_role_policy, or pin aws:PrincipalArn in its Condition.",
)
def role_does_not_trust_whole_account(role: Resource, stack: Stack, options: AccountOptions) -> Findings:
    """Whoever may grant sts:AssumeRole in the account can then give the role to anybody there."""
    trust = trust_of(role)
    for one in assuming(trust):
        whole = one.account if one.kind == "account" else next(iter(one.required_values("aws:PrincipalAccount")), None)
        if whole is None or one.kind not in {"account", "everybody"} or any(map(_narrows, one.conditions)):
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        elif denies_public_access(trust.document, one.statement):
            continue
        elif whole in options.accounts or is_own(stack, whole) is not False:
            yield f"lets all of account {whole} assume it", trust.at(one.place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name sts:AssumeRole (and sts:TagSession, if sessions are tagged) in the Action of assume_role_policy.",
)
def role_trust_policy_has_no_wildcard_action(role: Resource) -> Findings:
    """A wildcard lets the same principal set session tags, identities and contexts, and what AWS will add tomorrow."""
    trust = trust_of(role)
    for statement in trust.statements:
        if statement.not_actions:
            yield "allows every action but the ones it names", trust.at(f"{statement.place}.NotAction")
        for entry in statement.actions:
            if not entry.known:
                yield Undecided(trust.at(entry.place))
            elif is_pattern(entry.text()):
                yield f"allows {entry.text()}", trust.at(entry.place)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Make an aws.iam.Role for the people, and leave the service alone in assume_role_policy.",
)
def role_does_not_mix_human_and_service_principals(role: Resource) -> Findings:
    """People who take on a workload's role act in its name: the log no longer tells who did it."""
    trust = trust_of(role)
    people: list[NamedPrincipal] = []
    services: list[NamedPrincipal] = []
    unknown: Undecided | None = None
    try:
        for one in assuming(trust):
            if one.kind == "service":
                services.append(one)
            elif _is_people(one):
                people.append(one)
    except Undecided as undecided:
        unknown = undecided
    if people and services:
        yield f"trusts {people[0].value} beside {services[0].value}", trust.at(people[0].place)
    elif unknown is not None:
        raise unknown


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Leave the role itself out of the Principal of assume_role_policy.",
)
def role_does_not_trust_itself(role: Resource, stack: Stack) -> Findings:
    """A session that assumes its own role again starts anew: it outlives its limit, and sheds its session policy."""
    trust = trust_of(role)
    for one in assuming(trust):
        arns = [one.value] if one.kind == "identity" else list(one.required_values("aws:PrincipalArn"))
        for arn in arns:
            if arn is not None and (same := _is_the_role(arn, role, stack)) is not False:
                yield ("trusts itself", trust.at(one.place)) if same else Undecided("arn")


def _narrows(condition: Condition) -> bool:
    """Whether a condition picks some of the people and roles of an account."""
    name = condition.name
    return name == "aws:multifactorauthage" or (name not in _SAME_FOR_ALL and requires_value(condition))


def _is_people(one: NamedPrincipal) -> bool:
    """Whether it stands for people: an account, a user, a sign-in, or the roles that IAM Identity Center makes."""
    if one.kind == "oidc":
        return one.value in CONSUMER_PROVIDERS
    return one.kind in {"account", "saml"} or any(
        part in one.value for part in (":user/", ":federated-user/", "/AWSReservedSSO_")
    )


def _is_the_role(arn: str, role: Resource, stack: Stack) -> bool | None:
    """Whether an ARN is the role's; None where its name is, and its account cannot be told yet."""
    if isinstance(own := role.get("arn"), str):
        return arn == own
    name = role.get("name", "")
    if is_unknown(name):
        return None
    found = parse_arn(arn)
    if found is None or found.resource != f"role{role.get('path', '/')}{name}":
        return False
    return is_own(stack, found.account)
