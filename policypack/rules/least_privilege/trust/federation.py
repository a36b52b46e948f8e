"""Roles that people and workloads of other sign-ins take on: only ours, not all who can sign in there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.resource_policies import assuming, trust_of
from policypack.iam.condition_values import requires_value
from policypack.iam.identity_providers import SHARED_PROVIDERS
from policypack.iam.trust_policies import oidc_issuer, subject_matches_several_owners
from policypack.model import ROLE, Resource
from policypack.rule import Fault, Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Condition
    from policypack.iam.trust_policies import NamedPrincipal

_CLUSTERS: Final = "oidc.eks."
_ANY_CLAIM: Final = ("aud", "sub", "azp", "amr", "email")


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Pin the aud and sub claims of the sign-in (SAML:aud for SAML) in the Condition of assume_role_policy.",
)
def role_restricts_federated_identities(role: Resource) -> Findings:
    """A sign-in hands tokens to all its users: without a limit, whoever has an account there can assume the role."""
    trust = trust_of(role)
    for one in assuming(trust):
        found = _saml(one) if one.kind == "saml" else _oidc(one) if one.kind == "oidc" else None
        if found is None:
            continue
        if any(not condition.base for condition in one.conditions):
            yield trust.unknown_condition(one.statement)
        else:
            message, claim = found
            yield Fault(message, trust.at(one.place), fix=f"Pin {claim} in the Condition of assume_role_policy.")


def _saml(one: NamedPrincipal) -> tuple[str, str] | None:
    """What is wrong with a trust in a SAML provider, and the key to pin."""
    if any(condition.name == "saml:aud" and _pins(condition) for condition in one.conditions):
        return None
    return f"takes assertions of {one.value} for any audience", "SAML:aud to https://signin.aws.amazon.com/saml"


def _oidc(one: NamedPrincipal) -> tuple[str, str] | None:
    """What is wrong with a trust in an OIDC provider, and the key to pin."""
    issuer = oidc_issuer(one.value)
    claims = SHARED_PROVIDERS.get(issuer) or (("sub",) if issuer.startswith(_CLUSTERS) else _ANY_CLAIM)
    limited = False
    for condition in one.conditions:
        holder, _, claim = condition.name.rpartition(":")
        if holder != issuer.lower() or claim not in claims or not _pins(condition):
            continue
        open_to_all = next(_open_values(issuer, claim, condition), None)
        if open_to_all is None:
            limited = True
        elif claim == "sub":
            return f"lets {open_to_all} of {issuer} assume it, whoever owns it", f"{issuer}:sub to subjects of your own"
    if limited:
        return None
    return f"lets everybody with a token of {issuer} assume it", f"{issuer}:{claims[0]} to your own"


def _pins(condition: Condition) -> bool:
    """Whether the claim has to have one of the values. `ForAllValues:` is no hole here: a token has its claims."""
    return requires_value(msgspec.structs.replace(condition, quantifier=""))


def _open_values(issuer: str, claim: str, condition: Condition) -> Iterator[str]:
    """The values of a claim that anybody can present."""
    for entry in condition.values:
        if entry.value is None or not condition.base.endswith("like"):
            continue
        if claim != "sub":
            wide = entry.value.startswith(("*", "?"))
        elif issuer.startswith(_CLUSTERS):
            wide = entry.value.removeprefix("system:serviceaccount:").startswith(("*", "?"))
        else:
            wide = subject_matches_several_owners(issuer, entry.value) or entry.value.partition(":")[2].startswith(
                ("*", "?")
            )
        if wide:
            yield entry.value
