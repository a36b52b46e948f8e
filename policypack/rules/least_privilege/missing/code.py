"""What the code of functions calls, against what their roles grant: told from the Python source in their archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.required_permissions import lack, policies_of
from policypack.access.role_grants import rights_of
from policypack.access.role_references import roles_named_elsewhere
from policypack.iam.documents import parse_policy
from policypack.iam.event_actions import POLL_ACTIONS, SEND_ACTIONS
from policypack.iam.matching import overlaps_action
from policypack.iam.trust_policies import named_principals
from policypack.iam.wildcards import brief_list
from policypack.model import (
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    FUNCTION_EVENT_INVOKE_CONFIG,
    ROLE,
    Archive,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.code.analysis_state import AwsCalls

_DATA: Final = {
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
_DATA_ACTIONS: Final = {f"{service}:{name}".lower() for service, names in _DATA.items() for name in names}
"""Actions on data, which only code does, but for what Lambda does on the function's behalf."""


@rule(
    on=FUNCTION,
    severity=Severity.MEDIUM,
    fix="Allow these actions in an aws.iam.RolePolicy of the function's role, or take the calls out of its code.",
)
def function_role_allows_actions_its_code_calls(function: Resource, stack: Stack) -> Findings:
    """A call that nothing allows fails when it is made, which may be long after the deployment."""
    calls = stack.once(_Known).of(function)
    role = stack.role_of(function) if calls is not None else None
    if calls is None or role is None:
        return
    from policypack.code.required_actions import required_actions  # noqa: PLC0415 - only where there is code to judge

    for (service, operation), place in sorted(calls.operations.items()):
        needed = required_actions(service, operation)
        found = lack(stack, role, needed.all_of if needed is not None else ())
        missing = [action for action in found.actions if not _granted_elsewhere(stack, action)]
        if missing:
            yield f"calls {operation} in {place}, for which role {role.name} lacks {brief_list(missing)}", "code"
        elif found.doubt is not None:
            yield found.doubt
    if calls.unresolved:
        yield _undecided(calls)


@rule(
    on=ROLE,
    severity=Severity.LOW,
    fix="Take the actions out of the policy argument.",
)
def role_grants_only_actions_its_code_calls(role: Resource, stack: Stack) -> Findings:
    """What the code never calls helps nobody but who takes the function over."""
    users = list(stack.users_of(role))
    if not users or role.urn in stack.once(roles_named_elsewhere) or not _for_lambda(role):
        return
    called = [stack.once(_Known).of(user) if user.type == FUNCTION else None for user in users]
    if any(calls is None for calls in called):
        return  # what else works under the role does not say what it calls
    doubt = next((_undecided(calls) for calls in called if calls is not None and calls.unresolved), None)
    if doubt is None and any(user.get("layers", []) for user in users):
        doubt = Undecided("layers")  # a layer may bring code that calls more
    rights, used = rights_of(stack, role), {*_used(called), *_by_lambda(stack, users)}
    names = brief_list(sorted(user.name for user in users))
    for grant in rights.grants.grants:
        action = grant.action.lower()
        if action not in _DATA_ACTIONS or action in used or rights.held(grant).arn:
            continue
        if doubt is not None:
            yield doubt
        elif any(True for _ in rights.grants.matching(grant.action)):
            yield f"may {grant.action}, which the code of {names} never calls", rights.at(grant)
    if rights.waiting is not None:
        raise rights.waiting


def _for_lambda(role: Resource) -> bool:
    """Whether only Lambda may work under a role."""
    document = parse_policy(role.get("assumeRolePolicy"), "trust")
    every = [one for statement in document.statements if not statement.is_deny for one in named_principals(statement)]
    return bool(every) and all(one.kind == "service" and one.value.startswith("lambda.") for one in every)


class _Known:
    """The calls of the functions of a stack that were asked about so far."""

    def __init__(self, _: Stack) -> None:
        self._calls: dict[str, AwsCalls | None] = {}

    def of(self, function: Resource) -> AwsCalls | None:
        """What a function calls; None where its code is not Python in a local archive."""
        if function.urn not in self._calls:
            self._calls[function.urn] = _read(function)
        return self._calls[function.urn]


def _read(function: Resource) -> AwsCalls | None:
    archive, runtime, handler = (function.get(path) for path in ("code", "runtime", "handler"))
    if is_unknown(runtime) or not str(runtime or "").startswith("python"):
        return None
    if not isinstance(archive, Archive) or not isinstance(handler, str) or archive.uri:
        return None
    from policypack.code.aws_calls import find_aws_calls  # noqa: PLC0415 - only where there is code to judge
    from policypack.code.code_archive import CodeArchive  # noqa: PLC0415 - the same

    code = CodeArchive(archive)
    try:
        return find_aws_calls(code, handler)
    finally:
        code.close()


def _undecided(calls: AwsCalls) -> Undecided:
    """Say where the code leaves it open what is called."""
    return Undecided(f"code ({calls.unresolved})")


def _used(called: list[AwsCalls | None]) -> Iterator[str]:
    """The actions, in lower case, that some of the calls have a use for."""
    from policypack.code.required_actions import required_actions  # noqa: PLC0415 - only where there is code to judge

    for calls in called:
        for service, operation in calls.operations if calls is not None else ():
            needed = required_actions(service, operation)
            if needed is not None:
                yield from (action.lower() for actions in (*needed.all_of, needed.optional) for action in actions)


def _by_lambda(stack: Stack, functions: list[Resource]) -> Iterator[str]:
    """What Lambda does under the functions' role: it reads their sources, and hands on what they failed at."""
    mappings = _about(stack, functions, EVENT_SOURCE_MAPPING)
    if mappings:
        yield from (action.lower() for needs in POLL_ACTIONS.values() for actions in needs for action in actions)
    configured = _about(stack, functions, FUNCTION_EVENT_INVOKE_CONFIG)
    if (
        configured
        or any(function.has("deadLetterConfig") for function in functions)
        or any(mapping.has("destinationConfig") for mapping in mappings)
    ):
        yield from (action.lower() for actions in SEND_ACTIONS.values() for action in actions)


def _about(stack: Stack, functions: list[Resource], type_: str) -> list[Resource]:
    """The resources of a type that are about one of the functions, or may be."""
    found = []
    for resource in stack.of_type(type_):
        try:
            target = stack.target_of(resource)
        except Undecided:
            target = None
        if target is None or target in functions:
            found.append(resource)
    return found


def _granted_elsewhere(stack: Stack, action: str) -> bool:
    """Whether the policy of some resource of the stack allows an action, be it to whom it may."""
    service = action.partition(":")[0]
    for type_ in (type_ for type_, form in ARN_FORMATS.items() if form.service == service):
        for resource in stack.of_type(type_):
            for document in policies_of(stack, resource):
                if document.is_unknown or any(
                    entry.value is None or overlaps_action(entry.value, action)
                    for statement in document.statements
                    if not statement.is_deny
                    for entry in statement.actions
                ):
                    return True
    return False
