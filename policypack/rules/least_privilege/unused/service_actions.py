"""Roles without verbs that nothing they serve ever uses: told by what the program wires together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import Owned, named
from policypack.access.role_grants import rights_of
from policypack.access.role_references import roles_named_elsewhere
from policypack.access.wiring import Wiring
from policypack.iam.event_actions import POLL_ACTIONS
from policypack.iam.network_interfaces import CREATE_INTERFACE
from policypack.iam.wildcards import brief_list, is_service_wildcard
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    MODEL,
    QUEUE,
    ROLE,
    STREAM,
    TABLE,
    Resource,
    Stack,
    Undecided,
)
from policypack.model.event_sources import event_source
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.access.role_grants import Rights
    from policypack.iam.grants import EffectiveGrant

_TAKING: Final = {"sqs:ReceiveMessage": QUEUE, "kinesis:GetRecords": STREAM, "dynamodb:GetRecords": TABLE}
"""What only a consumer of messages does, and of what."""


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Take the actions out of the policy argument, or map the source to the function.",
)
def role_reads_only_its_event_sources(role: Resource, stack: Stack) -> Findings:
    """Whoever may take messages from a queue can make them vanish before the one they are for has seen them."""
    rights, users = rights_of(stack, role), _workers(role, stack)
    wired = [stack.once(Wiring).of(user) for user in users]
    told = {urn for one in wired for urn in one.told}
    for verb, type_ in _TAKING.items() if users else ():
        sources = [one for urn in told if (one := stack.by_urn.get(urn)) is not None and one.type == type_]
        for reach in _by_name(rights, verb):
            if reach.resource is None or any(stack.once(Owned).inside(one, reach.resource) for one in sources):
                continue
            owner = stack.once(Owned).owner(reach.resource) if named(reach.resource) else None
            if named(reach.resource) and owner is None:
                continue  # outside the stack, which is another rule's matter
            doubt = next((one.open for one in wired if one.open), "")
            if doubt:
                yield Undecided(doubt)
                continue
            what = f"on {owner.name}" if owner is not None else f"on {reach.resource}"
            yield f"may {verb} {what}, from which {_names(users)} takes nothing", rights.at(reach)
    if users and rights.waiting is not None:
        raise rights.waiting


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Take the actions out of the policy argument, or set mode of tracing_config to Active.",
)
def role_grants_xray_only_with_tracing(role: Resource, stack: Stack) -> Findings:
    """What nothing uses is of use to an intruder only: forged traces hide what was done."""
    rights, users = rights_of(stack, role), _workers(role, stack)
    if not users or any(user.type != FUNCTION or user.get("layers", []) for user in users):
        return  # a layer may send traces by itself
    found = list(_by_name(rights, "xray:PutTraceSegments"))
    if found and not any(user.get("tracingConfig.mode", "PassThrough") == "Active" for user in users):
        yield f"may send traces, though {_names(users)} is not traced", rights.at(found[0])
    elif not found and rights.waiting is not None:
        raise rights.waiting


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Take the actions out of the policy argument.",
)
def role_grants_network_interfaces_only_in_vpc(role: Resource, stack: Stack) -> Findings:
    """Network interfaces in any subnet are a way into networks that the workload has no business in."""
    rights, users = rights_of(stack, role), _workers(role, stack)
    found = list(_by_name(rights, CREATE_INTERFACE))
    if not users or any(user.type not in {FUNCTION, MODEL} for user in users):
        return
    if not found:
        if rights.waiting is not None:
            raise rights.waiting
        return
    mappings = [one for user in users for one in stack.once(Wiring).leading_to(user, EVENT_SOURCE_MAPPING)]
    if any(event_source(mapping, stack) not in POLL_ACTIONS for mapping in mappings):
        return  # Lambda reads from brokers in their network, whatever the function's
    inside = [user for user in users if user.get("vpcConfig.subnetIds", []) or user.get("vpcConfig.subnets", [])]
    if not inside:
        yield f"may make network interfaces, though {_names(users)} is in no VPC", rights.at(found[0])


def _workers(role: Resource, stack: Stack) -> list[Resource]:
    """Those who work under a role, if nobody else may; raises `Undecided` where one's role is not known."""
    users = list(stack.users_of(role))
    return [] if role.urn in stack.once(roles_named_elsewhere) else users


def _by_name(rights: Rights, action: str) -> Iterator[EffectiveGrant]:
    """The grants of an action, but for those of a whole service or of everything, which are told as such."""
    for reach in rights.grants.matching(action):
        if reach.certain and not is_service_wildcard(reach.grant.action) and not reach.grant.statement.not_actions:
            yield reach


def _names(users: Sequence[Resource]) -> str:
    return brief_list(sorted(user.name for user in users))
