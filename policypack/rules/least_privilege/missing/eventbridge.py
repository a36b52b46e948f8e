"""Roles of EventBridge rules, pipes and schedules that can read their sources and reach their targets."""

from typing import Final

from policypack.access.required_permissions import findings, missing_permissions, source_at, target_at
from policypack.iam.event_actions import POLL_ACTIONS, SEND_ACTIONS
from policypack.model import (
    ALIAS,
    EVENT_BUS,
    EVENT_TARGET,
    FIREHOSE_STREAM,
    FUNCTION,
    PIPE,
    QUEUE,
    SCHEDULE,
    STATE_MACHINE,
    STREAM,
    TOPIC,
    Resource,
    Stack,
)
from policypack.rule import Findings, Level, Severity, rule

_TARGETS: Final = {EVENT_TARGET: "arn", PIPE: "target", SCHEDULE: "target.arn"}
_RECEIVERS: Final = (
    *(QUEUE, TOPIC, FUNCTION, ALIAS, STREAM),
    EVENT_BUS,
    FIREHOSE_STREAM,
    STATE_MACHINE,
)
_BY_POLICY: Final = frozenset(("sns", "sqs", "lambda", "logs"))
"""Targets of a rule that EventBridge reaches by the target's resource-based policy, with any role (EventBridge user
guide, "Using resource-based policies for Amazon EventBridge")."""


@rule(
    on=tuple(_TARGETS),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing action on the target in an aws.iam.RolePolicy of the role.",
    terms=("FailedInvocations", "scheduler"),
)
def eventbridge_role_can_invoke_target(delivery: Resource, stack: Stack) -> Findings:
    """EventBridge cannot deliver to a target if the role that it assumes does not allow the action on the target.

    The rule judges targets of rules, pipes and schedules. Rules reach SNS, SQS, Lambda and CloudWatch Logs by the
    target's resource-based policy instead, even if the target has a role; resource-policy-allows-its-event-source
    judges those targets (EventBridge user guide, "Using resource-based policies for Amazon EventBridge").
    """
    path = _TARGETS[delivery.type]
    role, target = stack.role_of(delivery), target_at(stack, delivery, path, *_RECEIVERS)
    if role is None or target is None or target.service not in SEND_ACTIONS:
        return
    if delivery.type == EVENT_TARGET and target.service in _BY_POLICY:
        return
    found = missing_permissions(stack, role, [SEND_ACTIONS[target.service]], target)
    yield from findings(found, f"delivers to {target.name} with role {role.name}", path)


@rule(
    on=PIPE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing actions on the source in an aws.iam.RolePolicy of the pipe's role.",
    terms=("START_FAILED", "CREATE_FAILED"),
)
def pipe_role_can_read_source(pipe: Resource, stack: Stack) -> Findings:
    """An EventBridge pipe whose role may not read the source is not created, or never reads anything.

    The rule judges SQS queues, Kinesis streams and DynamoDB streams (EventBridge user guide, "Amazon EventBridge Pipes
    permissions").
    """
    role, source = stack.role_of(pipe), source_at(stack, pipe, "source")
    if role is not None and source is not None and source.service in POLL_ACTIONS:
        found = missing_permissions(stack, role, POLL_ACTIONS[source.service], source)
        yield from findings(found, f"reads {source.name} with role {role.name}", "source")
