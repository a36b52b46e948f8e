"""Roles that grant data actions which the code of their functions never calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.function_calls import FunctionCalls, unresolved
from policypack.access.role_grants import permissions_of
from policypack.access.role_references import roles_referenced_elsewhere
from policypack.iam.documents import parse_policy
from policypack.iam.event_actions import POLL_ACTIONS, SEND_ACTIONS
from policypack.iam.trust_policies import named_principals
from policypack.iam.wildcards import brief_list
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    FUNCTION_EVENT_INVOKE_CONFIG,
    ROLE,
    Resource,
    Stack,
    Undecided,
)
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.code.analysis_state import AwsCalls

_BY_SERVICE: Final = {
    "bedrock": ("InvokeModel", "InvokeModelWithResponseStream"),
    "dynamodb": (
        *("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"),
        *("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    ),
    "events": ("PutEvents",),
    "firehose": ("PutRecord", "PutRecordBatch"),
    "kinesis": ("GetRecords", "PutRecord", "PutRecords"),
    "lambda": ("InvokeFunction",),
    "s3": ("DeleteObject", "GetObject", "PutObject"),
    "sagemaker": ("InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream"),
    "secretsmanager": ("GetSecretValue",),
    "ses": ("SendEmail", "SendRawEmail"),
    "sns": ("Publish",),
    "sqs": ("ChangeMessageVisibility", "DeleteMessage", "PurgeQueue", "ReceiveMessage", "SendMessage"),
    "ssm": ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter"),
    "states": ("StartExecution", "StartSyncExecution"),
}
_DATA_ACTIONS: Final = {f"{service}:{name}".lower() for service, names in _BY_SERVICE.items() for name in names}
"""Actions on data, in lower case: only code calls them, or Lambda on the function's behalf."""


@rule(
    on=ROLE,
    severity=Severity.LOW,
    fix="Remove the unused actions from the policy argument.",
    terms=(
        "unused permissions",
        "overprivileged",
        "boto3",
        "static analysis",
        "over-permissive",
        "overly permissive",
        "excessive permissions",
    ),
)
def role_grants_only_actions_its_code_calls(role: Resource, stack: Stack) -> Findings:
    """A permission that the function's code never uses helps only an attacker who takes over the function.

    The rule judges actions on data, such as dynamodb:PutItem, of roles that only Lambda can assume and whose functions
    are all written in Python, with their code in a local archive. Actions that Lambda uses itself, to read event
    sources and to send to destinations, count as used (IAM user guide, "Security best practices in IAM": "Apply
    least-privilege permissions").
    """
    users = list(stack.resources_with_role(role))
    if not users or role.urn in stack.cached(roles_referenced_elsewhere) or not _is_only_for_lambda(role):
        return
    called = [stack.cached(FunctionCalls).of(user) if user.type == FUNCTION else None for user in users]
    if any(calls is None for calls in called):
        return  # the calls of another user of the role cannot be read
    undecided = _possible_calls(called, users)
    permissions, used = permissions_of(stack, role), {*_actions_of_calls(called), *_actions_of_lambda(stack, users)}
    names = brief_list(sorted(user.name for user in users))
    for grant in permissions.grants.grants:
        action = grant.action.lower()
        if action not in _DATA_ACTIONS or action in used or permissions.document_of(grant).arn:
            continue
        if undecided is not None:
            yield undecided
        elif any(True for _ in permissions.grants.matching(grant.action)):
            yield f"allows {grant.action}, which the code of {names} never calls", permissions.at(grant)
    permissions.raise_if_incomplete()


def _possible_calls(called: list[AwsCalls | None], users: list[Resource]) -> Undecided | None:
    """The reason why there may be calls beside those that were found; None where there are no others."""
    for calls in called:
        if calls is not None and calls.unresolved:
            return unresolved(calls)
    if any(user.get("layers", []) for user in users):
        return Undecided("layers")  # a layer may contain code that makes more calls
    return None


def _is_only_for_lambda(role: Resource) -> bool:
    """Whether the trust policy lets only Lambda assume the role."""
    document = parse_policy(role.get("assumeRolePolicy"), "trust")
    every = [one for statement in document.statements if not statement.is_deny for one in named_principals(statement)]
    return bool(every) and all(one.kind == "service" and one.value.startswith("lambda.") for one in every)


def _actions_of_calls(called: list[AwsCalls | None]) -> Iterator[str]:
    """The actions, in lower case, that the calls need or can make use of."""
    from policypack.code.required_actions import required_actions  # noqa: PLC0415 - only where there is code to judge

    for calls in called:
        for service, operation in calls.operations if calls is not None else ():
            needed = required_actions(service, operation)
            if needed is not None:
                yield from (action.lower() for actions in (*needed.all_of, needed.optional) for action in actions)


def _actions_of_lambda(stack: Stack, functions: list[Resource]) -> Iterator[str]:
    """The actions, in lower case, that Lambda uses itself: to read event sources and to send to destinations."""
    mappings = _configurations_of(stack, functions, EVENT_SOURCE_MAPPING)
    if mappings:
        yield from (action.lower() for needs in POLL_ACTIONS.values() for actions in needs for action in actions)
    configured = _configurations_of(stack, functions, FUNCTION_EVENT_INVOKE_CONFIG)
    if (
        configured
        or any(function.has("deadLetterConfig") for function in functions)
        or any(mapping.has("destinationConfig") for mapping in mappings)
    ):
        yield from (action.lower() for actions in SEND_ACTIONS.values() for action in actions)


def _configurations_of(stack: Stack, functions: list[Resource], type_: str) -> list[Resource]:
    """The resources of a type whose target is one of the functions, or is unknown."""
    found = []
    for resource in stack.of_type(type_):
        try:
            target = stack.target_of(resource)
        except Undecided:
            target = None
        if target is None or target in functions:
            found.append(resource)
    return found
