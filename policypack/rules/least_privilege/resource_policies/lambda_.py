"""Functions that the public cannot invoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.access.resource_policies import resource_policy_of
from policypack.iam.public_access import allows_public_access
from policypack.model import FUNCTION, FUNCTION_URL, PERMISSION, Resource, Stack, Undecided, is_unknown
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_NONE = "NONE"


@rule(
    on=FUNCTION_URL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set authorization_type to AWS_IAM, or put an API with an authorizer in front of the function.",
    terms=("public endpoint", "unauthenticated", "anonymous"),
)
def function_url_requires_authentication(url: Resource) -> Findings:
    """Without authentication, anyone who knows the function URL can invoke the function, at your expense.

    See the Lambda developer guide, "Control access to Lambda function URLs".
    """
    if url.get("authorizationType", _NONE) == _NONE:
        yield "accepts unauthenticated requests from the internet", "authorizationType"


@rule(
    on=PERMISSION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set principal to the calling service or account, with source_arn or principal_org_id.",
    terms=("public access", "wildcard principal", "AddPermission", "anonymous"),
)
def function_permission_is_not_public(permission: Resource, stack: Stack) -> Findings:
    """A Lambda permission with the principal * lets every AWS account invoke the function.

    A permission that serves only a function URL without authentication is left to function-url-requires-authentication
    (Lambda developer guide, "Using resource-based policies for Lambda").
    """
    policy = resource_policy_of(permission)
    for one in policy.principals:
        if one.kind != "everybody":
            continue
        public = allows_public_access(policy.document, one.statement)
        if public is None:
            yield policy.unknown_condition(one.statement)
        elif public and not _serves_only_a_public_url(permission, stack):
            yield f"grants {permission.get('action')} to everyone", "principal"


def _serves_only_a_public_url(permission: Resource, stack: Stack) -> bool:
    """Whether a permission serves only a public function URL of the stack, which another rule reports."""
    if (
        permission.get("functionUrlAuthType", "") != _NONE
        and permission.get("invokedViaFunctionUrl", default=False) is not True
    ):
        return False
    return any(_same_function(permission, url, stack) for url in _public_urls(stack))


def _public_urls(stack: Stack) -> Iterator[Resource]:
    for url in stack.of_type(FUNCTION_URL):
        kind = url.get("authorizationType", _NONE)
        if not is_unknown(kind) and kind == _NONE:
            yield url


def _same_function(permission: Resource, url: Resource, stack: Stack) -> bool:
    try:
        one, other = stack.linked(permission, "function", FUNCTION), stack.linked(url, "functionName", FUNCTION)
    except Undecided:
        return False
    if one is not None or other is not None:
        return one is other
    named, named_too = permission.get("function"), url.get("functionName")
    return not is_unknown(named) and not is_unknown(named_too) and named == named_too
