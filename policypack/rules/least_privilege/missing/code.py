"""Execution roles that allow the AWS API calls in the code of their functions."""

from __future__ import annotations

from policypack.access.function_calls import FunctionCalls, unresolved
from policypack.access.required_permissions import missing_permissions, resource_policies_of
from policypack.iam.matching import overlaps_action
from policypack.iam.wildcards import brief_list
from policypack.model import FUNCTION, Resource, Stack
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Severity, rule


@rule(
    on=FUNCTION,
    severity=Severity.MEDIUM,
    fix="Allow the missing actions in an aws.iam.RolePolicy of the function's role, or remove the calls from its code.",
    terms=("boto3", "AccessDeniedException", "static analysis", "missing permission"),
)
def function_role_allows_actions_its_code_calls(function: Resource, stack: Stack) -> Findings:
    """An AWS API call in a function's code fails with an AccessDenied error if its execution role does not allow it.

    It fails when it is made, which may be long after the deployment. The rule judges functions in Python whose code is
    a local archive: the calls are read from the source. An action that the policy of some resource of the stack allows
    passes (Lambda developer guide, "Defining Lambda function permissions with an execution role").
    """
    calls = stack.cached(FunctionCalls).of(function)
    role = stack.role_of(function) if calls is not None else None
    if calls is None or role is None:
        return
    from policypack.code.required_actions import required_actions  # noqa: PLC0415 - only where there is code to judge

    for (service, operation), place in sorted(calls.operations.items()):
        needed = required_actions(service, operation)
        found = missing_permissions(stack, role, needed.all_of if needed is not None else ())
        missing = [action for action in found.actions if not _allowed_by_a_resource_policy(stack, action)]
        if missing:
            yield f"calls {operation} in {place}, for which role {role.name} lacks {brief_list(missing)}", "code"
        elif found.undecided is not None:
            yield found.undecided
    if calls.unresolved:
        yield unresolved(calls)


def _allowed_by_a_resource_policy(stack: Stack, action: str) -> bool:
    """Whether the policy of some resource of the stack allows an action, for any principal."""
    service = action.partition(":")[0]
    for type_ in (type_ for type_, form in ARN_FORMATS.items() if form.service == service):
        for resource in stack.of_type(type_):
            for document in resource_policies_of(stack, resource):
                if document.is_unknown or any(
                    entry.value is None or overlaps_action(entry.value, action)
                    for statement in document.statements
                    if not statement.is_deny
                    for entry in statement.actions
                ):
                    return True
    return False
