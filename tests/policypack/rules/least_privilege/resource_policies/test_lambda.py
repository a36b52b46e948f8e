"""Who can invoke a function; each case names the AWS page that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws
import pytest

from policypack.access.stack_accounts import AccountOptions
from policypack.rules.least_privilege.resource_policies.lambda_ import (
    function_permission_is_not_public,
    function_url_requires_authentication,
)
from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_allows_only_known_accounts,
    resource_policy_has_no_wildcard_action,
    resource_policy_is_not_public,
)
from policypack.rules.least_privilege.resource_policies.service_sources import (
    resource_policy_prevents_confused_deputy,
    resource_policy_source_arn_is_not_wildcard,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.holders import DOCS, FUNCTION_ARN
from tests.policypack.rules.programs import function
from tests.policypack.rules.trusts import OTHER

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict
    from policypack.model import Stack

URLS = f"{DOCS}/lambda/latest/dg/urls-auth.html"
POLICIES = f"{DOCS}/lambda/latest/dg/access-control-resource-based.html"
SERVICES = f"{DOCS}/lambda/latest/dg/permissions-function-services.html"
ALEXA = "https://developer.amazon.com/en-US/docs/alexa/custom-skills/host-a-custom-skill-as-an-aws-lambda-function.html"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"


def permission(**settings: Any) -> None:
    """Build a Lambda permission, by default for everyone."""
    made = {"action": "lambda:InvokeFunction", "function": FUNCTION_ARN, "principal": "*", **settings}
    aws.lambda_.Permission("held", **made)


def permitted(settings: dict[str, Any]) -> Stack:
    """Give a stack with this permission."""
    return program(lambda: permission(**settings))


@examples(
    function_url_requires_authentication,
    "kind, source",
    [
        ("NONE", URLS, FAIL),
        ("AWS_IAM", URLS, PASS),
        (UNKNOWN, URLS, UNDECIDED),
    ],
)
def test_function_url_requires_authentication(kind: Any, source: str, verdict: Verdict) -> None:
    """A function URL authenticates its callers."""
    stack = program(lambda: aws.lambda_.FunctionUrl("url", function_name="worker", authorization_type=kind))
    assert judge(function_url_requires_authentication, stack) == verdict, source


@examples(
    function_permission_is_not_public,
    "settings, source",
    [
        ({}, POLICIES, FAIL),
        ({"action": "lambda:*"}, POLICIES, FAIL),
        ({"action": "lambda:InvokeFunctionUrl", "function_url_auth_type": "NONE"}, URLS, FAIL),
        ({"action": "lambda:InvokeFunctionUrl", "function_url_auth_type": "AWS_IAM"}, URLS, FAIL),
        ({"source_arn": "*"}, POLICIES, FAIL),
        ({"source_arn": "arn:aws:sns:*:*:*"}, POLICIES, FAIL),
        ({"principal_org_id": "o-a1b2c3d4e5"}, POLICIES, PASS),
        ({"source_account": ACCOUNT}, POLICIES, PASS),
        ({"source_arn": TOPIC}, POLICIES, PASS),
        ({"principal": "sns.amazonaws.com"}, SERVICES, PASS),  # judged by resource-policy-prevents-confused-deputy
        ({"principal": ACCOUNT}, POLICIES, PASS),
        ({"principal": UNKNOWN}, POLICIES, UNDECIDED),
        ({"source_arn": UNKNOWN}, POLICIES, UNDECIDED),
    ],
)
def test_function_permission_is_not_public(settings: Any, source: str, verdict: Verdict) -> None:
    """The permission names a principal, or requires a fixed source or organization."""
    assert judge(function_permission_is_not_public, permitted(settings)) == verdict, source


def test_permission_of_a_public_url_has_no_finding_of_its_own() -> None:
    """The URL has the finding; a permission of another function is reported."""

    def build(called: str) -> Stack:
        def run() -> None:
            worker, other = function("worker"), function("other")
            target = worker if called == "worker" else other
            aws.lambda_.FunctionUrl("url", function_name=worker.name, authorization_type="NONE")
            permission(
                function=target.name, action="lambda:InvokeFunctionUrl", function_url_auth_type="NONE", principal="*"
            )

        return program(run)

    assert judge(function_permission_is_not_public, build("worker")) == PASS
    assert judge(function_url_requires_authentication, build("worker")) == FAIL
    assert judge(function_permission_is_not_public, build("other")) == FAIL


@pytest.mark.parametrize(
    ("settings", "source", "verdict"),
    [
        ({"principal": "sns.amazonaws.com"}, SERVICES, FAIL),
        ({"principal": "apigateway.amazonaws.com"}, SERVICES, FAIL),
        ({"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::example-data"}, POLICIES, FAIL),
        ({"principal": "alexa-appkit.amazon.com"}, ALEXA, FAIL),
        ({"principal": "sns.amazonaws.com", "source_arn": TOPIC}, SERVICES, PASS),
        (
            {
                "principal": "apigateway.amazonaws.com",
                "source_arn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3/*/GET/items",
            },
            SERVICES,
            PASS,
        ),
        (
            {"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::example-data", "source_account": ACCOUNT},
            POLICIES,
            PASS,
        ),
        ({"principal": "config.amazonaws.com", "source_account": ACCOUNT}, SERVICES, PASS),
        ({"principal": "alexa-appkit.amazon.com", "event_source_token": "amzn1.ask.skill.1"}, ALEXA, PASS),
        ({"principal": "replicator.lambda.amazonaws.com", "action": "lambda:GetFunction"}, SERVICES, PASS),
        ({"principal": "s3.amazonaws.com", "source_arn": UNKNOWN}, POLICIES, UNDECIDED),
    ],
)
def test_permissions_of_services(settings: Any, source: str, verdict: Verdict) -> None:
    """They need a source, as in the policies of other resources."""
    assert judge(resource_policy_prevents_confused_deputy, permitted(settings)) == verdict, source


def test_rules_on_resource_policies_judge_permissions() -> None:
    """Wildcard sources, wildcard actions and unknown accounts."""
    wildcard = permitted({"principal": "sns.amazonaws.com", "source_arn": "arn:aws:sns:*:*:*"})
    (finding,) = judgements(resource_policy_source_arn_is_not_wildcard, wildcard)["held"].findings
    assert (finding.message, finding.path) == (
        "allows sns for any aws:SourceArn that matches arn:aws:sns:*:*:*",
        "sourceArn",
    )
    later = permitted({"principal": "sns.amazonaws.com", "source_arn": UNKNOWN})
    assert judge(resource_policy_source_arn_is_not_wildcard, later) == UNDECIDED
    stranger = permitted({"principal": OTHER, "action": "lambda:*"})
    (finding,) = judgements(resource_policy_has_no_wildcard_action, stranger)["held"].findings
    assert (finding.message, finding.path) == ("allows lambda:*", "action")
    (finding,) = judgements(resource_policy_allows_only_known_accounts, stranger)["held"].findings
    assert (finding.message, finding.path) == (f"grants access to account {OTHER}", "principal")
    options = AccountOptions(accounts=(OTHER,))
    assert judge(resource_policy_allows_only_known_accounts, stranger, options) == PASS


def bus(principal: str, *, organization: str = "") -> Stack:
    """Give a stack with a permission of an event bus."""
    condition = aws.cloudwatch.EventPermissionConditionArgs(
        key="aws:PrincipalOrgID", type="StringEquals", value=organization
    )
    return program(
        lambda: aws.cloudwatch.EventPermission(
            "held", principal=principal, statement_id="s", condition=condition if organization else None
        )
    )


def test_permissions_of_an_event_bus() -> None:
    """The principal * is everyone; a condition on the organization restricts it."""
    (finding,) = judgements(resource_policy_is_not_public, bus("*"))["held"].findings
    assert (finding.message, finding.path) == ("grants events:PutEvents to everyone", "principal")
    assert judge(resource_policy_is_not_public, bus("*", organization="o-a1b2c3d4e5")) == PASS
    assert judge(resource_policy_is_not_public, bus(OTHER)) == PASS
