"""Actions and combinations of principals in trust policies: one case a row, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.rules.least_privilege.trust.principals import (
    role_does_not_mix_human_and_service_principals,
    role_does_not_trust_itself,
    role_trust_policy_has_no_wildcard_action,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages
from tests.policypack.rules.examples import examples
from tests.policypack.rules.trusts import IAM, OTHER, denying, identity, root, service, trusted_by, trusting, when

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

PRINCIPAL = f"{IAM}/reference_policies_elements_principal.html"
LOGIC = f"{IAM}/reference_policies_evaluation-logic.html"


@examples(
    role_trust_policy_has_no_wildcard_action,
    "statements, source",
    [
        ([trusting(service("lambda"), action="sts:*")], f"{IAM}/reference_policies_elements_action.html", FAIL),
        ([trusting(service("lambda"), action="*")], f"{IAM}/reference_policies_elements_action.html", FAIL),
        (
            [trusting(service("lambda"), action=["sts:TagSession", "STS:Assume*"])],
            f"{IAM}/reference_policies_elements_action.html",
            FAIL,
        ),
        (
            [{"Effect": "Allow", "Principal": service("ec2"), "NotAction": "sts:TagSession"}],
            f"{IAM}/reference_policies_elements_notaction.html",
            FAIL,
        ),
        ([trusting(service("lambda"))], f"{IAM}/reference_policies_elements_action.html", PASS),
        (
            [trusting(service("lambda"), action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])],
            f"{IAM}/id_session-tags.html",
            PASS,
        ),
        ([denying("*", Action="sts:*")], LOGIC, PASS),
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_trust_policy_has_no_wildcard_action(statements: Any, source: str, verdict: Verdict) -> None:
    """A trust policy lists its actions."""
    assert judge(role_trust_policy_has_no_wildcard_action, trusted_by(*statements)) == verdict, source


SEPARATE = f"{IAM}/best-practices.html"
SSO = "https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html"


@examples(
    role_does_not_mix_human_and_service_principals,
    "statements, source",
    [
        ([trusting({**service("lambda"), **root()})], SEPARATE, FAIL),
        ([trusting(service("lambda")), trusting(identity("user/ada"))], SEPARATE, FAIL),
        (
            [trusting({**service("lambda"), **identity("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_1")})],
            SSO,
            FAIL,
        ),
        (
            [
                trusting(service("ec2")),
                trusting(
                    {"Federated": "arn:aws:iam::123456789012:saml-provider/corp"}, action="sts:AssumeRoleWithSAML"
                ),
            ],
            SEPARATE,
            FAIL,
        ),
        ([trusting(service("lambda"))], SEPARATE, PASS),
        ([trusting({"AWS": [root()["AWS"], identity("user/ada")["AWS"]]})], SEPARATE, PASS),
        ([trusting({**service("sagemaker"), **identity("role/pipeline")})], SEPARATE, PASS),  # another workload
        (
            [
                trusting(service("pods.eks"), action=["sts:AssumeRole", "sts:TagSession"]),
                trusting(
                    {"Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/1"},
                    action="sts:AssumeRoleWithWebIdentity",
                ),
            ],
            "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
            PASS,
        ),
        ([trusting(service("lambda")), denying(root())], LOGIC, PASS),
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_does_not_mix_human_and_service_principals(statements: Any, source: str, verdict: Verdict) -> None:
    """People do not share a role with a service."""
    assert judge(role_does_not_mix_human_and_service_principals, trusted_by(*statements)) == verdict, source


ITSELF = "https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/"


@examples(
    role_does_not_trust_itself,
    "statements, settings, known, source",
    [
        ([trusting(identity("role/worker"))], {"name": "worker"}, True, ITSELF, FAIL),
        ([trusting(identity("role/team/worker"))], {"name": "worker", "path": "/team/"}, True, ITSELF, FAIL),
        (
            [trusting(root(), when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/worker"))],
            {"name": "worker"},
            True,
            ITSELF,
            FAIL,
        ),
        ([trusting(identity("role/other"))], {"name": "worker"}, True, ITSELF, PASS),
        ([trusting(identity("role/worker", OTHER))], {"name": "worker"}, True, ITSELF, PASS),  # another account's
        ([trusting(identity("user/worker"))], {"name": "worker"}, True, ITSELF, PASS),
        ([trusting(identity("role/worker"))], {"name": "worker", "path": "/team/"}, True, ITSELF, PASS),
        ([trusting(service("lambda"))], {"name": "worker"}, True, ITSELF, PASS),
        ([trusting(identity("role/worker"))], {"name": "worker"}, False, ITSELF, UNDECIDED),
        ([UNKNOWN], {}, True, ITSELF, UNDECIDED),
    ],
)
def test_role_does_not_trust_itself(statements: Any, settings: Any, known: bool, source: str, verdict: Verdict) -> None:
    """A role recognizes its own ARN by name, path and account."""
    assert judge(role_does_not_trust_itself, trusted_by(*statements, known=known, **settings)) == verdict, source


def test_messages_name_both_principals() -> None:
    """The message names the people and the service."""
    stack = trusted_by(trusting(service("lambda")), trusting(root()))
    assert messages(role_does_not_mix_human_and_service_principals, stack) == [
        "trusts both arn:aws:iam::123456789012:root and lambda.amazonaws.com"
    ]
