"""The narrower statement that a fix suggests: it uses the stack's names and passes the rules."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.rules.least_privilege.identity.kms_keys import role_decrypts_with_named_kms_keys
from policypack.rules.least_privilege.identity.partial_wildcards import (
    role_has_no_resource_type_wildcard,
    role_lists_sensitive_actions_by_name,
)
from policypack.rules.least_privilege.identity.wildcards import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.testing import judgements, program, resource
from tests.policypack.rules.identity import broken
from tests.policypack.rules.policies import allow, document, text
from tests.policypack.rules.programs import function, mapping, role, table
from tests.policypack.rules.workloads import arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.rule import Rule

OTHER = "arn:aws:sqs:eu-west-1:123456789012:elsewhere"


def system(policy: Any, *, reads: bool = True) -> None:
    """Build a function that uses a queue, a table and an endpoint, and a queue and a table that it does not use."""
    holder = role("worker", name="worker")
    code = function(
        "worker",
        role=holder.name,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables={"TABLE": "results", "ENDPOINT": "Predictor"}),
    )
    aws.iam.RolePolicy("held", role=holder.name, policy=text(policy))
    table(name="results")
    table("others", name="others")
    aws.sqs.Queue("work", name="work")
    aws.sqs.Queue("idle", name="idle")
    aws.sagemaker.Endpoint("endpoint", name="Predictor", endpoint_config_name="elsewhere")
    aws.cloudwatch.LogGroup("logs", name=pulumi.Output.concat("/aws/lambda/", code.name))
    if reads:
        mapping("arn:aws:sqs:eu-west-1:123456789012:work", code.name)


def statement_in(fix: str) -> Any:
    """Give the statement, or the list of statements, that a fix contains; None if it contains none."""
    match = re.search(r"[{\[].*[}\]]", fix)
    return json.loads(match[0]) if match else None


def suggested(rule: Rule, policy: Any, build: Callable[..., None] = system, **more: Any) -> list[Any]:
    """Give the statements that the rule's findings suggest."""
    stack = program(lambda: build(document(*policy), **more))
    return [statement_in(finding.fix) for finding in judgements(rule, stack)["held"].findings]


RESULTS = arn("dynamodb", "table/results")
ITEMS = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"]
CONSUME = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
WIDE = document(allow("dynamodb:PutItem", "*"))
TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "a"}}


@pytest.mark.parametrize(
    ("rule", "statement", "expected"),
    [
        # a wildcard becomes the usual actions of a workload, on the resources that the function uses
        (
            role_has_no_wildcard_action,
            allow("dynamodb:*", "*"),
            {"Effect": "Allow", "Action": ITEMS, "Resource": RESULTS},
        ),
        (
            role_has_no_wildcard_action,
            allow("sqs:*", "*"),
            {"Effect": "Allow", "Action": CONSUME, "Resource": arn("sqs", "work")},
        ),
        (
            role_has_no_wildcard_action,
            allow("sagemaker:*", "*"),
            {
                "Effect": "Allow",
                "Action": "sagemaker:InvokeEndpoint",
                "Resource": arn("sagemaker", "endpoint/predictor"),
            },
        ),
        (
            role_has_no_wildcard_action,
            allow("logs:*", "*"),
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": arn("logs", "log-group:/aws/lambda/worker-1a2b3c4:*"),
            },
        ),
        # resources that the statement names are kept
        (role_has_no_wildcard_action, allow("sqs:*", OTHER), {"Effect": "Allow", "Action": CONSUME, "Resource": OTHER}),
        (
            role_has_no_wildcard_resource,
            allow("dynamodb:PutItem", "*"),
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
        ),
        (
            role_has_no_wildcard_resource,
            allow("dynamodb:PutItem", "*", Condition=TAGGED),
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS, "Condition": TAGGED},
        ),
        (
            role_has_no_resource_type_wildcard,
            allow("dynamodb:PutItem", arn("dynamodb", "table/*")),
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
        ),
        (
            role_lists_sensitive_actions_by_name,
            allow("dynamodb:*Item", RESULTS),
            {"Effect": "Allow", "Action": ITEMS[:3], "Resource": RESULTS},
        ),
        # actions that only support `*` are put in a separate statement
        (
            role_has_no_wildcard_resource,
            allow(["xray:PutTraceSegments", "dynamodb:PutItem"], "*"),
            [
                {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
                {"Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"},
            ],
        ),
        # one statement for each resource type
        (
            role_has_no_wildcard_resource,
            allow(["dynamodb:PutItem", *CONSUME], "*"),
            [
                {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
                {"Effect": "Allow", "Action": CONSUME, "Resource": arn("sqs", "work")},
            ],
        ),
        # no such resource in the stack: an ARN with placeholders
        (
            role_has_no_wildcard_resource,
            allow("sns:Publish", "*"),
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": arn("sns", "TOPIC_NAME")},
        ),
        (
            role_decrypts_with_named_kms_keys,
            allow("kms:Decrypt", "arn:aws:kms:*:*:key/*"),
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn("kms", "key/KEY_ID")},
        ),
    ],
)
def test_the_suggested_statement(rule: Rule, statement: Any, expected: Any) -> None:
    """It uses the stack's account, region and names."""
    assert suggested(rule, [statement]) == [expected]


def test_all_actions_become_those_of_the_services_in_use() -> None:
    """There is one statement for each service that the function uses."""
    (statements,) = suggested(role_has_no_wildcard_action, [allow("*", "*")])
    assert [statement["Resource"] for statement in statements] == [
        arn("sqs", "work"),
        RESULTS,
        arn("sagemaker", "endpoint/predictor"),
        arn("logs", "log-group:/aws/lambda/worker-1a2b3c4:*"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        allow("*", "*"),
        allow("sqs:*", "*"),
        allow(["dynamodb:*", "logs:*"], "*"),
        allow(["xray:*", "s3:*", "secretsmanager:*"], "*"),
        allow(["dynamodb:*Item", "sqs:*Message"], ["arn:aws:dynamodb:*:*:table/*", "arn:aws:sqs:*:*:*"]),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "NotResource": RESULTS},
    ],
)
def test_the_suggested_statement_passes(statement: Any) -> None:
    """The stack passes every rule with the suggestion in place of the statement."""
    rules = (
        role_has_no_wildcard_action,
        role_has_no_wildcard_resource,
        role_has_no_resource_type_wildcard,
        role_lists_sensitive_actions_by_name,
    )
    stack = program(lambda: system(document(statement)))
    fixes = [one.fix for rule in rules for one in judgements(rule, stack)["held"].findings]
    assert fixes
    for fix in fixes:
        pasted = statement_in(fix)
        assert pasted, fix
        policy = document(*(pasted if isinstance(pasted, list) else [pasted]))
        assert broken(program(partial(system, policy))) == {}


def test_placeholders_for_an_unknown_account_and_region() -> None:
    """The first preview of a new program can contain no ARN."""
    (statement,) = suggested(role_has_no_wildcard_resource, [WIDE["Statement"][0]], reads=False)
    assert statement["Resource"] == "arn:aws:dynamodb:REGION:ACCOUNT:table/results"


def test_a_function_without_event_source_sends_messages() -> None:
    """Without an event source mapping, each queue of the stack is suggested."""
    (statement,) = suggested(role_has_no_wildcard_action, [allow("sqs:*", "*")], reads=False)
    assert statement["Action"] == "sqs:SendMessage"
    assert len(statement["Resource"]) == 2


def secret_table(policy: Any) -> None:
    """Build a table whose name is secret, and a policy."""
    table(name=pulumi.Output.secret("hidden-name"))
    aws.iam.RolePolicy("held", role=role("worker").name, policy=text(policy))


def test_secrets_are_not_printed() -> None:
    """A fix contains neither secret names nor parts of a secret policy."""
    (statement,) = suggested(role_has_no_wildcard_resource, [allow("dynamodb:PutItem", "*")], secret_table)
    assert statement["Resource"] == "arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE_NAME"
    hidden = program(lambda: aws.iam.RolePolicy("held", role="r", policy=pulumi.Output.secret(text(WIDE))))
    (finding,) = judgements(role_has_no_wildcard_resource, hidden)["held"].findings
    assert finding.fix == ""


@pytest.mark.parametrize(
    "statement",
    [
        allow(["sqs:*", Unknown("policy")], "*"),
        allow("sqs:*", ["*", Unknown("policy")]),
        allow("nosuchservice:*", "*"),
        allow("iam:*", "*"),  # workloads usually need none of its actions
    ],
)
def test_no_suggestion_for_unknown_parts(statement: Any) -> None:
    """The finding then has no fix of its own, so the rule's fix is shown."""
    stack = Stack([resource(ROLE_POLICY, {"policy": document(statement)}, "held")])
    (finding,) = judgements(role_has_no_wildcard_action, stack)["held"].findings
    assert finding.fix == ""
