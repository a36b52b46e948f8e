"""Which account a stack is in, and what follows from it."""

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
    """Give a program with a queue and a table, and a function that is told an ARN."""

    def build() -> None:
        aws.sqs.Queue("work", name="work")
        table("results", name="results")
        role("worker", name="worker")
        function(environment=aws.lambda_.FunctionEnvironmentArgs(variables={"ARN": arn}), role="worker")

    return build


def key(*accounts: str) -> Callable[[], object]:
    """Give a program with a key that is all these accounts'."""
    owners = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
    statement = {"Effect": "Allow", "Principal": owners, "Action": "kms:*", "Resource": "*"}
    return lambda: aws.kms.Key("key", policy=json.dumps({"Statement": statement}))


@pytest.mark.parametrize(
    ("build", "accounts"),
    [
        (here, {ACCOUNT}),  # a policy can only be put on what is one's own
        (lambda: aws.secretsmanager.SecretPolicy("held", secret_arn=SECRET_ARN, policy="{}"), {ACCOUNT}),
        (lambda: function(role=f"arn:aws:iam::{ACCOUNT}:role/elsewhere"), {ACCOUNT}),  # roles are of the same account
        (lambda: aws.lambda_.Permission("held", action="a", function=FUNCTION_ARN, principal="b"), {ACCOUNT}),
        (naming(f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"), {ACCOUNT}),
        (naming(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/results/index/*"), {ACCOUNT}),
        (naming(f"arn:aws:sqs:{REGION}:{OTHER}:jobs"), set()),  # nothing of that name is in the stack
        (naming(f"arn:aws:sns:{REGION}:{OTHER}:work"), set()),  # nor of that service
        (naming(f"arn:aws:iam::{OTHER}:role/worker"), set()),  # a namesake, for all one knows
        (key(ACCOUNT), {ACCOUNT}),
        (key(ACCOUNT, OTHER), set()),
        (lambda: aws.sqs.Queue("work"), set()),
    ],
)
def test_the_account_is_told_by_what_the_program_says(build: Callable[[], object], accounts: set[str]) -> None:
    """Nothing is guessed: what nothing shows stays open."""
    assert accounts_of(program(build)) == accounts


def test_a_policy_that_is_set_apart_is_judged_there() -> None:
    """The provider reads it back into the queue, where it is nobody's to change."""
    statement = document(let("queue policy", root(OTHER), "sqs:SendMessage"))

    def build() -> None:
        queue = aws.sqs.Queue("work", name="work", policy=text(statement))
        aws.sqs.QueuePolicy("apart", queue_url=queue.id, policy=text(statement))

    found = judgements(resource_policy_allows_only_known_accounts, program(build))
    assert {name: judgement.verdict for name, judgement in found.items()} == {"work": PASS, "apart": FAIL}


def test_whose_account_it_is_has_to_be_known() -> None:
    """A bucket's policy does not say whose the bucket is."""
    stack = holding("bucket policy", let("bucket policy", root(OTHER), "s3:PutBucketPolicy"), known=False)
    for rule in (resource_policy_allows_only_known_accounts, resource_policy_grants_no_permissions_management):
        assert judge(rule, stack) == UNDECIDED
    stack = holding("bucket policy", let("bucket policy", root(OTHER), "s3:*"), known=False)
    assert judge(resource_policy_has_no_wildcard_action, stack) == UNDECIDED
