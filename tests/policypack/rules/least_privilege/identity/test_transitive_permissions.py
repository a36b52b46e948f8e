"""Roles that reach stronger roles, and what works under those."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.identity.transitive_permissions import (
    role_cannot_assume_more_privileged_role,
    role_cannot_invoke_more_privileged_workload,
)
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.workloads import allow, arn, may, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

CHAINS = "d11: role chains"
PUT = allow("dynamodb:PutItem", arn("dynamodb", "table/results"))
ADMIN = allow("iam:PutRolePolicy", "*")
WHOLE = allow("s3:*", "*")


def named(name: str) -> str:
    """Give the ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def lets(principal: str) -> str:
    """Give a trust policy for one principal of the account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps(document(statement))


def assuming(*statements: Any, target: Any = ADMIN, trust: Any = None) -> Builder:
    """Build a role, and another one that it may be able to assume."""

    def build() -> None:
        may(role("one", name="one"), *statements, name="one")
        other = role("other", name="other", assume_role_policy=trust or lets(named("one")))
        may(other, target, name="other")

    return build


ASSUME = allow("sts:AssumeRole", named("other"))


def chain(*, closed: bool = False) -> Builder:
    """Build roles that assume each other in turn, the last of which is strong; `closed`: it may assume the first."""

    def build() -> None:
        names = ["one", "two", "three"]
        for index, name in enumerate(names):
            before = names[index - 1] if index else "three"
            held = role(name, name=name, assume_role_policy=lets(named(before)))
            after = names[index + 1] if index < 2 else "one"
            steps = [allow("sts:AssumeRole", named(after))] if index < 2 or closed else []
            may(held, *(steps if closed else [*steps, ADMIN if index == 2 else PUT]), name=name)

    return build


@examples(
    role_cannot_assume_more_privileged_role,
    "source, build",
    [
        (CHAINS, assuming(ASSUME, target=PUT), PASS),  # no stronger
        (CHAINS, assuming(ASSUME, ADMIN), PASS),  # as strong itself
        (CHAINS, assuming(ASSUME, trust=lets(named("third"))), PASS),  # which is not let in
        (CHAINS, assuming(PUT), PASS),
        (CHAINS, assuming(allow("sts:AssumeRole", "*")), PASS),  # a14
        (CHAINS, chain(closed=True), PASS),  # in a circle, none of them strong
        (CHAINS, assuming(ASSUME), FAIL),
        (CHAINS, assuming(ASSUME, target=WHOLE), FAIL),
        (CHAINS, assuming(ASSUME, trust=lets(f"arn:aws:iam::{ACCOUNT}:root")), FAIL),  # the account leaves it to IAM
        (CHAINS, chain(), FAIL),
        ("unknowns", assuming(ASSUME, trust=UNKNOWN), UNDECIDED),
        ("unknowns", assuming(allow("sts:AssumeRole", UNKNOWN)), UNDECIDED),
    ],
)
def test_role_cannot_assume_more_privileged_role(source: str, build: Builder, verdict: Verdict) -> None:
    """No role is stronger by what it may assume."""
    assert judge(role_cannot_assume_more_privileged_role, program(build)) == verdict, source


INVOKES = "d11: A may invoke B whose role is broader"


def invoking(action: str, *own: Any, target: Any = ADMIN, pattern: str = "function:helper-1a2b3c4") -> Builder:
    """Build a function that may invoke another."""

    def build() -> None:
        worker(target, name="helper")
        worker(allow(action, arn("lambda", pattern)), *own, name="worker")

    return build


def starting() -> None:
    """Build a function that may start a state machine."""
    holder = role("machine-role", "states.amazonaws.com")
    may(holder, WHOLE)
    aws.sfn.StateMachine("flow", name="flow", role_arn=holder.arn, definition="{}")
    worker(allow("states:StartExecution", arn("states", "stateMachine:flow")))


@examples(
    role_cannot_invoke_more_privileged_workload,
    "source, build",
    [
        (INVOKES, invoking("lambda:InvokeFunction", target=PUT), PASS),
        (INVOKES, invoking("lambda:InvokeFunction", ADMIN), PASS),
        (INVOKES, invoking("lambda:GetFunction"), PASS),
        (INVOKES, invoking("lambda:InvokeFunction", pattern="function:elsewhere"), PASS),
        (INVOKES, lambda: (function("alone"), worker(allow("lambda:InvokeFunction", "*"))), PASS),
        (INVOKES, invoking("lambda:InvokeFunction"), FAIL),
        (INVOKES, invoking("lambda:InvokeFunction", target=WHOLE, pattern="function:helper-1a2b3c4:*"), FAIL),
        (INVOKES, starting, FAIL),
    ],
)
def test_role_cannot_invoke_more_privileged_workload(source: str, build: Builder, verdict: Verdict) -> None:
    """No role is stronger by what it may set to work."""
    assert judge(role_cannot_invoke_more_privileged_workload, program(build)) == verdict, source


def test_the_way_is_spelt_out() -> None:
    """Each step of it, and what is gained."""
    stack = program(chain())
    found = {
        name: judgement.findings
        for name, judgement in judgements(role_cannot_assume_more_privileged_role, stack).items()
    }
    assert [finding.message for finding in found["one"]] == [
        "may assume two and from there three, which may also iam:PutRolePolicy"
    ]
    assert [finding.message for finding in found["two"]] == ["may assume three, which may also iam:PutRolePolicy"]
    assert found["one"][0].path == "policy.Statement[0].Resource"
    (starts,) = judgements(role_cannot_invoke_more_privileged_workload, program(invoking("lambda:InvokeFunction")))[
        "worker-role"
    ].findings
    assert starts.message == ("may lambda:InvokeFunction on helper, whose role helper-role may also iam:PutRolePolicy")
