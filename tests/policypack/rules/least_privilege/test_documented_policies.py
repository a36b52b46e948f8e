"""Policies of resources and trust policies as AWS's own guides print them: none of them is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, judge
from tests.policypack.rules.documented_policies import RESOURCE_POLICIES, ROOT, allow
from tests.policypack.rules.groups import group
from tests.policypack.rules.holders import DOCS, holding
from tests.policypack.rules.trusts import IAM, OTHER, service, trusted_by, when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.rule import Rule

WEB = "sts:AssumeRoleWithWebIdentity"
TRUST, RESOURCES = group("trust"), group("resource_policies")
TRUST_POLICIES: dict[str, list[Any]] = {
    f"{DOCS}/lambda/latest/dg/lambda-intro-execution-role.html": [allow(service("lambda"), "sts:AssumeRole")],
    f"{DOCS}/sagemaker/latest/dg/security-confused-deputy-prevention.html": [
        allow(
            service("sagemaker"),
            "sts:AssumeRole",
            None,
            when("ArnLike", "aws:SourceArn", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"),
        )
    ],
    f"{DOCS}/step-functions/latest/dg/procedure-create-iam-role.html": [
        allow(
            service("states"),
            "sts:AssumeRole",
            None,
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:*"},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        )
    ],
    f"{IAM}/id_roles_common-scenarios_third-party.html": [
        allow({"AWS": OTHER}, "sts:AssumeRole", None, when("StringEquals", "sts:ExternalId", "12345"))
    ],
    f"{IAM}/id_roles_create_for-idp_oidc.html": [
        allow(
            {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"},
            WEB,
            None,
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:GitHubOrg/GitHubRepo:ref:refs/heads/GitHubBranch",
                }
            },
        )
    ],
    f"{IAM}/id_roles_create_for-idp_saml.html": [
        allow(
            {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/ExampleOrgSSOProvider"},
            "sts:AssumeRoleWithSAML",
            None,
            when("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml"),
        )
    ],
    f"{DOCS}/eks/latest/userguide/pod-identities.html": [
        allow(service("pods.eks"), ["sts:AssumeRole", "sts:TagSession"])
    ],
    f"{IAM}/id_credentials_mfa_configure-api-require.html": [
        allow({"AWS": ROOT}, "sts:AssumeRole", None, when("Bool", "aws:MultiFactorAuthPresent", "true"))
    ],
}


def faults(rules: Iterable[Rule], stack: Any) -> list[str]:
    """The rules that find a fault, or cannot tell."""
    return [rule.id for rule in rules if judge(rule, stack) in {FAIL, UNDECIDED}]


@pytest.mark.parametrize("page", RESOURCE_POLICIES)
def test_what_aws_prints_for_resources_is_no_fault(page: str) -> None:
    """A false alarm here is a fault of the rule."""
    holder, statements = RESOURCE_POLICIES[page]
    assert faults(RESOURCES, holding(holder, *statements)) == []


@pytest.mark.parametrize("page", TRUST_POLICIES)
def test_what_aws_prints_for_roles_is_no_fault(page: str) -> None:
    """Nor for roles; a rule that judges all of them has at least passed."""
    stack = trusted_by(*TRUST_POLICIES[page])
    assert faults(TRUST, stack) == []
    assert all(judge(rule, stack) == PASS for rule in TRUST)
