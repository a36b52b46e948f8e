"""The statement that a fix shows: made from the stack's own names, and no longer at fault."""

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
from policypack.rules.least_privilege.identity.star_grants import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.testing import judgements, program, resource
from tests.policypack.rules.identity import broken
from tests.policypack.rules.policies import allow, document, text
from tests.policypack.rules.programs import function, mapping, role, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.rule import Rule

OTHER = "arn:aws:sqs:eu-west-1:123456789012:elsewhere"


def system(policy: Any, *, reads: bool = True) -> None:
    """Build a worker that reads a queue, writes a table and asks a model, beside a queue and a table of others."""
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


def shown(rule: Rule, policy: Any, build: Callable[..., None] = system, **more: Any) -> list[Any]:
    """Give the statements that the rule's findings show."""
    stack = program(lambda: build(document(*policy), **more))
    fixes = [finding.fix for finding in judgements(rule, stack)["held"].findings]
    found: list[Any] = []
    for fix in fixes:
        match = re.search(r"[{\[].*[}\]]", fix)
        found.append(json.loads(match[0]) if match else None)
    return found


def arn(service: str, name: str, where: str = "eu-west-1:123456789012") -> str:
    """Give an ARN in the stack's account."""
    return f"arn:aws:{service}:{where}:{name}"


RESULTS = arn("dynamodb", "table/results")
ITEMS = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"]
CONSUME = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
WIDE = document(allow("dynamodb:PutItem", "*"))
TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "a"}}


@pytest.mark.parametrize(
    ("rule", "statement", "expected"),
    [
        # all actions of a service become what code at work calls, on what the function is wired to
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
        # what is named already stays
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
        # actions that only work on `*` get a statement of their own
        (
            role_has_no_wildcard_resource,
            allow(["xray:PutTraceSegments", "dynamodb:PutItem"], "*"),
            [
                {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
                {"Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"},
            ],
        ),
        # one statement for each kind of resource
        (
            role_has_no_wildcard_resource,
            allow(["dynamodb:PutItem", *CONSUME], "*"),
            [
                {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": RESULTS},
                {"Effect": "Allow", "Action": CONSUME, "Resource": arn("sqs", "work")},
            ],
        ),
        # a kind that the stack has none of: an ARN to fill in
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
def test_the_statement_is_narrowed(rule: Rule, statement: Any, expected: Any) -> None:
    """With the stack's account, region and names."""
    assert shown(rule, [statement]) == [expected]


def test_everything_becomes_what_the_work_is_wired_to() -> None:
    """A statement for each service in use."""
    (statements,) = shown(role_has_no_wildcard_action, [allow("*", "*")])
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
def test_what_is_shown_breaks_no_rule(statement: Any) -> None:
    """Pasted in place of the statement, it is no longer too wide."""
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
        match = re.search(r"[{\[].*[}\]]", fix)
        assert match, fix
        pasted = json.loads(match[0])
        policy = document(*(pasted if isinstance(pasted, list) else [pasted]))
        assert broken(program(partial(system, policy))) == {}


def test_words_to_replace_where_the_stack_does_not_say_where_it_is() -> None:
    """A preview of a new program with no ARN in it."""
    (statement,) = shown(role_has_no_wildcard_resource, [WIDE["Statement"][0]], reads=False)
    assert statement["Resource"] == arn("dynamodb", "table/results", "REGION:ACCOUNT")


def test_who_reads_no_queue_sends() -> None:
    """Without an event source mapping, any queue is possible."""
    (statement,) = shown(role_has_no_wildcard_action, [allow("sqs:*", "*")], reads=False)
    assert statement["Action"] == "sqs:SendMessage"
    assert len(statement["Resource"]) == 2


def secret_table(policy: Any) -> None:
    """Build a table whose name is nobody's business, and a policy."""
    table(name=pulumi.Output.secret("hidden-name"))
    aws.iam.RolePolicy("held", role=role("worker").name, policy=text(policy))


def test_secrets_are_not_shown() -> None:
    """Neither names nor what the policy itself says."""
    (statement,) = shown(role_has_no_wildcard_resource, [allow("dynamodb:PutItem", "*")], secret_table)
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
        allow("iam:*", "*"),  # nothing that code at work does
    ],
)
def test_without_knowing_enough_nothing_is_made_up(statement: Any) -> None:
    """The rule's own fix is shown then."""
    stack = Stack([resource(ROLE_POLICY, {"policy": document(statement)}, "held")])
    (finding,) = judgements(role_has_no_wildcard_action, stack)["held"].findings
    assert finding.fix == ""
