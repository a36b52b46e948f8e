"""Trust policies for federated identities (OIDC and SAML), limited to the identities of one owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.resource_policies import principals_assuming, trust_policy_of
from policypack.iam.condition_values import requires_value
from policypack.iam.identity_providers import SHARED_PROVIDERS
from policypack.iam.trust_policies import oidc_issuer, subject_matches_several_owners
from policypack.model import ROLE, Resource
from policypack.rule import Fault, Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Condition
    from policypack.iam.trust_policies import NamedPrincipal

_EKS_ISSUER: Final = "oidc.eks."
_OTHER_CLAIMS: Final = ("aud", "sub", "azp", "amr", "email")


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Limit the aud and sub claims of the provider (SAML:aud for SAML) in the Condition of assume_role_policy.",
    terms=("IRSA", "web identity", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "SSO", "Cognito", "federation"),
)
def role_restricts_federated_identities(role: Resource) -> Findings:
    """Without a limit on the token, every user of a shared identity provider (OIDC or SAML) can assume the role.

    The claim to limit is the subject (sub) for GitHub Actions, GitLab, HCP Terraform and the service accounts of EKS,
    the audience (aud) or application for others (IAM user guide, "Identity-provider controls for shared OIDC
    providers").
    """
    trust = trust_policy_of(role)
    for one in principals_assuming(trust):
        found = _saml(one) if one.kind == "saml" else _oidc(one) if one.kind == "oidc" else None
        if found is None:
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        else:
            message, claim = found
            yield Fault(message, trust.at(one.place), fix=f"Limit {claim} in the Condition of assume_role_policy.")


def _saml(one: NamedPrincipal) -> tuple[str, str] | None:
    """The message about a trusted SAML provider, and the condition key to limit; None if it is limited."""
    if any(condition.name == "saml:aud" and _is_limited(condition) for condition in one.conditions):
        return None
    return f"trusts SAML assertions of {one.value} for any audience", "SAML:aud to https://signin.aws.amazon.com/saml"


def _oidc(one: NamedPrincipal) -> tuple[str, str] | None:
    """The message about a trusted OIDC provider, and the condition key to limit; None if it is limited."""
    issuer = oidc_issuer(one.value)
    claims = SHARED_PROVIDERS.get(issuer) or (("sub",) if issuer.startswith(_EKS_ISSUER) else _OTHER_CLAIMS)
    limited = False
    for condition in one.conditions:
        holder, _, claim = condition.name.rpartition(":")
        if holder != issuer.lower() or claim not in claims or not _is_limited(condition):
            continue
        pattern = next(_public_values(issuer, claim, condition), None)
        if pattern is None:
            limited = True
        elif claim == "sub":
            return f"trusts {pattern} of {issuer}, whoever owns it", f"{issuer}:sub to your own subjects"
    if limited:
        return None
    return f"trusts every identity of {issuer}", f"{issuer}:{claims[0]} to your own values"


def _is_limited(condition: Condition) -> bool:
    """Whether the claim is limited to values. `ForAllValues:` counts here, because a token always has its claims."""
    return requires_value(msgspec.structs.replace(condition, quantifier=""))


def _public_values(issuer: str, claim: str, condition: Condition) -> Iterator[str]:
    """The values of a claim that match tokens of more than one owner."""
    for entry in condition.values:
        if entry.value is None or not condition.base.endswith("like"):
            continue
        if claim != "sub":
            wide = entry.value.startswith(("*", "?"))
        elif issuer.startswith(_EKS_ISSUER):
            wide = entry.value.removeprefix("system:serviceaccount:").startswith(("*", "?"))
        else:
            wide = subject_matches_several_owners(issuer, entry.value) or entry.value.partition(":")[2].startswith(
                ("*", "?")
            )
        if wide:
            yield entry.value
