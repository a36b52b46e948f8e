"""Roles that may do what their work needs, and nothing beside it."""

import re
from collections.abc import Iterable
from typing import Final

from policypack.iam.actions import expand
from policypack.iam.documents import Entry, Statement, parse
from policypack.iam.elements import Condition
from policypack.iam.matching import covers_resource
from policypack.model import ROLE, Resource, Stack, Undecided
from policypack.rule import Findings, Level, Severity, rule
from policypack.rules.least_privilege.documents import HOLDERS, allowing

_MOST_NAMED: Final = 3  # actions that one message names
_IN_A_NETWORK: Final = frozenset(
    f"ec2:{verb}"
    for verb in (
        "AssignPrivateIpAddresses",
        "CreateNetworkInterface",
        "CreateNetworkInterfacePermission",
        "DeleteNetworkInterface",
        "DeleteNetworkInterfacePermission",
        "UnassignPrivateIpAddresses",
    )
)
"""What AWS's own documents grant on `*` to every workload inside a VPC: Lambda developer guide, "Giving Lambda
functions access to resources in an Amazon VPC"; SageMaker AI developer guide, "CreateModel API: Execution role"."""

_NARROWING: Final = ("aws:resourcetag/", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
"""Global condition keys that pick resources. Keys of a service (`kms:ViaService`) are taken to do so too."""

_COMPANIONS: Final = {"edgelambda": "lambda", "opensearchservice": "es", "redshift-serverless": "redshift"}
"""Principals that AWS's documents put beside another one in the same trust policy."""

_PARTITION: Final = re.compile(r"\Aarn:[^:]*:")
_REGION: Final = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-\d(?=\.|$)")
_SUFFIX: Final = re.compile(r"\.amazonaws\.(?:com|com\.cn|eu)$")


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name in the Action of the policy argument what the workload calls, and no more.",
)
def role_grants_no_star_action(holder: Resource, stack: Stack) -> Findings:
    """All actions of a service include those that delete, reconfigure and hand on, and those AWS will add tomorrow."""
    for path, statement in allowing(holder, stack):
        stars = [entry for entry in statement.actions if entry.known and _is_star(entry.text())]
        if stars:
            yield f"allows {_listed(entry.text() for entry in stars)}", f"{path}.{statement.place}.Action"
        elif statement.not_actions:
            yield "allows every action but the ones it names", f"{path}.{statement.place}.NotAction"
        else:
            yield from _open(path, statement.actions)


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name ARNs in the Resource of the policy argument; give actions that only work on * a statement of their own.",
)
def role_grants_no_star_resource(holder: Resource, stack: Stack) -> Findings:
    """On `*` one leaked credential reaches every table, queue and endpoint of the account, not only the stack's own.

    Actions that no policy can limit to a resource are free to stand on `*`, and so is a statement whose condition
    picks the resources.
    """
    for path, statement in allowing(holder, stack):
        if any(map(_picks_resources, statement.conditions)):
            continue
        if any(not condition.base for condition in statement.conditions):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        place = f"{path}.{statement.place}"
        actions = list(_scopable(statement))
        if statement.not_resources and actions:
            yield f"allows {_listed(actions)} on every resource but the ones it names", f"{place}.NotResource"
        elif any(entry.known and _is_everything(entry.text()) for entry in statement.resources):
            if actions:
                yield f"allows {_listed(actions)} on every resource", f"{place}.Resource"
            else:
                yield from _open(path, statement.actions)
        elif actions:
            yield from _open(path, statement.resources)


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name one service in assume_role_policy, and make an aws.iam.Role of its own for each other one.",
)
def role_trusts_one_service(role: Resource) -> Findings:
    """Whatever one of the services is granted, the others may do too, in the name of the first."""
    document = parse(role.get("assumeRolePolicy"), "trust")
    if document.unknown:
        raise Undecided("assumeRolePolicy")
    principals = [
        principal
        for statement in document.statements
        if statement.allows and not statement.broken
        for principal in statement.principals
        if principal.kind == "Service"
    ]
    services = sorted({_service(principal.value) for principal in principals if principal.value is not None})
    if len(services) > 1:
        yield f"trusts {len(services)} services, {_listed(services)}", "assumeRolePolicy"
    elif any(principal.value is None for principal in principals):
        raise Undecided("assumeRolePolicy")


def _is_star(action: str) -> bool:
    """Whether it stands for all actions there are, or all of a service."""
    return "*" in action and not action.rpartition(":")[2].strip("*")


def _is_everything(resource: str) -> bool:
    """Whether it leaves nothing out: `*`, and ARNs that say no more, as `arn:aws:*`."""
    widest = _PARTITION.sub("arn:*:", resource)
    return covers_resource(widest, "*") or covers_resource(widest, "arn:*:*:*:*:*")


def _scopable(statement: Statement) -> Iterable[str]:
    """The actions of a statement, as written, that could be limited to resources."""
    for entry in statement.actions:
        if not entry.known:
            continue
        action = entry.text()
        found = expand(action)
        if found is None:
            if "*" in action:  # across services
                yield action
        elif any(one.scopable and one.full not in _IN_A_NETWORK for one in found):
            yield action
    if statement.not_actions:
        yield "all other actions"


def _picks_resources(condition: Condition) -> bool:
    """Whether the condition's key is one that tells resources apart."""
    key = condition.name
    return key.startswith(_NARROWING) or (":" in key and not key.startswith("aws:"))


def _open(path: str, entries: Iterable[Entry]) -> Iterable[Undecided]:
    """Say that a part which is not known could make a difference."""
    yield from (Undecided(f"{path}.{entry.place}") for entry in entries if not entry.known)


def _service(principal: str) -> str:
    """A service by its short name, whatever the region and partition: `states.eu-west-1.amazonaws.com` is states."""
    name = _REGION.sub("", _SUFFIX.sub("", principal))
    return _COMPANIONS.get(name, name)


def _listed(items: Iterable[str]) -> str:
    """`a, b, c and 4 more`. Each is formatted on its own, so that a secret one stays secret."""
    texts = [f"{item}" for item in items]
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
