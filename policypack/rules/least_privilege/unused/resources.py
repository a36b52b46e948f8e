"""Roles that grant access only to resources which their workloads refer to in the program."""

from typing import Final

from policypack.access.arn_index import ArnIndex
from policypack.access.role_grants import permissions_of
from policypack.access.role_references import roles_referenced_elsewhere
from policypack.access.workloads import grants_on_named_resources, workloads_of
from policypack.iam.event_actions import CONSUMER_ACTIONS
from policypack.iam.matching import covers_resource
from policypack.iam.wildcards import brief_list
from policypack.model import ROLE, Resource, Stack, Undecided
from policypack.model.arn import parse_arn
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Options, Severity, rule

_AWS_OWNED: Final = ("parameter/aws/", "event-bus/aws", "event-source/aws", "alias/aws/")
_HEADS: Final = tuple({(form.service, form.head) for form in ARN_FORMATS.values()})


class OutsideOptions(Options):
    """`allowed`: ARN patterns of resources that the organization shares with all stacks, as `arn:aws:s3:::shared-*`."""

    allowed: tuple[str, ...] = ()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the resource from the policy argument, or pass its name to the workload, such as in variables of "
    "environment.",
    terms=(
        "unused permissions",
        "overprivileged",
        "over-permissive",
        "overly permissive",
        "excessive permissions",
    ),
)
def role_grants_only_resources_its_workload_uses(role: Resource, stack: Stack) -> Findings:
    """Access to a resource that the workload's configuration never refers to helps only an attacker.

    A workload refers to a resource by its settings, such as environment variables, by its event sources and targets,
    and by depends_on. Actions that consume messages are left to role-reads-only-its-event-sources.
    """
    work = workloads_of(stack, role)
    if work is None or role.urn in stack.cached(roles_referenced_elsewhere):
        return
    permissions = permissions_of(stack, role)
    for grant in grants_on_named_resources(stack, role):
        owner = stack.cached(ArnIndex).first_match(grant.resource)
        actions = [action for action in grant.actions if action.lower() not in CONSUMER_ACTIONS]
        if owner is None or not actions or work.uses(stack, grant.resource):
            continue
        if work.unknown_setting:
            yield Undecided(work.unknown_setting)
        else:
            users = brief_list(sorted(user.name for user in work.users))
            yield (
                f"allows {brief_list(actions)} on {owner.name}, which the configuration of {users} does not refer to",
                grant.place,
            )
    permissions.raise_if_incomplete()


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Remove the resource from the policy argument, or list its ARN in the option `allowed`.",
    terms=("unused permissions", "external resource"),
)
def role_grants_no_resources_outside_stack(role: Resource, stack: Stack, options: OutsideOptions) -> Findings:
    """Access to a resource that the stack neither creates nor refers to is usually a leftover or a mistake.

    A workload refers to a resource by its settings, such as environment variables. Resources that the organization
    shares with all stacks can be listed in the option `allowed`.
    """
    work = workloads_of(stack, role)
    if work is None or role.urn in stack.cached(roles_referenced_elsewhere):
        return
    permissions = permissions_of(stack, role)
    for grant in grants_on_named_resources(stack, role):
        if (
            grant.other_stack
            or _is_aws_owned_or_unindexed(grant.resource)
            or stack.cached(ArnIndex).first_match(grant.resource)
        ):
            continue
        if work.mentions(grant.resource) or any(covers_resource(one, grant.resource) for one in options.allowed):
            continue
        if work.unknown_setting:
            yield Undecided(work.unknown_setting)
        else:
            actions = brief_list(grant.actions)
            yield f"allows {actions} on {grant.resource}, which the stack neither creates nor refers to", grant.place
    permissions.raise_if_incomplete()


@rule(
    on=ROLE,
    severity=Severity.LOW,
    fix="Verify in the other stack that the resource in the policy argument exists and that the access is needed.",
    terms=("StackReference", "cross-stack"),
)
def role_grants_no_resources_of_other_stacks(role: Resource, stack: Stack) -> Findings:
    """Whether a resource of another stack exists and is needed cannot be verified from this stack.

    The rule lists such grants so that people can review them.
    """
    permissions = permissions_of(stack, role)
    for grant in grants_on_named_resources(stack, role):
        if grant.other_stack and stack.cached(ArnIndex).first_match(grant.resource) is None:
            yield f"allows {brief_list(grant.actions)} on {grant.resource}, which another stack creates", grant.place
    permissions.raise_if_incomplete()


def _is_aws_owned_or_unindexed(arn: str) -> bool:
    """Whether a resource is AWS's own, or of a type whose resources in the stack cannot be found by ARN."""
    found = parse_arn(arn)
    if found is None or found.account == "aws" or found.resource.startswith(_AWS_OWNED):
        return True
    if found.service == "logs" and found.resource.rstrip("*:").endswith("/"):
        return True  # the log groups of a service or a prefix
    return not any(found.service == service and found.resource.startswith(head) for service, head in _HEADS)
