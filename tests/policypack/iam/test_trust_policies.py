"""Principals of trust policies, and the values that their conditions require."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.iam.condition_values import conditions_allow_value, prevent_public_access, requires_value
from policypack.iam.documents import parse_policy
from policypack.iam.trust_policies import (
    oidc_issuer,
    service_name,
    subject_matches_several_owners,
    trusted_principals,
    trusted_services,
    trusts_service,
)
from policypack.model import Unknown


def trust(principal: Any, **more: Any) -> Any:
    """A trust policy with one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, "trust")


@pytest.mark.parametrize(
    ("principal", "kinds"),
    [
        ("*", ["everybody"]),
        ({"AWS": "*"}, ["everybody"]),
        ({"Service": "lambda.amazonaws.com"}, ["service"]),
        ({"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}, ["service", "service"]),
        ({"AWS": "123456789012"}, ["account"]),
        ({"AWS": "arn:aws:iam::123456789012:root"}, ["account"]),
        ({"AWS": "arn:aws:iam::123456789012:role/deploy"}, ["identity"]),
        ({"AWS": "AROAEXAMPLEID"}, ["identity"]),
        ({"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}, ["oidc"]),
        ({"Federated": "arn:aws:iam::123456789012:saml-provider/corp"}, ["saml"]),
        ({"AWS": "123456789012", "Service": "ec2.amazonaws.com"}, ["account", "service"]),
        ({"AWS": Unknown("account")}, ["unknown"]),
        (Unknown("principal"), ["unknown"]),
    ],
)
def test_principal_types(principal: Any, kinds: list[str]) -> None:
    """IAM user guide, "AWS JSON policy elements: Principal"."""
    assert [one.kind for one in trusted_principals(trust(principal))] == kinds


def test_only_statements_that_allow_assume_role_have_trusted_principals() -> None:
    """Deny statements and statements about other actions have no trusted principals."""
    assert trusted_principals(trust("*", Effect="Deny")) == ()
    assert trusted_principals(trust({"Service": "lambda.amazonaws.com"}, Action="sts:TagSession")) == ()
    assert [one.kind for one in trusted_principals(trust({"Service": "lambda.amazonaws.com"}, Action="sts:*"))] == [
        "service"
    ]
    everyone_except = {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    assert [one.kind for one in trusted_principals(parse_policy([everyone_except], "trust"))] == ["everybody"]


def test_accounts_are_read_from_ids_and_arns() -> None:
    """The account of each principal, empty if there is none."""
    found = trusted_principals(trust({"AWS": ["111122223333", "arn:aws:iam::444455556666:role/x", "AIDAEXAMPLE"]}))
    assert [one.account for one in found] == ["111122223333", "444455556666", ""]


@pytest.mark.parametrize(
    ("principal", "service", "trusted"),
    [
        ({"Service": "lambda.amazonaws.com"}, "lambda.amazonaws.com", True),
        ({"Service": "lambda.amazonaws.com"}, "sagemaker.amazonaws.com", False),
        ({"Service": "logs.eu-west-1.amazonaws.com"}, "logs.amazonaws.com", True),
        ({"Service": "ec2.amazonaws.com.cn"}, "ec2.amazonaws.com", True),
        ({"AWS": "123456789012"}, "lambda.amazonaws.com", False),
        ({"Service": Unknown("service")}, "lambda.amazonaws.com", None),
        ("*", "lambda.amazonaws.com", True),
    ],
)
def test_trusts_service(principal: Any, service: str, trusted: bool | None) -> None:
    """Whether a service may assume the role."""
    assert trusts_service(trust(principal), service) is trusted


def test_trusted_services_are_unique() -> None:
    """A service in two statements is listed once."""
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert trusted_services(parse_policy([statement, statement], "trust")) == ("lambda.amazonaws.com",)
    assert service_name("tasks.apprunner.amazonaws.com") == "tasks.apprunner"
    assert trusts_service(parse_policy(Unknown("policy"), "trust"), "lambda.amazonaws.com") is None


@pytest.mark.parametrize(
    ("subject", "several_owners"),
    [
        ("repo:acme/shop:ref:refs/heads/main", False),
        ("repo:acme/*", False),
        ("repo:acme/shop:*", False),
        ("repo:*", True),
        ("repo:acme*/shop:*", True),
        ("*", True),
        ("repo:*/shop:ref:refs/heads/main", True),
    ],
)
def test_github_subjects(subject: str, *, several_owners: bool) -> None:
    """Whether a pattern for the claim `sub` matches repositories of several organizations."""
    issuer = oidc_issuer("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com")
    assert subject_matches_several_owners(issuer, subject) is several_owners


@pytest.mark.parametrize(
    ("condition", "prevented"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sqs:eu-west-1:123456789012:*"}}, True),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"StringEquals": {"kms:CallerAccount": ["123456789012"]}}, True),
        ({"ArnLike": {"aws:SourceArn": "*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:*:*:*:*:*"}}, False),
        ({"StringLike": {"aws:SourceAccount": "*"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
    ],
)
def test_conditions_that_prevent_public_access(condition: Any, *, prevented: bool) -> None:
    """Only fixed values of certain keys prevent public access (S3 user guide, "The meaning of 'public'")."""
    conditions = trust("*", Condition=condition).statements[0].conditions
    assert prevent_public_access(conditions) is prevented


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({}, True),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}, True),
        ({"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, False),
        ({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, False),
        ({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, True),
        ({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}, False),
        ({"StringEquals": {"iam:PassedToService": Unknown("service")}}, None),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
    ],
)
def test_conditions_allow_value(condition: Any, allowed: bool | None) -> None:
    """Whether the conditions allow a role to be passed to a service."""
    conditions = trust("*", Condition=condition).statements[0].conditions
    assert conditions_allow_value(conditions, "iam:PassedToService", "lambda.amazonaws.com") is allowed


def test_required_values() -> None:
    """The values of which the key must have one."""
    found = trusted_principals(
        trust({"Service": "sagemaker.amazonaws.com"}, Condition={"StringEquals": {"AWS:SourceAccount": ["1", "2"]}})
    )
    assert found[0].required_values("aws:SourceAccount") == ("1", "2")
    assert found[0].required_values("aws:SourceArn") == ()
    assert all(requires_value(condition) for condition in found[0].conditions)
