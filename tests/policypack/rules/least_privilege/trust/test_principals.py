"""Principals of trust policies: one case a row, each with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.access.stack_accounts import AccountOptions
from policypack.rules.least_privilege.trust.principals import (
    role_does_not_trust_whole_account,
    role_requires_external_id_for_third_parties,
    role_trust_policy_has_no_not_principal,
    role_trust_policy_is_not_public,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, messages
from tests.policypack.rules.examples import examples
from tests.policypack.rules.trusts import (
    IAM,
    ORGANIZATION,
    OTHER,
    denying,
    identity,
    root,
    service,
    trusted_by,
    trusting,
    when,
)

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

PRINCIPAL = f"{IAM}/reference_policies_elements_principal.html"
NOT_PRINCIPAL = f"{IAM}/reference_policies_elements_notprincipal.html"
KEYS = f"{IAM}/reference_policies_condition-keys.html"
DEPUTY = f"{IAM}/confused-deputy.html"
EXTERNAL = f"{IAM}/id_roles_common-scenarios_third-party.html"
TUTORIAL = f"{IAM}/tutorial_cross-account-with-roles.html"
OPERATORS = f"{IAM}/reference_policies_elements_condition_operators.html"
LOGIC = f"{IAM}/reference_policies_evaluation-logic.html"
PERIMETER = f"{IAM}/access_policies_data-perimeters.html"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@examples(
    role_trust_policy_is_not_public,
    "statements, source",
    [
        ([trusting("*")], PRINCIPAL, FAIL),
        ([trusting({"AWS": "*"})], PRINCIPAL, FAIL),  # the same as "*"
        ([trusting({"AWS": ["arn:aws:iam::123456789012:role/a", "*"]})], PRINCIPAL, FAIL),
        ([trusting({"AWS": "arn:aws:iam::*:root"})], PRINCIPAL, FAIL),
        ([trusting({"Service": "*"})], PRINCIPAL, FAIL),
        ([trusting("*", action="sts:*")], PRINCIPAL, FAIL),
        ([trusting("*", when("StringEquals", "sts:ExternalId", "x"))], DEPUTY, FAIL),  # not a secret
        ([trusting("*", when("Bool", "aws:SecureTransport", "true"))], KEYS, FAIL),
        ([trusting("*", when("StringLike", "aws:PrincipalOrgID", "o-*"))], KEYS, FAIL),  # every organization
        ([trusting("*", when("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy"))], KEYS, FAIL),
        ([trusting("*", when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"))], OPERATORS, FAIL),
        ([trusting("*", when("StringNotEquals", "aws:PrincipalAccount", OTHER))], OPERATORS, FAIL),
        ([trusting("*", when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))], OPERATORS, FAIL),
        ([trusting("*"), denying(service("ec2"))], LOGIC, FAIL),  # denies one service only
        ([trusting("*"), denying("*", when("Bool", "aws:SecureTransport", "false"))], LOGIC, FAIL),
        ([trusting("*", ORGANIZATION)], KEYS, PASS),
        ([trusting("*", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"))], KEYS, PASS),
        ([trusting("*", when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))], KEYS, PASS),
        ([trusting("*"), denying("*", when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))], PERIMETER, PASS),
        ([trusting("*"), denying("*")], LOGIC, PASS),  # denies everybody
        ([denying("*")], LOGIC, PASS),
        ([trusting(root())], PRINCIPAL, PASS),
        ([trusting(service("lambda"))], PRINCIPAL, PASS),
        ([trusting("*", action="sts:TagSession")], f"{IAM}/id_session-tags.html", PASS),  # no AssumeRole
        ([trusting("*", Resource="*")], f"{IAM}/reference_policies_elements_resource.html", PASS),  # IAM rejects it
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_trust_policy_is_not_public(statements: Any, source: str, verdict: Verdict) -> None:
    """A trust policy names principals, or has a condition that only known principals can meet."""
    assert judge(role_trust_policy_is_not_public, trusted_by(*statements)) == verdict, source


@examples(
    role_trust_policy_has_no_not_principal,
    "statements, source",
    [
        ([{"Effect": "Allow", "NotPrincipal": root(OTHER), "Action": "sts:AssumeRole"}], NOT_PRINCIPAL, FAIL),
        (
            [{"Effect": "Allow", "NotPrincipal": identity("user/a"), "Action": "sts:*", "Condition": MFA}],
            NOT_PRINCIPAL,
            FAIL,
        ),
        ([{"Effect": "Deny", "NotPrincipal": root(), "Action": "sts:AssumeRole"}], NOT_PRINCIPAL, PASS),
        ([trusting(service("lambda"))], PRINCIPAL, PASS),
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_trust_policy_has_no_not_principal(statements: Any, source: str, verdict: Verdict) -> None:
    """NotPrincipal fails in Allow statements and passes in Deny statements."""
    assert judge(role_trust_policy_has_no_not_principal, trusted_by(*statements)) == verdict, source


@examples(
    role_requires_external_id_for_third_parties,
    "statements, source",
    [
        ([trusting(root(OTHER))], EXTERNAL, FAIL),
        ([trusting({"AWS": OTHER})], EXTERNAL, FAIL),
        ([trusting(identity("role/scanner", OTHER))], EXTERNAL, FAIL),
        ([trusting({"AWS": [root()["AWS"], root(OTHER)["AWS"]]})], EXTERNAL, FAIL),
        ([trusting(root(OTHER), when("StringLike", "sts:ExternalId", "*"))], EXTERNAL, FAIL),
        ([trusting(root(OTHER), when("StringEqualsIfExists", "sts:ExternalId", "x"))], OPERATORS, FAIL),
        ([trusting(root(OTHER), when("StringEquals", "aws:PrincipalAccount", OTHER))], KEYS, FAIL),
        ([trusting("*", when("StringEquals", "aws:PrincipalAccount", OTHER))], KEYS, FAIL),
        ([trusting("*", when("StringEquals", "aws:PrincipalAccount", "123456789012"))], KEYS, PASS),
        ([trusting(root(OTHER), when("StringEquals", "sts:ExternalId", "12345"))], EXTERNAL, PASS),
        ([trusting(root(OTHER), when("StringEquals", "STS:externalid", ["a", "b"]))], EXTERNAL, PASS),
        ([trusting(root(OTHER), MFA)], TUTORIAL, PASS),  # people with MFA
        ([trusting(root(OTHER), ORGANIZATION)], KEYS, PASS),  # an account of the organization
        (
            [trusting(root(OTHER)), denying("*", when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))],
            PERIMETER,
            PASS,
        ),
        ([trusting(root())], PRINCIPAL, PASS),
        ([trusting(identity("role/deploy"))], PRINCIPAL, PASS),
        ([trusting({"AWS": "AROAEXAMPLEID"})], PRINCIPAL, PASS),  # the ID of a deleted role
        ([trusting(service("lambda"))], PRINCIPAL, PASS),
        ([denying(root(OTHER))], LOGIC, PASS),
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_requires_external_id_for_third_parties(statements: Any, source: str, verdict: Verdict) -> None:
    """Other accounts need an external ID, or a condition on the organization or MFA."""
    assert judge(role_requires_external_id_for_third_parties, trusted_by(*statements)) == verdict, source


def test_an_option_lists_trusted_accounts() -> None:
    """Accounts in the option pass; the verdict is undecided while the stack's account is not known."""
    rule = role_requires_external_id_for_third_parties
    stack = trusted_by(trusting(identity("role/deploy", OTHER)))
    assert judge(rule, stack, AccountOptions(accounts=(OTHER,))) == PASS
    assert judge(rule, trusted_by(trusting(root(OTHER)), known=False)) == UNDECIDED


@examples(
    role_does_not_trust_whole_account,
    "statements, source",
    [
        ([trusting(root())], PRINCIPAL, FAIL),
        ([trusting({"AWS": "123456789012"})], PRINCIPAL, FAIL),
        ([trusting(root(), when("StringEquals", "aws:PrincipalAccount", "123456789012"))], KEYS, FAIL),
        ([trusting(root(), ORGANIZATION)], KEYS, FAIL),  # every principal of the account meets it
        ([trusting("*", when("StringEquals", "aws:PrincipalAccount", "123456789012"))], KEYS, FAIL),  # the same
        ([trusting(root(), MFA)], TUTORIAL, PASS),
        ([trusting(root(), when("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))], KEYS, PASS),
        ([trusting(root(), when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/ci-*"))], KEYS, PASS),
        ([trusting(root(), when("StringEquals", "aws:PrincipalTag/team", "data"))], KEYS, PASS),
        ([trusting(root(), when("StringLike", "sts:RoleSessionName", "${aws:username}"))], KEYS, PASS),
        ([trusting(identity("role/deploy"))], PRINCIPAL, PASS),
        ([trusting(service("lambda"))], PRINCIPAL, PASS),
        ([trusting(root(OTHER))], PRINCIPAL, PASS),  # another rule reports it
        ([UNKNOWN], PRINCIPAL, UNDECIDED),
    ],
)
def test_role_does_not_trust_whole_account(statements: Any, source: str, verdict: Verdict) -> None:
    """A trust policy names principals of the account, or selects them by a condition."""
    assert judge(role_does_not_trust_whole_account, trusted_by(*statements)) == verdict, source


def test_a_whole_account_fails_before_the_stacks_account_is_known() -> None:
    """The account is the stack's or another one; a whole account fails in both cases."""
    assert judge(role_does_not_trust_whole_account, trusted_by(trusting(root()), known=False)) == FAIL


def test_messages_name_the_account() -> None:
    """The path leads to the principal in the document."""
    stack = trusted_by(trusting(service("lambda")), trusting({"AWS": [root()["AWS"], root(OTHER)["AWS"]]}))
    (finding,) = judgements(role_requires_external_id_for_third_parties, stack)["held"].findings
    assert finding.message == "trusts every principal of account 999988887777 without an external ID"
    assert finding.path == "assumeRolePolicy.Statement[1].Principal.AWS[1]"
    assert messages(role_does_not_trust_whole_account, stack) == ["trusts every principal of account 123456789012"]
