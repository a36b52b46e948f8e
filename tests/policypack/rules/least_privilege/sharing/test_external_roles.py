"""Roles outside the stack that resources of the stack share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.host.analyzer import Analyzer
from policypack.model import FUNCTION, MODEL, Resource, Stack
from policypack.pack import PACK
from policypack.rules.least_privilege.sharing.roles import role_is_not_shared_across_services
from policypack.rules.least_privilege.sharing.sagemaker import sagemaker_role_is_not_shared
from policypack.testing import FAIL, PASS, UNDECIDED, judge, judgements, messages, program
from tests.policypack.host import calls
from tests.policypack.host.calls import CONTEXT, TODAY, analyze, begin
from tests.policypack.iam.line_count import count_lines
from tests.policypack.rules.examples import examples
from tests.policypack.rules.least_privilege.sharing.test_roles import nothing, open_role, second
from tests.policypack.rules.least_privilege.sharing.test_sagemaker import configuration, machine, model, worker
from tests.policypack.rules.programs import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

SHARED = "arn:aws:iam::123456789012:role/shared"
MACHINE = "aws:sfn/stateMachine:StateMachine"


def another(_: Any) -> None:
    """Build a function with a role of the same name in another account."""
    function("second", role="arn:aws:iam::210987654321:role/shared")


def both(one: Callable[[Any], object], other: Callable[[Any], object]) -> Callable[[], None]:
    """Build two resources that use one role outside the stack."""

    def build() -> None:
        one(SHARED)
        other(SHARED)

    return build


@examples(
    sagemaker_role_is_not_shared,
    "one, other",
    [
        (model, nothing, PASS),
        (model, configuration, PASS),
        (model, worker, FAIL),
        (worker, model, FAIL),
        (machine, configuration, FAIL),
        (model, another, PASS),
        (model, open_role, UNDECIDED),
    ],
)
def test_sagemaker_shares_no_external_role(
    one: Callable[[Any], object], other: Callable[[Any], object], verdict: Verdict
) -> None:
    """Resources with the same role ARN use the same role."""
    assert judge(sagemaker_role_is_not_shared, program(both(one, other))) == verdict


@examples(
    role_is_not_shared_across_services,
    "one, other",
    [
        (worker, nothing, PASS),
        (worker, second, PASS),
        (worker, machine, FAIL),
        (machine, worker, FAIL),
        (machine, another, PASS),
        (model, worker, PASS),  # judged by sagemaker-role-is-not-shared
        (worker, open_role, UNDECIDED),
    ],
)
def test_services_share_no_external_role(
    one: Callable[[Any], object], other: Callable[[Any], object], verdict: Verdict
) -> None:
    """The subjects are the resources that use the role."""
    assert judge(role_is_not_shared_across_services, program(both(one, other))) == verdict


def test_messages_about_an_external_role() -> None:
    """Each resource that shares the role has a finding, so that a waiver of one holds in every run."""
    said = messages(sagemaker_role_is_not_shared, program(both(model, worker)))
    assert said == [f"shares its role {SHARED} with worker"]
    found = judgements(role_is_not_shared_across_services, program(both(worker, machine)))
    said_of = {name: [(each.message, each.path) for each in judgement.findings] for name, judgement in found.items()}
    assert said_of == {
        "worker": [(f"shares its role {SHARED} with states.amazonaws.com (machine)", "role")],
        "machine": [(f"shares its role {SHARED} with lambda.amazonaws.com (worker)", "roleArn")],
    }


def test_external_role_with_many_users() -> None:
    """The work grows linearly with the number of users."""

    def judged(count: int) -> None:
        users = [Resource(f"urn::{number}", FUNCTION, f"{number}", {"role": SHARED}) for number in range(count)]
        stack = Stack(users)
        assert not any(list(role_is_not_shared_across_services(user, stack)) for user in users)

    judged(20)
    assert count_lines(lambda: judged(400)) <= 4.6 * count_lines(lambda: judged(100))


USERS = {
    "model": analyze(MODEL, "model", executionRoleArn=SHARED),
    "worker": analyze(FUNCTION, "worker", role=SHARED),
    "machine": analyze(MACHINE, "machine", roleArn=SHARED),
}


def stopping(rule: str, *users: str, crowd: int = 0) -> list[bool]:
    """Say at which of the users, registered in this order after many functions, the rule stops the update."""
    analyzer = Analyzer(PACK, TODAY)
    analyzer.ConfigureStack(begin(preview=False), CONTEXT)
    for number in range(crowd):
        analyzer.Analyze(analyze(FUNCTION, f"function-{number}", role=SHARED), CONTEXT)
    answers = (calls.messages(analyzer.Analyze(USERS[user], CONTEXT)) for user in users)
    return [any(line.startswith(f"mandatory {rule}:") for line in said) for said in answers]


@pytest.mark.parametrize("order", [("model", "worker"), ("worker", "model")])
def test_update_stops_at_the_second_user(order: tuple[str, str]) -> None:
    """Whichever of the two it is."""
    assert stopping("sagemaker-role-is-not-shared", *order) == [False, True]


@pytest.mark.parametrize("order", [("machine", "worker"), ("worker", "machine")])
def test_update_stops_at_the_second_service(order: tuple[str, str]) -> None:
    """Whichever of the two it is."""
    assert stopping("role-is-not-shared-across-services", *order) == [False, True]


@pytest.mark.parametrize("crowd", [1, 31, 32, 33, 40])
def test_update_stops_after_many_users(crowd: int) -> None:
    """The second service is found, however many functions use the role already."""
    assert stopping("role-is-not-shared-across-services", "worker", "machine", crowd=crowd) == [False, True]
    assert stopping("sagemaker-role-is-not-shared", "worker", "model", crowd=crowd) == [False, True]
