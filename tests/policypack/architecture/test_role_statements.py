"""Statements of inline role policies, and the stages that they refer to."""

from __future__ import annotations

import pulumi_aws as aws
import pytest

from policypack.architecture.role_statements import role_statements, role_users, stage_at
from policypack.model import ROLE, Undecided
from policypack.testing import UNKNOWN, program
from tests.policypack.architecture.architectures import FAILED, JOBS, PREFIX, allow, http_api, short, worker
from tests.policypack.rules.programs import role


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (JOBS, "Queue jobs"),
        (f"arn:aws:sqs:{PREFIX}:another", None),
        (f"arn:aws:dynamodb:{PREFIX}:table/results", "Table results"),
        (f"arn:aws:dynamodb:{PREFIX}:table/results/index/by-date", "Table results"),
        ("arn:aws:s3:::files", "Bucket files"),
        ("arn:aws:s3:::files/in/*", "Bucket files"),
        ("arn:aws:s3:::file", None),
        (f"arn:aws:lambda:{PREFIX}:function:worker", None),  # no service of _NAMED_BY_ARN
        ("*", None),
        ("arn:aws:sqs", None),
    ],
)
def test_the_stage_of_an_arn(arn: str, expected: str | None) -> None:
    """By its name; of an object the bucket."""
    found = stage_at(worker(), arn)
    assert (None if found is None else short(found.urn)) == expected


def test_statements_are_paired_with_each_of_their_resources() -> None:
    """Deny statements and NotAction included; single values count as lists."""
    deny = {"Effect": "Deny", "NotAction": "sqs:SendMessage", "Resource": "*"}
    stack = worker(allow("sqs:SendMessage", JOBS, FAILED), deny)
    found = list(role_statements(stack))
    assert [(each.role.name, each.actions, each.arn, each.target and each.target.name) for each in found] == [
        ("worker", ("sqs:SendMessage",), JOBS, "jobs"),
        ("worker", ("sqs:SendMessage",), FAILED, "failed"),
        ("worker", (), "*", None),
    ]
    assert [each.statement["Effect"] for each in found] == ["Allow", "Allow", "Deny"]


def test_an_unknown_document_is_undecided() -> None:
    """It may contain any statement."""

    def build() -> None:
        aws.iam.RolePolicy("worker", role=role("worker", name="worker").name, policy=UNKNOWN)

    with pytest.raises(Undecided):
        list(role_statements(program(build)))


def test_the_users_of_a_role() -> None:
    """A function uses its own; an API that of its integration."""
    for stack, expected in ((worker(), "Function worker"), (http_api(), "Api entry")):
        (used,) = stack.of_type(ROLE)
        assert [short(user.urn) for user in role_users(stack, used)] == [expected]
