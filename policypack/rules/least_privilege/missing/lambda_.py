"""Execution roles that allow what Lambda does on behalf of their functions."""

from typing import Final

from policypack.access.required_permissions import findings, missing_permissions, source_at, target_at
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
    fix="Allow the missing actions on the source in an aws.iam.RolePolicy of the function's role.",
    terms=("ESM", "polling", "provided execution role does not have permissions"),
)
def event_source_mapping_role_can_read_source(mapping: Resource, stack: Stack) -> Findings:
    """An event source mapping is rejected or reads nothing if the function's execution role may not read the source.

    The rule judges SQS queues, Kinesis streams and DynamoDB streams. A policy of the queue or stream that allows the
    role is enough (Lambda developer guide, "Using Lambda with Amazon SQS", "Process Amazon Kinesis Data Streams records
    with Lambda", "Process DynamoDB records with Lambda").
    """
    function = stack.target_of(mapping)
    role = stack.role_of(function) if function is not None else None
    service = event_source(mapping, stack)
    source = source_at(stack, mapping, "eventSourceArn")
    if role is None or source is None or service not in POLL_ACTIONS:
        return
    found = missing_permissions(stack, role, POLL_ACTIONS[service], source)
    yield from findings(found, f"reads {source.name} with role {role.name}", "eventSourceArn")


@rule(
    on=tuple(_DESTINATIONS),
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing action on the destination in an aws.iam.RolePolicy of the function's role.",
    terms=("DLQ", "DeadLetterErrors", "DestinationDeliveryFailures"),
)
def function_role_can_send_to_destinations(holder: Resource, stack: Stack) -> Findings:
    """An event is lost if the function's execution role may not send it to the dead-letter queue or destination.

    The rule judges dead-letter queues of functions, destinations of asynchronous invocations, and on-failure
    destinations of event source mappings (Lambda developer guide, "Capturing records of Lambda asynchronous
    invocations").
    """
    function = holder if holder.type == FUNCTION else stack.target_of(holder)
    role = stack.role_of(function) if function is not None else None
    if role is None:
        return
    for path in _DESTINATIONS[holder.type]:
        target = target_at(stack, holder, path, *_RECEIVERS)
        if target is not None and target.service in SEND_ACTIONS:
            found = missing_permissions(stack, role, [SEND_ACTIONS[target.service]], target)
            yield from findings(found, f"sends to {target.name} with role {role.name}", path)


@rule(
    on=FUNCTION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow xray:PutTraceSegments and xray:PutTelemetryRecords on * in an aws.iam.RolePolicy of the role.",
    terms=("AWSXRayDaemonWriteAccess", "provided execution role does not have permissions"),
)
def function_role_can_send_xray_traces(function: Resource, stack: Stack) -> Findings:
    """Lambda rejects a function with active X-Ray tracing whose execution role may not send traces.

    See the Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray".
    """
    if function.get("tracingConfig.mode", "PassThrough") != "Active":
        return
    role = stack.role_of(function)
    if role is not None:
        found = missing_permissions(stack, role, [("xray:PutTraceSegments",)])
        yield from findings(found, f"has active tracing with role {role.name}", "tracingConfig.mode")


@rule(
    on=FUNCTION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing actions on * in an aws.iam.RolePolicy of the function's role, and deny them to the "
    "function's own code with a condition on lambda:SourceFunctionArn.",
    terms=("ENI", "AWSLambdaVPCAccessExecutionRole", "provided execution role does not have permissions"),
)
def function_role_can_create_network_interfaces(function: Resource, stack: Stack) -> Findings:
    """Lambda rejects a function in a VPC whose execution role may not create network interfaces.

    See the Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC".
    """
    if not function.get("vpcConfig.subnetIds", []):
        return
    role = stack.role_of(function)
    if role is not None:
        yield from findings(
            missing_permissions(stack, role, _INTERFACES), f"runs in a VPC with role {role.name}", "vpcConfig"
        )
