"""Functions whose roles grant what Lambda does on their behalf: without it, it fails once it is deployed."""

from typing import Final

from policypack.access.required_permissions import lack, said, source_at, target_at
from policypack.iam.event_actions import POLL_ACTIONS, SEND_ACTIONS
from policypack.iam.network_interfaces import LAMBDA_ACTIONS
from policypack.model import (
    ALIAS,
    BUCKET,
    EVENT_BUS,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    FUNCTION_EVENT_INVOKE_CONFIG,
    QUEUE,
    TOPIC,
    Resource,
    Stack,
)
from policypack.model.event_sources import event_source
from policypack.model.failure_destinations import FAILURE_DESTINATIONS, SUCCESS_DESTINATIONS
from policypack.rule import Findings, Level, Severity, rule

_INTERFACES: Final = tuple((action,) for action in LAMBDA_ACTIONS)
_DESTINATIONS: Final = {
    type_: (*FAILURE_DESTINATIONS[type_], *SUCCESS_DESTINATIONS.get(type_, ()))
    for type_ in (FUNCTION, EVENT_SOURCE_MAPPING, FUNCTION_EVENT_INVOKE_CONFIG)
}
_RECEIVERS: Final = (QUEUE, TOPIC, FUNCTION, ALIAS, EVENT_BUS, BUCKET)


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow these actions on the source in an aws.iam.RolePolicy of the function's role.",
)
def event_source_mapping_role_can_read_source(mapping: Resource, stack: Stack) -> Findings:
    """Lambda reads under the function's role: without these actions it refuses the mapping, or nothing is ever read."""
    function = stack.target_of(mapping)
    role = stack.role_of(function) if function is not None else None
    service = event_source(mapping, stack)
    source = source_at(stack, mapping, "eventSourceArn")
    if role is None or source is None or service not in POLL_ACTIONS:
        return
    found = lack(stack, role, POLL_ACTIONS[service], source)
    yield from said(found, f"reads {source.name} under role {role.name}", "eventSourceArn")


@rule(
    on=tuple(_DESTINATIONS),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the action on the destination in an aws.iam.RolePolicy of the function's role.",
)
def function_role_can_send_to_destinations(holder: Resource, stack: Stack) -> Findings:
    """What a function failed at goes to its destination under the function's role: without the action it is lost."""
    function = holder if holder.type == FUNCTION else stack.target_of(holder)
    role = stack.role_of(function) if function is not None else None
    if role is None:
        return
    for path in _DESTINATIONS[holder.type]:
        target = target_at(stack, holder, path, *_RECEIVERS)
        if target is not None and target.service in SEND_ACTIONS:
            found = lack(stack, role, [SEND_ACTIONS[target.service]], target)
            yield from said(found, f"hands on to {target.name} under role {role.name}", path)


@rule(
    on=FUNCTION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow xray:PutTraceSegments and xray:PutTelemetryRecords on * in an aws.iam.RolePolicy of the role.",
)
def function_role_can_send_xray_traces(function: Resource, stack: Stack) -> Findings:
    """Lambda refuses a function with active tracing whose role may not send traces."""
    if function.get("tracingConfig.mode", "PassThrough") != "Active":
        return
    role = stack.role_of(function)
    if role is not None:
        found = lack(stack, role, [("xray:PutTraceSegments",)])
        yield from said(found, f"is traced under role {role.name}", "tracingConfig.mode")


@rule(
    on=FUNCTION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow these actions on * in an aws.iam.RolePolicy of the function's role, and deny them to the function's own "
    "code by a condition on lambda:SourceFunctionArn.",
)
def function_role_can_create_network_interfaces(function: Resource, stack: Stack) -> Findings:
    """Lambda makes network interfaces under the function's role, and refuses a function in a VPC that may not."""
    if not function.get("vpcConfig.subnetIds", []):
        return
    role = stack.role_of(function)
    if role is not None:
        yield from said(lack(stack, role, _INTERFACES), f"is in a VPC under role {role.name}", "vpcConfig")
