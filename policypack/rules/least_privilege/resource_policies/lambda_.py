"""Functions that are called by those whom somebody has thought of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.access.resource_policies import policy_of
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
)
def function_url_requires_authentication(url: Resource) -> Findings:
    """Whoever finds the address runs the function, with its role, at your expense."""
    if url.get("authorizationType", _NONE) == _NONE:
        yield "answers everybody on the web", "authorizationType"


@rule(
    on=PERMISSION,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Set principal to the service or account that calls, with source_arn or principal_org_id beside it.",
)
def function_permission_is_not_public(permission: Resource, stack: Stack) -> Findings:
    """A permission for everybody lets any AWS account there is run the function, with what it may do."""
    policy = policy_of(permission)
    for one in policy.named:
        if one.kind != "everybody":
            continue
        stranger = allows_public_access(policy.document, one.statement)
        if stranger is None:
            yield policy.unknown_condition(one.statement)
        elif stranger and not _is_of_an_open_url(permission, stack):
            yield f"lets everybody do {permission.get('action')}", "principal"


def _is_of_an_open_url(permission: Resource, stack: Stack) -> bool:
    """Whether the permission only works for a URL of this stack that asks for no credentials: that one's fault."""
    if (
        permission.get("functionUrlAuthType", "") != _NONE
        and permission.get("invokedViaFunctionUrl", default=False) is not True
    ):
        return False
    return any(_same_function(permission, url, stack) for url in _open_urls(stack))


def _open_urls(stack: Stack) -> Iterator[Resource]:
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
