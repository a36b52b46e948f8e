"""Who may call a function: a case a row, each with the page that says so."""

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
    """Let somebody invoke the function."""
    made = {"action": "lambda:InvokeFunction", "function": FUNCTION_ARN, "principal": "*", **settings}
    aws.lambda_.Permission("held", **made)


def permitted(settings: dict[str, Any]) -> Stack:
    """Build a stack with that permission."""
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
    """Whoever calls says who it is."""
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
        ({"principal": "sns.amazonaws.com"}, SERVICES, PASS),  # another rule's question
        ({"principal": ACCOUNT}, POLICIES, PASS),
        ({"principal": UNKNOWN}, POLICIES, UNDECIDED),
        ({"source_arn": UNKNOWN}, POLICIES, UNDECIDED),
    ],
)
def test_function_permission_is_not_public(settings: Any, source: str, verdict: Verdict) -> None:
    """Somebody is named, or held to something of its own."""
    assert judge(function_permission_is_not_public, permitted(settings)) == verdict, source


def test_a_permission_of_an_open_url_is_the_urls_fault() -> None:
    """One fault, one finding; of another function's URL it is a fault of its own."""

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
def test_services_say_for_whom_they_call(settings: Any, source: str, verdict: Verdict) -> None:
    """As in the policies of other resources."""
    assert judge(resource_policy_prevents_confused_deputy, permitted(settings)) == verdict, source


def test_the_other_rules_see_permissions_too() -> None:
    """Wildcards, actions and accounts; what is public is the rule's above."""
    wild = permitted({"principal": "sns.amazonaws.com", "source_arn": "arn:aws:sns:*:*:*"})
    (finding,) = judgements(resource_policy_source_arn_is_not_wildcard, wild)["held"].findings
    assert (finding.message, finding.path) == (
        "lets sns in for any aws:SourceArn like arn:aws:sns:*:*:*",
        "sourceArn",
    )
    later = permitted({"principal": "sns.amazonaws.com", "source_arn": UNKNOWN})
    assert judge(resource_policy_source_arn_is_not_wildcard, later) == UNDECIDED
    stranger = permitted({"principal": OTHER, "action": "lambda:*"})
    (finding,) = judgements(resource_policy_has_no_wildcard_action, stranger)["held"].findings
    assert (finding.message, finding.path) == ("allows lambda:*", "action")
    (finding,) = judgements(resource_policy_allows_only_known_accounts, stranger)["held"].findings
    assert (finding.message, finding.path) == (f"lets account {OTHER} in", "principal")
    options = AccountOptions(accounts=(OTHER,))
    assert judge(resource_policy_allows_only_known_accounts, stranger, options) == PASS


def bus(principal: str, *, organisation: str = "") -> Stack:
    """Build a stack with a permission of an event bus."""
    condition = aws.cloudwatch.EventPermissionConditionArgs(
        key="aws:PrincipalOrgID", type="StringEquals", value=organisation
    )
    return program(
        lambda: aws.cloudwatch.EventPermission(
            "held", principal=principal, statement_id="s", condition=condition if organisation else None
        )
    )


def test_permissions_of_an_event_bus_are_its_policy() -> None:
    """`*` stands for everybody, an organisation limits it."""
    (finding,) = judgements(resource_policy_is_not_public, bus("*"))["held"].findings
    assert (finding.message, finding.path) == ("lets everybody do events:PutEvents", "principal")
    assert judge(resource_policy_is_not_public, bus("*", organisation="o-a1b2c3d4e5")) == PASS
    assert judge(resource_policy_is_not_public, bus(OTHER)) == PASS
