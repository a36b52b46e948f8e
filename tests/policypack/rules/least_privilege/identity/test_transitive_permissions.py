"""Roles that can assume more privileged roles, or invoke workloads that run under such roles."""

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
    """Build a role, and another one for it to assume, with these permissions and trust policy."""

    def build() -> None:
        may(role("one", name="one"), *statements, name="one")
        other = role("other", name="other", assume_role_policy=trust or lets(named("one")))
        may(other, target, name="other")

    return build


ASSUME = allow("sts:AssumeRole", named("other"))


def chain(*, closed: bool = False) -> Builder:
    """Build a chain of three roles; the last one is privileged or, if `closed`, can assume the first."""

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
        (CHAINS, assuming(ASSUME, target=PUT), PASS),  # not more privileged
        (CHAINS, assuming(ASSUME, ADMIN), PASS),  # equally privileged
        (CHAINS, assuming(ASSUME, trust=lets(named("third"))), PASS),  # the trust policy does not allow it
        (CHAINS, assuming(PUT), PASS),
        (CHAINS, assuming(allow("sts:AssumeRole", "*")), PASS),  # a14
        (CHAINS, chain(closed=True), PASS),  # a circle without a privileged role
        (CHAINS, assuming(ASSUME), FAIL),
        (CHAINS, assuming(ASSUME, target=WHOLE), FAIL),
        (CHAINS, assuming(ASSUME, trust=lets(f"arn:aws:iam::{ACCOUNT}:root")), FAIL),  # trusts the whole account
        (CHAINS, chain(), FAIL),
        ("unknowns", assuming(ASSUME, trust=UNKNOWN), UNDECIDED),
        ("unknowns", assuming(allow("sts:AssumeRole", UNKNOWN)), UNDECIDED),
    ],
)
def test_role_cannot_assume_more_privileged_role(source: str, build: Builder, verdict: Verdict) -> None:
    """A role gains no permissions by assuming other roles."""
    assert judge(role_cannot_assume_more_privileged_role, program(build)) == verdict, source


INVOKES = "d11: A may invoke B whose role is broader"


def invoking(action: str, *own: Any, target: Any = ADMIN, pattern: str = "function:helper-1a2b3c4") -> Builder:
    """Build a function that can invoke another one."""

    def build() -> None:
        worker(target, name="helper")
        worker(allow(action, arn("lambda", pattern)), *own, name="worker")

    return build


def starting() -> None:
    """Build a function that can start a state machine."""
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
    """A role gains no permissions by invoking functions or state machines."""
    assert judge(role_cannot_invoke_more_privileged_workload, program(build)) == verdict, source


def test_messages_name_each_role_of_a_chain() -> None:
    """They also name a permission that is gained."""
    stack = program(chain())
    found = {
        name: judgement.findings
        for name, judgement in judgements(role_cannot_assume_more_privileged_role, stack).items()
    }
    assert [finding.message for finding in found["one"]] == [
        "can assume role two, then three, which also allows iam:PutRolePolicy"
    ]
    assert [finding.message for finding in found["two"]] == [
        "can assume role three, which also allows iam:PutRolePolicy"
    ]
    assert found["one"][0].path == "policy.Statement[0].Resource"
    (starts,) = judgements(role_cannot_invoke_more_privileged_workload, program(invoking("lambda:InvokeFunction")))[
        "worker-role"
    ].findings
    assert (
        starts.message == "allows lambda:InvokeFunction on helper, whose role helper-role also allows iam:PutRolePolicy"
    )
