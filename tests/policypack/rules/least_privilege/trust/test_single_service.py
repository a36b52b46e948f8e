"""Roles that several services share by their trust policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policypack.rules.least_privilege.trust.single_service import role_trusts_one_service
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.programs import role, trust

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

SAGEMAKER = "sagemaker.amazonaws.com"


def statement(principal: Any, effect: str = "Allow") -> str:
    """Give a trust policy of one statement."""
    body = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": body})


def denying_others() -> str:
    """Give a trust policy that denies a second service."""
    allowed, denied = (json.loads(statement({"Service": name}, effect))["Statement"] for name, effect in PAIR)
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})


PAIR = (("lambda.amazonaws.com", "Allow"), (SAGEMAKER, "Deny"))


@examples(
    role_trusts_one_service,
    "policy",
    [
        (trust("lambda.amazonaws.com"), PASS),
        (trust("lambda.amazonaws.com", SAGEMAKER), FAIL),
        (trust("states.amazonaws.com", "states.eu-west-1.amazonaws.com"), PASS),  # one service, named twice
        (trust("ec2.amazonaws.com", "ec2.amazonaws.com.cn"), PASS),  # the same in two partitions
        (trust("logs.eu-west-1.amazonaws.com", "logs.us-gov-west-1.amazonaws.com"), PASS),
        (trust("ecs.amazonaws.com", "ecs-tasks.amazonaws.com"), FAIL),
        (trust("ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com"), FAIL),
        (trust("lambda.amazonaws.com", "edgelambda.amazonaws.com"), PASS),  # AWS requires both for Lambda@Edge
        (statement({"AWS": "arn:aws:iam::123456789012:root"}), PASS),  # an account, no service
        (statement("*"), PASS),  # another rule reports it
        (denying_others(), PASS),
        ("this is no policy", PASS),  # IAM rejects it
        (UNKNOWN, UNDECIDED),
    ],
)
def test_role_trusts_one_service(policy: Any, verdict: Verdict) -> None:
    """A role trusts one service only."""
    assert judge(role_trusts_one_service, program(lambda: role(assume_role_policy=policy))) == verdict


def test_messages_name_the_services() -> None:
    """Services of all statements count."""
    one, other = (json.loads(trust(name))["Statement"][0] for name in (SAGEMAKER, "lambda.amazonaws.com"))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [one, other]})
    stack = program(lambda: role(assume_role_policy=policy))
    assert messages(role_trusts_one_service, stack) == ["trusts 2 services: lambda, sagemaker"]
