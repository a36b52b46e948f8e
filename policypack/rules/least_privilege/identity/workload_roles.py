"""Workloads that do their work and leave what they stand on alone."""

from collections.abc import Iterator
from typing import Final

from policypack.access.policy_documents import HOLDERS, naming
from policypack.access.runtime_roles import workloads
from policypack.iam.elements import Entry
from policypack.iam.sensitive_actions import AUDIT_LOG_TAMPERING, INFRASTRUCTURE_CHANGES
from policypack.iam.wildcards import brief_list, fully_named_actions
from policypack.model import Resource, Stack
from policypack.rule import Findings, Options, Severity, rule

_AUDIT: Final = frozenset(verb.lower() for verb in AUDIT_LOG_TAMPERING)
_INFRASTRUCTURE: Final = frozenset(verb.lower() for verb in INFRASTRUCTURE_CHANGES)


class WorkOptions(Options):
    """`allowed`: verbs that the organisation lets its workloads do, as `sagemaker:CreateModel`."""

    allowed: tuple[str, ...] = ()


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Take the actions out of the policy argument: alarms, logs and trails are for those who watch the workload.",
)
def workload_role_cannot_disable_audit_logging(holder: Resource, stack: Stack) -> Findings:
    """What can switch off its own records leaves none of what it did, whoever made it do that."""
    for path, entries, names in _verbs(holder, stack, _AUDIT):
        yield (
            f"lets {brief_list(names)} erase or stop records by {brief_list(map(Entry.text, entries))}",
            path,
        )


@rule(
    on=HOLDERS,
    severity=Severity.MEDIUM,
    fix="Take the actions out of the policy argument, and leave them to the program that makes the resources.",
)
def workload_role_cannot_delete_infrastructure(holder: Resource, stack: Stack, options: WorkOptions) -> Findings:
    """One poisoned message to a worker that may delete its table or purge its queue, and the data is gone."""
    allowed = {verb.lower() for verb in options.allowed}
    for path, entries, names in _verbs(holder, stack, _INFRASTRUCTURE - allowed):
        yield (
            f"lets {brief_list(names)} change what it runs on by {brief_list(map(Entry.text, entries))}",
            path,
        )


def _verbs(holder: Resource, stack: Stack, among: frozenset[str]) -> Iterator[tuple[str, list[Entry], list[str]]]:
    """The verbs of a set that a workload is allowed by name, statement by statement."""
    for path, statement in naming(holder, stack):
        entries = [entry for entry in fully_named_actions(statement) if entry.text().lower() in among]
        names = workloads(holder, stack) if entries else []
        if names:
            yield f"{path}.{entries[0].place}", entries, names
