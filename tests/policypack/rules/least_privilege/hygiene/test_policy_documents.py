"""Identity policies that IAM rejects, or that name actions and condition keys that do not exist."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.rules.least_privilege.hygiene.policy_documents import (
    role_policy_actions_and_keys_exist,
    role_policy_documents_are_valid,
)
from policypack.testing import FAIL, UNDECIDED, judge, messages
from tests.policypack.rules.identity import IAM, KEY, QUEUE, RULES, TABLE, Case, cases, check, partly_unknown, stack_of
from tests.policypack.rules.policies import allow, document

CHECKS = f"{IAM}/access-analyzer-reference-policy-checks.html"
GRAMMAR = f"{IAM}/reference_policies_grammar.html"
EXISTS = "role-policy-actions-and-keys-exist"
VALID = "role-policy-documents-are-valid"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a condition."""
    return {operator: {key: value}}


def send(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Give a statement with a condition."""
    return allow("sqs:SendMessage", QUEUE, Condition=when(operator, key, value))


NAMED: list[Case] = [
    # "Invalid action", "Invalid service in action", "Invalid service condition key", "Invalid global condition key"
    (CHECKS, allow("sqs:SendMesage", QUEUE), EXISTS),
    (CHECKS, allow("dynamodb:PutItems", TABLE), EXISTS),
    (CHECKS, allow("dynamo:PutItem", TABLE), EXISTS),
    (CHECKS, allow("sqs:Sned*", QUEUE), EXISTS),
    (CHECKS, {"Effect": "Deny", "Action": "dynamodb:DropTable", "Resource": "*"}, EXISTS),
    (CHECKS, send("StringEquals", "aws:SourceTeam", "a"), EXISTS),
    (CHECKS, allow("dynamodb:GetItem", TABLE, Condition=when("StringEquals", "dynamodb:LeadKeys", "a")), EXISTS),
    (CHECKS, allow("sqs:SendMessage", QUEUE), ""),
    (CHECKS, allow("SQS:sendmessage", QUEUE), ""),
    (CHECKS, send("StringEquals", "aws:PrincipalTag/team", "a"), ""),
    (
        CHECKS,
        send("ArnEquals", "lambda:SourceFunctionArn", FUNCTION),
        "",
    ),
    (
        CHECKS,
        allow("dynamodb:GetItem", TABLE, Condition=when("ForAllValues:StringEquals", "dynamodb:LeadingKeys", ["a"])),
        "",
    ),
    (CHECKS, allow("kms:Decrypt", KEY, Condition=when("StringEquals", "kms:EncryptionContext:app", "a")), ""),
]


@cases(NAMED, role_policy_actions_and_keys_exist)
def test_actions_and_condition_keys(policy: Any, ids: str) -> None:
    """Each action and condition key exists."""
    check(policy, ids)


WELL_FORMED: list[Case] = [
    (GRAMMAR, "this is no policy", VALID),
    (GRAMMAR, "[]", ""),  # no statement, nothing granted
    (GRAMMAR, '"a string"', VALID),
    (GRAMMAR, '{"Version": "2012-10-17"}', VALID),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Effect": "allow"}), VALID),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Resources": QUEUE}), VALID),
    (GRAMMAR, document(allow("SendMessage")), VALID),
    (GRAMMAR, document(allow("sqs:SendMessage", "work")), VALID),
    (GRAMMAR, document({"Effect": "Allow", "Action": "sqs:SendMessage"}), VALID),
    (GRAMMAR, {**document(allow("sqs:SendMessage")), "Version": "2024-01-01"}, VALID),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Principal": "*"}), VALID),
    (GRAMMAR, document(allow("sqs:SendMessage", Condition={"Equals": {"aws:PrincipalTag/a": "b"}})), VALID),
    (GRAMMAR, document(allow("sqs:SendMessage")), ""),
    (GRAMMAR, {"Statement": [allow("sqs:SendMessage")]}, ""),  # the older version is the default
    (GRAMMAR, {"version": "2012-10-17", "statement": allow("sqs:SendMessage")}, ""),
    (GRAMMAR, document({**allow("sqs:SendMessage"), "Sid": "Send"}), ""),
]


@cases(WELL_FORMED, role_policy_documents_are_valid)
def test_documents(policy: Any, ids: str) -> None:
    """A document that IAM rejects has a finding."""
    check(policy, ids)


@pytest.mark.parametrize(
    ("rule", "policy", "message"),
    [
        (EXISTS, allow("sqs:SendMesage"), "names sqs:SendMesage, which is not an action; closest: sqs:SendMessage"),
        (EXISTS, allow("dynamo:PutItem"), "names dynamo:PutItem, of a service that does not exist"),
        (VALID, document(allow("work:Do", "q")), 'has a policy whose Statement[0].Resource is neither "*" nor an ARN'),
        (VALID, "nothing", "has a policy that is not JSON (character 0)"),
    ],
)
def test_messages(rule: str, policy: Any, message: str) -> None:
    """The message names what is wrong and where."""
    assert messages(RULES[rule], stack_of(policy)) == [message]


@pytest.mark.parametrize("rule", [EXISTS, VALID])
def test_policy_that_is_partly_unknown(rule: str) -> None:
    """A part that is unknown may be wrong as well; a name that is certainly wrong is reported."""
    assert judge(RULES[rule], partly_unknown()) == UNDECIDED
    assert judge(RULES[EXISTS], partly_unknown(allow("sqs:SendMesage"))) == FAIL
