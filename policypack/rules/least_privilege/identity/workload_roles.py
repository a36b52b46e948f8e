"""Workloads that can neither disable audit logging nor change the infrastructure they run on."""

from collections.abc import Iterator
from typing import Final

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements_by_action
from policypack.access.runtime_roles import runtime_workloads
from policypack.iam.elements import Entry
from policypack.iam.sensitive_actions import AUDIT_LOG_TAMPERING, INFRASTRUCTURE_CHANGES
from policypack.iam.wildcards import brief_list, fully_named_actions
from policypack.model import Resource, Stack
from policypack.rule import Findings, Options, Severity, rule

_AUDIT: Final = frozenset(action.lower() for action in AUDIT_LOG_TAMPERING)
_INFRASTRUCTURE: Final = frozenset(action.lower() for action in INFRASTRUCTURE_CHANGES)


class WorkloadOptions(Options):
    """`allowed_actions`: actions that workloads of the organization can have, such as `sagemaker:CreateModel`."""

    allowed_actions: tuple[str, ...] = ()


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Remove the actions from the policy argument; grant them to the role that operates logs, trails and alarms.",
    terms=("monitoring", "tampering", "defense evasion", "T1562"),
)
def workload_role_cannot_disable_audit_logging(holder: Resource, stack: Stack) -> Findings:
    """An attacker who controls a workload that can stop or delete audit logs can hide what was done.

    The rule checks workloads' roles for actions such as cloudtrail:StopLogging, logs:DeleteLogGroup,
    guardduty:DeleteDetector and cloudwatch:DeleteAlarms (MITRE ATT&CK, "Disable or Modify Cloud Logs").
    """
    for path, entries, names in _workload_actions(holder, stack, _AUDIT):
        yield (
            f"lets {brief_list(names)} disable audit logging or monitoring with {brief_list(map(Entry.text, entries))}",
            path,
        )


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Remove the actions from the policy argument; grant them to the role that deploys the stack.",
    terms=("data loss", "ransomware", "DeleteQueue", "DeleteBucket", "T1485"),
)
def workload_role_cannot_delete_infrastructure(holder: Resource, stack: Stack, options: WorkloadOptions) -> Findings:
    """A bug or a malicious message in a workload that can delete its table or purge its queue can destroy all data.

    The rule checks workloads' roles for actions that create, change or delete resources, such as dynamodb:DeleteTable
    and sqs:PurgeQueue; the option `allowedActions` lists exceptions (MITRE ATT&CK, "Data Destruction").
    """
    allowed = {action.lower() for action in options.allowed_actions}
    for path, entries, names in _workload_actions(holder, stack, _INFRASTRUCTURE - allowed):
        yield (
            f"lets {brief_list(names)} change or delete infrastructure with {brief_list(map(Entry.text, entries))}",
            path,
        )


def _workload_actions(
    holder: Resource, stack: Stack, among: frozenset[str]
) -> Iterator[tuple[str, list[Entry], list[str]]]:
    """The actions of a set that statements allow to a workload by their full names."""
    for path, statement in allow_statements_by_action(holder, stack):
        entries = [entry for entry in fully_named_actions(statement) if entry.text().lower() in among]
        names = runtime_workloads(holder, stack) if entries else []
        if names:
            yield f"{path}.{entries[0].place}", entries, names
