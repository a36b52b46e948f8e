"""Roles for federated identities: one case a row, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.rules.least_privilege.trust.federation import role_restricts_federated_identities
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements
from tests.policypack.rules.examples import examples
from tests.policypack.rules.trusts import IAM, service, trusted_by, trusting

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
SHARED = f"{IAM}/id_roles_providers_oidc_secure-by-default.html"
OIDC = f"{IAM}/id_roles_create_for-idp_oidc.html"
SAML = f"{IAM}/id_roles_create_for-idp_saml.html"
ACTIONS = "https://docs.github.com/en/actions/reference/security/oidc"
EKS = "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html"


def signed_in(issuer: str, *conditions: tuple[str, str, Any]) -> dict[str, Any]:
    """Trust an OIDC provider's tokens whose claims meet `(operator, claim, value)`."""
    built_in = issuer in {"cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com"}
    federated = issuer if built_in else f"arn:aws:iam::123456789012:oidc-provider/{issuer}"
    made: dict[str, dict[str, Any]] = {}
    for operator, claim, value in conditions:
        made.setdefault(operator, {})[f"{issuer}:{claim}"] = value
    return trusting({"Federated": federated}, made, action="sts:AssumeRoleWithWebIdentity")


def asserted(condition: Any = None) -> dict[str, Any]:
    """Trust a SAML provider's assertions."""
    federated = {"Federated": "arn:aws:iam::123456789012:saml-provider/corp"}
    return trusting(federated, condition, action="sts:AssumeRoleWithSAML")


AUD = ("StringEquals", "aud", "sts.amazonaws.com")


@examples(
    role_restricts_federated_identities,
    "statement, source",
    [
        (signed_in(GITHUB), ACTIONS, FAIL),
        (signed_in(GITHUB, AUD), SHARED, FAIL),  # the audience is the same for all of GitHub
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "*")), ACTIONS, FAIL),
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:*")), ACTIONS, FAIL),
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:*/shop:ref:refs/heads/main")), ACTIONS, FAIL),
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:acme*/*")), ACTIONS, FAIL),  # acme-evil is another owner
        (signed_in(GITHUB, AUD, ("StringLike", "sub", ["repo:acme/shop:*", "repo:*"])), ACTIONS, FAIL),
        (signed_in(GITHUB, ("StringEqualsIfExists", "sub", "repo:acme/shop:ref:refs/heads/main")), ACTIONS, FAIL),
        (signed_in(GITHUB, ("StringNotEquals", "sub", "repo:evil/shop:ref:refs/heads/main")), ACTIONS, FAIL),
        (signed_in("gitlab.com", ("StringEquals", "aud", "https://gitlab.com")), SHARED, FAIL),
        (signed_in("gitlab.com", ("StringLike", "sub", "project_path:*:ref_type:branch:ref:main")), SHARED, FAIL),
        (signed_in("app.terraform.io", ("StringEquals", "aud", "aws.workload.identity")), SHARED, FAIL),
        (signed_in("app.terraform.io", ("StringLike", "sub", "organization:*:project:*:*")), SHARED, FAIL),
        (signed_in("agent.buildkite.com", AUD), SHARED, FAIL),
        (signed_in("api.pulumi.com/oidc", ("StringLike", "sub", "pulumi:*")), SHARED, FAIL),
        (signed_in("cognito-identity.amazonaws.com"), OIDC, FAIL),
        (
            signed_in("cognito-identity.amazonaws.com", ("ForAnyValue:StringLike", "amr", "authenticated")),
            OIDC,
            FAIL,
        ),  # of every identity pool
        (signed_in("accounts.google.com"), OIDC, FAIL),
        (signed_in(CLUSTER, AUD), EKS, FAIL),  # every pod of the cluster
        (signed_in(CLUSTER, AUD, ("StringLike", "sub", "system:serviceaccount:*:*")), EKS, FAIL),
        (signed_in("server.example.com"), OIDC, FAIL),
        (asserted(), SAML, FAIL),
        (asserted({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), SAML, FAIL),
        (signed_in(GITHUB, AUD, ("StringEquals", "sub", "repo:acme/shop:ref:refs/heads/main")), ACTIONS, PASS),
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:acme/shop:*")), ACTIONS, PASS),
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:acme/*")), ACTIONS, PASS),  # repositories of one owner
        (signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:acme@1234/shop@5678:*")), ACTIONS, PASS),
        (signed_in(GITHUB, ("StringEquals", "sub", "repo:acme/shop:environment:prod")), SHARED, PASS),
        (
            signed_in(GITHUB, ("ForAllValues:StringEquals", "sub", "repo:acme/shop:environment:prod")),
            ACTIONS,
            PASS,
        ),  # a token has one subject
        (signed_in(GITHUB, AUD, ("StringEquals", "repository_owner", "acme")), ACTIONS, PASS),
        (signed_in("gitlab.com", ("StringLike", "sub", "project_path:acme/*:ref_type:branch:*")), SHARED, PASS),
        (
            signed_in("app.terraform.io", ("StringLike", "sub", "organization:acme:project:p:workspace:*")),
            SHARED,
            PASS,
        ),
        (signed_in("api.pulumi.com/oidc", ("StringEquals", "aud", "aws:acme")), SHARED, PASS),
        (
            signed_in(
                "cognito-identity.amazonaws.com",
                ("StringEquals", "aud", "us-east-1:12345678-abcd-abcd-abcd-123456"),
                ("ForAnyValue:StringLike", "amr", "unauthenticated"),
            ),
            OIDC,
            PASS,
        ),
        (signed_in("accounts.google.com", ("StringEquals", "aud", "666777888999000")), OIDC, PASS),
        (signed_in("www.amazon.com", ("StringEquals", "app_id", "amzn1.application-oa2-123456")), OIDC, PASS),
        (signed_in(CLUSTER, AUD, ("StringEquals", "sub", "system:serviceaccount:prod:worker")), EKS, PASS),
        (signed_in(CLUSTER, ("StringLike", "sub", "system:serviceaccount:prod:*")), EKS, PASS),
        (signed_in("server.example.com", ("StringEquals", "aud", "appid_from_oidc_idp")), OIDC, PASS),
        (asserted({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}), SAML, PASS),
        (asserted({"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}}), SAML, PASS),
        ({**signed_in(GITHUB), "Effect": "Deny"}, f"{IAM}/reference_policies_evaluation-logic.html", PASS),
        (trusting(service("lambda")), OIDC, PASS),
        (UNKNOWN, OIDC, UNDECIDED),
    ],
)
def test_role_restricts_federated_identities(statement: Any, source: str, verdict: Verdict) -> None:
    """A trust policy limits tokens to those of one owner."""
    assert judge(role_restricts_federated_identities, trusted_by(statement)) == verdict, source


def test_messages_name_the_subject_and_fixes_the_claim() -> None:
    """The message quotes the pattern, the fix names the condition key."""
    stack = trusted_by(signed_in(GITHUB, AUD, ("StringLike", "sub", "repo:*")))
    (finding,) = judgements(role_restricts_federated_identities, stack)["held"].findings
    assert finding.message == f"trusts repo:* of {GITHUB}, whoever owns it"
    assert finding.path == "assumeRolePolicy.Statement[0].Principal.Federated"
    assert finding.fix == f"Limit {GITHUB}:sub to your own subjects in the Condition of assume_role_policy."
