"""The account of a stack, and policies that grant access to other accounts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws
import pytest

from policypack.access.stack_accounts import accounts_of
from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_allows_only_known_accounts,
    resource_policy_grants_no_permissions_management,
    resource_policy_has_no_wildcard_action,
)
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, UNDECIDED, judge, judgements, program
from tests.policypack.rules.holders import FUNCTION_ARN, SECRET_ARN, holding, let
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function, role, table
from tests.policypack.rules.trusts import OTHER, here, root

if TYPE_CHECKING:
    from collections.abc import Callable


def naming(arn: str) -> Callable[[], object]:
    """Give a program with a queue, a table, and a function with an ARN in its environment."""

    def build() -> None:
        aws.sqs.Queue("work", name="work")
        table("results", name="results")
        role("worker", name="worker")
        function(environment=aws.lambda_.FunctionEnvironmentArgs(variables={"ARN": arn}), role="worker")

    return build


def key(*accounts: str) -> Callable[[], object]:
    """Give a program with a key whose policy grants full access to these accounts."""
    owners = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    statement = {"Effect": "Allow", "Principal": owners, "Action": "kms:*", "Resource": "*"}
    return lambda: aws.kms.Key("key", policy=json.dumps({"Statement": statement}))


@pytest.mark.parametrize(
    ("build", "accounts"),
    [
        (here, {ACCOUNT}),  # a policy belongs to a resource of the same account
        (lambda: aws.secretsmanager.SecretPolicy("held", secret_arn=SECRET_ARN, policy="{}"), {ACCOUNT}),
        (
            lambda: function(role=f"arn:aws:iam::{ACCOUNT}:role/elsewhere"),
            {ACCOUNT},
        ),  # a role belongs to the same account
        (lambda: aws.lambda_.Permission("held", action="a", function=FUNCTION_ARN, principal="b"), {ACCOUNT}),
        (naming(f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"), {ACCOUNT}),
        (naming(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/results/index/*"), {ACCOUNT}),
        (naming(f"arn:aws:sqs:{REGION}:{OTHER}:jobs"), set()),  # the stack has no queue of that name
        (naming(f"arn:aws:sns:{REGION}:{OTHER}:work"), set()),  # the stack has no topic of that name
        (naming(f"arn:aws:iam::{OTHER}:role/worker"), set()),  # it may be another role of the same name
        (key(ACCOUNT), {ACCOUNT}),
        (key(ACCOUNT, OTHER), set()),
        (lambda: aws.sqs.Queue("work"), set()),
    ],
)
def test_account_of_a_stack(build: Callable[[], object], accounts: set[str]) -> None:
    """It is known only from ARNs that certainly belong to the stack."""
    assert accounts_of(program(build)) == accounts


def test_separate_policy_is_judged_once() -> None:
    """The provider reads a separate policy back into the queue; only the separate resource has the finding."""
    statement = document(let("queue policy", root(OTHER), "sqs:SendMessage"))

    def build() -> None:
        queue = aws.sqs.Queue("work", name="work", policy=text(statement))
        aws.sqs.QueuePolicy("separate", queue_url=queue.id, policy=text(statement))

    found = judgements(resource_policy_allows_only_known_accounts, program(build))
    assert {name: judgement.verdict for name, judgement in found.items()} == {"work": PASS, "separate": FAIL}


def test_account_of_a_bucket_is_unknown() -> None:
    """The policy of a bucket does not contain the account of the bucket."""
    stack = holding("bucket policy", let("bucket policy", root(OTHER), "s3:PutBucketPolicy"), known=False)
    for rule in (resource_policy_allows_only_known_accounts, resource_policy_grants_no_permissions_management):
        assert judge(rule, stack) == UNDECIDED
    stack = holding("bucket policy", let("bucket policy", root(OTHER), "s3:*"), known=False)
    assert judge(resource_policy_has_no_wildcard_action, stack) == UNDECIDED
