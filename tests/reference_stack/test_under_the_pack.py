"""Both stacks under the policy pack, as their first preview sees them."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

from localcloud.checkout import ROOT
from policypack.pack import PACK
from policypack.testing import FAIL, PASS, judgements, program

if TYPE_CHECKING:
    import pytest

    from policypack.host.evaluation import Verdict
    from policypack.model import Stack
    from tests.reference_stack.conftest import Deploy


def verdicts(stack: Stack) -> dict[str, dict[str, Verdict]]:
    """Every rule's verdict on each of its subjects."""
    return {
        rule.id: {name: judgement.verdict for name, judgement in judgements(rule, stack).items()} for rule in PACK.rules
    }


ABOUT_OTHER_PARTS = {
    *("function-is-not-invoked-by-everybody", "function-url-asks-for-credentials", "handover-is-let-in"),
    *("delivery-may-reach-its-target", "pipe-may-read-its-source"),
    *("policy-is-attached", "policy-attachment-takes-from-nobody"),
}
"""Rules about what the architecture does not have: nobody but the queue calls the function, and every policy is a
role's own."""


def test_the_reference_stack_passes_every_rule_and_leaves_none_open(deploy: Deploy) -> None:
    """Each rule about its parts has something to judge, and nothing has to wait for the deployment."""
    for rule, by_subject in verdicts(deploy()).items():
        assert by_subject or rule in ABOUT_OTHER_PARTS, f"{rule} has no subject"
        assert set(by_subject.values()) <= {PASS}, f"{rule}: {by_subject}"


def test_the_naive_stack_breaks_the_rules_it_is_there_to_break(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly these, on exactly these resources."""
    folder = ROOT / "examples" / "naive_stack"
    monkeypatch.chdir(folder)
    found = verdicts(program(lambda: runpy.run_path(str(folder / "__main__.py"))))
    broken = {
        rule: sorted(name for name, verdict in by_subject.items() if verdict == FAIL)
        for rule, by_subject in found.items()
    }
    assert {rule: names for rule, names in broken.items() if names} == {
        "dynamodb-bills-on-demand": ["results"],
        "dynamodb-encrypts-with-a-customer-key": ["results"],
        "dynamodb-recovers-to-a-point-in-time": ["results"],
        "endpoint-survives-an-instance": ["endpoint-config"],
        "function-runtime-is-supported": ["api", "worker"],
        "function-url-asks-for-credentials": ["api-url"],
        "log-group-has-retention": ["api-logs", "worker-logs"],
        "mapping-has-a-maximum-concurrency": ["jobs-to-worker"],
        "mapping-reports-partial-batch-failures": ["jobs-to-worker"],
        "model-isolates-its-network": ["model"],
        "queue-encrypts-with-a-customer-key": ["jobs"],
        "queue-has-a-dead-letter-queue": ["jobs"],
        "queue-hides-work-in-progress": ["jobs-to-worker"],
        "role-grants-no-star-action": ["app-policy"],
        "role-grants-no-star-resource": ["app-policy"],
        "role-has-no-full-access-policy": ["sagemaker-access"],
        "role-is-assumed-for-its-own-account": ["app-role"],
        "role-serves-one-function": ["app-role"],
        "role-trusts-one-service": ["app-role"],
        "sagemaker-role-is-its-own": ["model"],
    }
