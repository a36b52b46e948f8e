"""Roles that reach what their work is about, and nothing beside it: told by what the program wires together."""

from typing import Final

from policypack.access.arn_index import Owned
from policypack.access.role_grants import rights_of
from policypack.access.role_references import roles_named_elsewhere
from policypack.access.workloads import named_grants, work_of
from policypack.iam.event_actions import CONSUMER_ACTIONS
from policypack.iam.matching import covers_resource
from policypack.iam.wildcards import brief_list
from policypack.model import ROLE, Resource, Stack, Undecided
from policypack.model.arn import parse_arn
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Options, Severity, rule

_OF_AWS: Final = ("parameter/aws/", "event-bus/aws", "event-source/aws", "alias/aws/")
_HEADS: Final = tuple({(form.service, form.head) for form in ARN_FORMATS.values()})


class OutsideOptions(Options):
    """`allowed`: ARN patterns of what the organisation shares with every stack, as `arn:aws:s3:::shared-*`."""

    allowed: tuple[str, ...] = ()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Take the statement out of the policy argument, or hand the resource's name to the workload.",
)
def role_grants_only_resources_its_workload_uses(role: Resource, stack: Stack) -> Findings:
    """What a workload is never told of it does not need, and whoever takes the workload over has it all the same."""
    work = work_of(stack, role)
    if work is None or role.urn in stack.once(roles_named_elsewhere):
        return
    rights = rights_of(stack, role)
    for grant in named_grants(stack, role):
        owner = stack.once(Owned).owner(grant.resource)
        actions = [action for action in grant.actions if action.lower() not in CONSUMER_ACTIONS]
        if owner is None or not actions or work.knows(stack, grant.resource):
            continue
        if work.open:
            yield Undecided(work.open)
        else:
            users = brief_list(sorted(user.name for user in work.users))
            yield f"may {brief_list(actions)} on {owner.name}, which {users} is not wired to", grant.place
    if rights.waiting is not None:
        raise rights.waiting


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Take the statement out of the policy argument, or list the ARN under `allowed`.",
)
def role_grants_no_resources_outside_stack(role: Resource, stack: Stack, options: OutsideOptions) -> Findings:
    """What neither the program makes nor a workload's settings name is somebody else's, who does not know of this."""
    work = work_of(stack, role)
    if work is None or role.urn in stack.once(roles_named_elsewhere):
        return
    rights = rights_of(stack, role)
    for grant in named_grants(stack, role):
        if grant.other_stack or _is_common(grant.resource) or stack.once(Owned).owner(grant.resource):
            continue
        if work.names(grant.resource) or any(covers_resource(one, grant.resource) for one in options.allowed):
            continue
        if work.open:
            yield Undecided(work.open)
        else:
            yield (
                f"may {brief_list(grant.actions)} on {grant.resource}, which nothing here makes or names",
                grant.place,
            )
    if rights.waiting is not None:
        raise rights.waiting


@rule(
    on=ROLE,
    severity=Severity.LOW,
    fix="Look in the other stack whether what the policy argument names is there, and what it is needed for.",
)
def role_grants_no_resources_of_other_stacks(role: Resource, stack: Stack) -> Findings:
    """What another stack makes cannot be judged here: neither that it exists nor what may be done with it."""
    rights = rights_of(stack, role)
    for grant in named_grants(stack, role):
        if grant.other_stack and stack.once(Owned).owner(grant.resource) is None:
            yield f"may {brief_list(grant.actions)} on {grant.resource}, which another stack makes", grant.place
    if rights.waiting is not None:
        raise rights.waiting


def _is_common(arn: str) -> bool:
    """Whether it is AWS's own, or of a kind of which it is not known what the stack makes."""
    found = parse_arn(arn)
    if found is None or found.account == "aws" or found.resource.startswith(_OF_AWS):
        return True
    if found.service == "logs" and found.resource.rstrip("*:").endswith("/"):
        return True  # the log groups of a service or a prefix
    return not any(found.service == service and found.resource.startswith(head) for service, head in _HEADS)
