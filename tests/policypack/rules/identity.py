"""A workload whose policy the cases vary, and which of the rules about identity policies it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import ROLE_POLICY, Stack, Unknown
from policypack.testing import ACCOUNT, FAIL, PASS, REGION, judgements, program, resource
from tests.policypack.rules.examples import SHOWN
from tests.policypack.rules.groups import group
from tests.policypack.rules.policies import allow, document, text
from tests.policypack.rules.programs import function, mapping, role, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.judge.evaluation import Verdict
    from policypack.rule import Rule

RULES = {rule.id: rule for rule in group("identity", "hygiene")}
"""The rules about identity policies, by id."""

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs"
SAGEMAKER = "https://docs.aws.amazon.com/sagemaker/latest/dg"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference"

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/results"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/predictor"
STREAMS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/worker-1a2b3c4:*"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/other"

Case = tuple[str, Any, str]
"""Where it is said, a statement (or several, or a whole document), and the ids of the rules that it breaks."""


def worker(policy: Any) -> None:
    """Build a function that reads a queue and writes a table, with this policy."""
    holder = role("worker", name="worker")
    aws.iam.RolePolicy("held", role=holder.name, policy=policy)
    code = function("worker", role=holder.arn)
    aws.sqs.Queue("work", name="work")
    table(name="results")
    aws.cloudwatch.LogGroup("logs", name=pulumi.Output.concat("/aws/lambda/", code.name), retention_in_days=30)
    mapping(QUEUE, code.arn)


def stack_of(policy: Any) -> Stack:
    """Give the workload with a policy: a document, its text, or statements."""
    if isinstance(policy, dict) and "Effect" in policy:
        policy = document(policy)
    elif isinstance(policy, list):
        policy = document(*policy)
    return program(lambda: worker(text(policy)))


def partly_unknown(*statements: Any) -> Stack:
    """Give a policy with a statement whose action is unknown, and these statements."""
    policy = document(allow(Unknown("policy"), QUEUE), *statements)
    return Stack([resource(ROLE_POLICY, {"policy": policy})])


def broken(stack: Stack) -> dict[str, list[str]]:
    """Give the ids of the rules that a stack breaks, with what they say."""
    found: dict[str, list[str]] = {}
    for rule in RULES.values():
        for judgement in judgements(rule, stack).values():
            assert not judgement.crash, judgement.crash
            if judgement.verdict is FAIL:
                found.setdefault(rule.id, []).extend(finding.message for finding in judgement.findings)
    return found


def cases(rows: Sequence[Case], *about: Rule) -> pytest.MarkDecorator:
    """Parametrise a test over cases, good and bad ones, of these rules."""
    for rule in about:
        verdicts: set[Verdict] = {FAIL if rule.id in ids.split() else PASS for _, _, ids in rows}
        SHOWN.setdefault(rule.id, set()).update(verdicts)
    names = [f"{number} {source.rpartition('/')[2]}" for number, (source, _, _) in enumerate(rows)]
    return pytest.mark.parametrize(("policy", "ids"), [row[1:] for row in rows], ids=names)


def check(policy: Any, ids: str) -> None:
    """Assert that a policy breaks exactly these rules: one fault is told once."""
    found = broken(stack_of(policy))
    assert set(found) == set(ids.split()), found
