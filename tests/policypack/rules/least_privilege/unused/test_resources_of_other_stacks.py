"""Roles that grant access to resources of other stacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from policypack.rules.least_privilege.unused.resources import (
    role_grants_no_resources_of_other_stacks,
    role_grants_no_resources_outside_stack,
)
from policypack.testing import FAIL, PASS, UNDECIDED, UNKNOWN, judge, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.least_privilege.unused.test_resources import PUT, RESULTS, alone, writer
from tests.policypack.rules.programs import function, role
from tests.policypack.rules.workloads import allow

if TYPE_CHECKING:
    import pytest

    from policypack.judge.evaluation import Verdict
    from tests.policypack.rules.least_privilege.unused.test_resources import Builder


def of_another_stack() -> None:
    """Build a function that writes to a table whose name another stack exports."""
    exported = pulumi.StackReference("other", stack_name="organization/other/production")
    policy = exported.get_output("table").apply(
        lambda name: json.dumps({"Statement": [allow("dynamodb:PutItem", name)]})
    )
    holder = role("worker-role")
    aws.iam.RolePolicy("held", role=holder.name, policy=policy)
    function("worker", role=holder.arn)


OTHERS = "a resource of another stack can be listed, but not verified"


@examples(
    role_grants_no_resources_of_other_stacks,
    "source, build, exported",
    [
        (OTHERS, of_another_stack, RESULTS, FAIL),
        (OTHERS, alone(PUT), RESULTS, PASS),
        (OTHERS, writer(lambda results: {"TABLE": results.name}), RESULTS, PASS),
        (OTHERS, alone(allow(UNKNOWN, "*")), RESULTS, UNDECIDED),
    ],
)
def test_role_grants_no_resources_of_other_stacks(
    source: str, build: Builder, exported: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each grant on a resource of another stack has a finding."""
    known = pulumi.Output.from_input(exported)
    monkeypatch.setattr(pulumi.StackReference, "get_output", lambda self, _: _from(self, known))
    stack = program(build)
    assert judge(role_grants_no_resources_of_other_stacks, stack) == verdict, source
    assert judge(role_grants_no_resources_outside_stack, stack) != FAIL or build is not of_another_stack


def _from(reference: pulumi.StackReference, value: pulumi.Output[str]) -> pulumi.Output[str]:
    """Give a value that depends on a stack reference."""
    return pulumi.Output.all(reference.urn, value).apply(lambda found: str(found[1]))
