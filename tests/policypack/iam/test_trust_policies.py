"""Who a trust policy lets in, and what its conditions pin down."""

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
def test_kinds_of_principals(principal: Any, kinds: list[str]) -> None:
    """IAM user guide, "AWS JSON policy elements: Principal"."""
    assert [one.kind for one in trusted_principals(trust(principal))] == kinds


def test_only_statements_that_allow_assuming_count() -> None:
    """A denial lets nobody in, and neither does a statement about something else."""
    assert trusted_principals(trust("*", Effect="Deny")) == ()
    assert trusted_principals(trust({"Service": "lambda.amazonaws.com"}, Action="sts:TagSession")) == ()
    assert [one.kind for one in trusted_principals(trust({"Service": "lambda.amazonaws.com"}, Action="sts:*"))] == [
        "service"
    ]
    everybody_but = {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    assert [one.kind for one in trusted_principals(parse_policy([everybody_but], "trust"))] == ["everybody"]


def test_accounts_are_read_from_ids_and_arns() -> None:
    """The account of each principal that has one."""
    found = trusted_principals(trust({"AWS": ["111122223333", "arn:aws:iam::444455556666:role/x", "AIDAEXAMPLE"]}))
    assert [one.account for one in found] == ["111122223333", "444455556666", ""]


@pytest.mark.parametrize(
    ("principal", "service", "lets_in"),
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
def test_may_assume(principal: Any, service: str, lets_in: bool | None) -> None:
    """Whether a service can work under the role at all."""
    assert trusts_service(trust(principal), service) is lets_in


def test_services_are_named_once() -> None:
    """Two statements for the same service are one service."""
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert trusted_services(parse_policy([statement, statement], "trust")) == ("lambda.amazonaws.com",)
    assert service_name("tasks.apprunner.amazonaws.com") == "tasks.apprunner"
    assert trusts_service(parse_policy(Unknown("policy"), "trust"), "lambda.amazonaws.com") is None


@pytest.mark.parametrize(
    ("subject", "wide"),
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
def test_github_subjects(subject: str, *, wide: bool) -> None:
    """A subject that any organisation can present is no limit."""
    issuer = oidc_issuer("arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com")
    assert subject_matches_several_owners(issuer, subject) is wide


@pytest.mark.parametrize(
    ("condition", "holds_out"),
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
def test_conditions_that_keep_strangers_out(condition: Any, *, holds_out: bool) -> None:
    """S3 user guide, "The meaning of 'public'": fixed values of keys that a stranger cannot bring."""
    conditions = trust("*", Condition=condition).statements[0].conditions
    assert prevent_public_access(conditions) is holds_out


@pytest.mark.parametrize(
    ("condition", "answer"),
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
def test_may_be(condition: Any, answer: bool | None) -> None:
    """Whether a role can be passed to a service under these conditions."""
    conditions = trust("*", Condition=condition).statements[0].conditions
    assert conditions_allow_value(conditions, "iam:PassedToService", "lambda.amazonaws.com") is answer


def test_pinned_values_are_told() -> None:
    """The values that the key must have one of."""
    found = trusted_principals(
        trust({"Service": "sagemaker.amazonaws.com"}, Condition={"StringEquals": {"AWS:SourceAccount": ["1", "2"]}})
    )
    assert found[0].required_values("aws:SourceAccount") == ("1", "2")
    assert found[0].required_values("aws:SourceArn") == ()
    assert all(requires_value(condition) for condition in found[0].conditions)
