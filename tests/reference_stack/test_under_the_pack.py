"""Every variant of the reference stack under the policy pack, at its first preview, and the naive stack."""

from __future__ import annotations

import runpy
from itertools import product
from typing import TYPE_CHECKING

import pytest
from settings import INGRESSES, SHAPES

from localcloud.checkout import ROOT
from policypack.model import FUNCTION, MODEL, ROLE, contains_unknown
from policypack.pack import PACK
from policypack.testing import FAIL, PASS, judgements, program

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict
    from policypack.model import Stack
    from tests.reference_stack.conftest import Deploy

VARIANTS = list(product(SHAPES, INGRESSES, ("false", "true")))


def verdicts(stack: Stack) -> dict[str, dict[str, Verdict]]:
    """Every rule's verdict on each of its subjects."""
    return {
        rule.id: {name: judgement.verdict for name, judgement in judgements(rule, stack).items()} for rule in PACK.rules
    }


@pytest.mark.parametrize(("shape", "ingress", "vpc"), VARIANTS)
def test_every_variant_passes_every_rule(deploy: Deploy, shape: str, ingress: str, vpc: str) -> None:
    """No rule fails, and none is undecided."""
    found = verdicts(deploy(endpointShape=shape, ingress=ingress, vpc=vpc))
    others = {
        f"{rule} on {subject}": verdict
        for rule, by_subject in found.items()
        for subject, verdict in by_subject.items()
        if verdict != PASS
    }
    assert others == {}
    assert sum(map(bool, found.values())) > len(found) / 2  # most rules have something to judge


@pytest.mark.parametrize(
    "values",
    [
        {"modelImage": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model@sha256:{'a' * 64}"},
        {"modelArtefact": "s3://models/v1/model.tar.gz"},
        {"endpointShape": "serverless", "serverlessWarm": "3"},
        {"modelInstanceType": "ml.g5.xlarge"},
        {"alarmEmail": "team@example.com", "monthlyBudget": "0"},
        {"resultDays": "0", "deletionProtection": "false"},
        {"workerReserved": "false"},
    ],
)
def test_settings_break_no_rule(deploy: Deploy, values: dict[str, str]) -> None:
    """Whatever is configured."""
    found = verdicts(deploy(**values))
    assert {verdict for by_subject in found.values() for verdict in by_subject.values()} == {PASS}


def test_the_naive_stack_fails_these_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them on exactly these resources; a new rule may find more."""
    folder = ROOT / "examples" / "naive_stack"
    monkeypatch.chdir(folder)
    found = verdicts(program(lambda: runpy.run_path(str(folder / "__main__.py"))))
    broken = {
        rule: sorted(name for name, verdict in by_subject.items() if verdict == FAIL)
        for rule, by_subject in found.items()
    }
    expected = {
        "dynamodb-table-uses-on-demand-billing": ["results"],
        "dynamodb-table-is-encrypted-with-customer-managed-key": ["results"],
        "dynamodb-table-has-point-in-time-recovery": ["results"],
        "sagemaker-endpoint-has-multiple-instances": ["endpoint-config"],
        "function-runtime-is-supported": ["api", "worker"],
        "function-url-requires-authentication": ["api-url"],
        "log-group-has-retention": ["api-logs", "worker-logs"],
        "event-source-mapping-sets-maximum-concurrency": ["jobs-to-worker"],
        "event-source-mapping-reports-batch-item-failures": ["jobs-to-worker"],
        "sagemaker-model-enables-network-isolation": ["model"],
        "queue-is-encrypted-with-customer-managed-key": ["jobs"],
        "queue-has-dead-letter-queue": ["jobs"],
        "queue-visibility-timeout-covers-function-timeout": ["jobs-to-worker"],
        "role-has-no-wildcard-action": ["app-policy"],
        "role-has-no-wildcard-resource": ["app-policy"],
        "role-has-no-full-access-managed-policy": ["sagemaker-access"],
        "role-trust-policy-prevents-confused-deputy": ["app-role"],
        "role-is-not-shared-across-functions": ["app-role"],
        "role-trusts-one-service": ["app-role"],
        "sagemaker-role-is-not-shared": ["model"],
    }
    assert {rule: broken[rule] for rule in expected} == expected


def test_the_naive_stack_is_known_at_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """It registers the same kinds of resources, and its policy documents are known."""
    folder = ROOT / "examples" / "naive_stack"
    monkeypatch.chdir(folder)
    stack = program(lambda: runpy.run_path(str(folder / "__main__.py")))
    (role,) = stack.of_type(ROLE)
    assert {user.type for user in stack.resources_with_role(role)} == {FUNCTION, MODEL}
    for resource in stack.resources:
        assert not any(contains_unknown(resource.get(path)) for path in ("policy", "assumeRolePolicy"))
