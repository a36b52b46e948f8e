"""Whatever stands in a trust policy or in the policy of a resource, every rule about it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.model import EVENT_PERMISSION, PERMISSION, QUEUE_POLICY, ROLE, Resource, Stack
from policypack.testing import CRASHED, judgements, resource
from tests.policypack.iam.line_count import count_lines
from tests.policypack.iam.test_arbitrary_documents import DOCUMENT, TEXT, UNKNOWN, VALUES
from tests.policypack.rules.groups import group
from tests.property_tests import EXAMPLES

RULES = group("trust", "resource_policies")
ANYTHING = DOCUMENT | VALUES | DOCUMENT.filter(lambda made: "Unknown" not in repr(made)).map(json.dumps)
PARTS = st.dictionaries(
    st.sampled_from(("action", "function", "principal", "sourceArn", "sourceAccount", "principalOrgId", "condition")),
    TEXT | UNKNOWN,
    max_size=7,
)


def stack(*resources: Resource) -> Stack:
    """Put resources that know nothing of each other into one stack."""
    return Stack(resources)


def crashes(made: Stack) -> list[str]:
    """The rules that fail on a stack, with how."""
    found = [(rule.id, judged) for rule in RULES for judged in judgements(rule, made).values()]
    return [f"{name}: {judged.crash}" for name, judged in found if judged.verdict is CRASHED]


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(ANYTHING, ANYTHING)
def test_every_document_is_judged(trust: Any, policy: Any) -> None:
    """Also what is no policy at all."""
    role = resource(ROLE, {"assumeRolePolicy": trust, "name": "held", "path": "/"}, "role")
    holders = [
        resource(type_, {"policy": policy, "queueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/work"}, type_)
        for type_ in (QUEUE_POLICY, "aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key", "aws:sns/topic:Topic")
    ]
    assert crashes(stack(role, *holders)) == []


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(PARTS, PARTS)
def test_every_permission_is_judged(permission: Any, of_a_bus: Any) -> None:
    """Whichever of its arguments are there."""
    made = [resource(PERMISSION, permission, "one"), resource(EVENT_PERMISSION, of_a_bus, "other")]
    assert crashes(stack(*made)) == []


def allowing(count: int) -> Any:
    """Many statements that let everybody in, and as many that keep some out."""
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
    return [
        *({"Effect": "Allow", "Principal": "*", "Action": f"sqs:A{n}", "Resource": "*"} for n in range(count)),
        *(
            {"Effect": "Deny", "Principal": "*", "Action": f"sqs:B{n}", "Resource": "*", "Condition": outside}
            for n in range(count)
        ),
    ]


def naming(count: int) -> Any:
    """One statement of many principals, actions, resources and conditions."""
    return [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{n:012}:root" for n in range(count)], "Service": ["s3.amazonaws.com"]},
            "Action": [f"sqs:A{n}" for n in range(count)],
            "Resource": [f"arn:aws:sqs:eu-west-1:123456789012:q{n}" for n in range(count)],
            "Condition": {"ArnLike": {"aws:SourceArn": [f"arn:aws:s3:::b{n}" for n in range(count)]}},
        },
        {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:q"},
    ]


def trusting(count: int) -> Any:
    """Many whom a role trusts, of every kind."""
    return [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{n:012}:root", "Service": f"s{n}.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:eu-west-1:{n:012}:model/*"}},
        }
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("make", "type_", "path"),
    [
        (allowing, QUEUE_POLICY, "policy"),
        (naming, QUEUE_POLICY, "policy"),
        (trusting, ROLE, "assumeRolePolicy"),
    ],
)
def test_twice_the_policy_is_at_most_twice_the_work(make: Any, type_: str, path: str) -> None:
    """From a hundred denials on, which no policy has room for, the work grows with the document only."""

    def work(count: int) -> int:
        made = stack(resource(type_, {path: json.dumps({"Statement": make(count)})}, "held"))
        return count_lines(lambda: crashes(made))

    work(10)  # fills the caches
    small, large = work(200), work(400)
    assert large < 2.5 * small
