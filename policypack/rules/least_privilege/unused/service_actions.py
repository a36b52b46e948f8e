"""Roles that grant consuming messages, tracing and network interfaces only to workloads that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import ArnIndex, service_and_name
from policypack.access.role_grants import permissions_of
from policypack.access.role_references import roles_referenced_elsewhere
from policypack.access.wiring import Wiring
from policypack.iam.event_actions import POLL_ACTIONS
from policypack.iam.network_interfaces import CREATE_INTERFACE
from policypack.iam.wildcards import brief_list, is_service_wildcard
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    MODEL,
    ROLE,
    Resource,
    Stack,
    Undecided,
)
from policypack.model.event_sources import EVENT_SOURCES, event_source
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.access.role_grants import RolePermissions
    from policypack.iam.grants import EffectiveGrant

_RECEIVE_ACTIONS: Final = {POLL_ACTIONS[ARN_FORMATS[type_].service][0][0]: type_ for type_ in EVENT_SOURCES}
"""The actions that receive messages or records, and the type of resource that each reads."""


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the unused actions from the policy argument, or create an aws.lambda_.EventSourceMapping of the "
    "source.",
    terms=("unused permissions", "overprivileged"),
)
def role_reads_only_its_event_sources(role: Resource, stack: Stack) -> Findings:
    """A role that can receive and delete messages of a queue can take them away from the queue's consumer.

    The rule judges the permission to receive from SQS queues, Kinesis streams and DynamoDB streams that are no event
    source of a workload of the role, and that its settings do not refer to.
    """
    permissions, users = permissions_of(stack, role), _workloads(role, stack)
    if not users:
        return
    wired = [stack.cached(Wiring).connections_of(user) for user in users]
    unknown_setting = next((one.unknown_setting for one in wired if one.unknown_setting), "")
    configured = [stack.by_urn[urn] for urn in {urn for one in wired for urn in one.configured} & stack.by_urn.keys()]
    for action, type_ in _RECEIVE_ACTIONS.items():
        sources = [resource for resource in configured if resource.type == type_]
        for grant, what in _other_sources(_specific_grants(permissions, action), sources, stack):
            if unknown_setting:
                yield Undecided(unknown_setting)
            else:
                yield (
                    f"allows {action} on {what}, which is not an event source of {_names(users)}",
                    permissions.at(grant),
                )
    permissions.raise_if_incomplete()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the unused actions from the policy argument, or set mode of tracing_config to Active.",
    terms=("unused permissions", "AWSXRayDaemonWriteAccess"),
)
def role_grants_xray_only_with_tracing(role: Resource, stack: Stack) -> Findings:
    """Permission to send X-Ray traces is unused without active tracing, and lets an attacker send forged traces.

    Functions with layers pass, because a layer may send traces itself.
    """
    permissions, users = permissions_of(stack, role), _workloads(role, stack)
    if not users or any(user.type != FUNCTION or user.get("layers", []) for user in users):
        return
    found = list(_specific_grants(permissions, "xray:PutTraceSegments"))
    if found and not any(user.get("tracingConfig.mode", "PassThrough") == "Active" for user in users):
        yield (
            f"allows xray:PutTraceSegments, but active tracing is not enabled for {_names(users)}",
            permissions.at(found[0]),
        )
    elif not found:
        permissions.raise_if_incomplete()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the unused actions from the policy argument.",
    terms=("unused permissions", "ENI", "AWSLambdaVPCAccessExecutionRole"),
)
def role_grants_network_interfaces_only_in_vpc(role: Resource, stack: Stack) -> Findings:
    """Permission to create network interfaces is unused outside a VPC, and gives an attacker access to any subnet."""
    permissions, users = permissions_of(stack, role), _workloads(role, stack)
    found = list(_specific_grants(permissions, CREATE_INTERFACE))
    if not users or any(user.type not in {FUNCTION, MODEL} for user in users):
        return
    if not found:
        permissions.raise_if_incomplete()
        return
    mappings = [one for user in users for one in stack.cached(Wiring).resources_targeting(user, EVENT_SOURCE_MAPPING)]
    if any(event_source(mapping, stack) not in POLL_ACTIONS for mapping in mappings):
        return  # Lambda polls brokers from network interfaces in their VPC, wherever the function runs
    inside = [user for user in users if user.get("vpcConfig.subnetIds", []) or user.get("vpcConfig.subnets", [])]
    if not inside:
        yield (
            f"allows ec2:CreateNetworkInterface, but no VPC is configured for {_names(users)}",
            permissions.at(found[0]),
        )


def _other_sources(
    grants: Iterable[EffectiveGrant], sources: Sequence[Resource], stack: Stack
) -> Iterator[tuple[EffectiveGrant, str]]:
    """The grants on other resources than these sources, each with the name or the ARN pattern of its resource.

    Resources outside the stack are left out: role-grants-no-resources-outside-stack judges them.
    """
    index = stack.cached(ArnIndex)
    for grant in grants:
        pattern = grant.resource
        if pattern is None or any(index.may_match(source, pattern) for source in sources):
            continue
        if service_and_name(pattern) is None:
            yield grant, pattern
        elif (resource := index.first_match(pattern)) is not None:
            yield grant, resource.name


def _workloads(role: Resource, stack: Stack) -> list[Resource]:
    """The resources that use a role; none if it is referred to elsewhere, where more may use it.

    Raises `Undecided` where the role of a resource is unknown.
    """
    users = list(stack.resources_with_role(role))
    return [] if role.urn in stack.cached(roles_referenced_elsewhere) else users


def _specific_grants(permissions: RolePermissions, action: str) -> Iterator[EffectiveGrant]:
    """The grants of an action, without wildcards for a whole service or for everything, which other rules report."""
    for reach in permissions.grants.matching(action):
        if reach.certain and not is_service_wildcard(reach.grant.action) and not reach.grant.statement.not_actions:
            yield reach


def _names(users: Sequence[Resource]) -> str:
    return brief_list(sorted(user.name for user in users))
