"""Roles that trust a single AWS service."""

from __future__ import annotations

import re
from typing import Final

from policypack.iam.documents import parse_policy
from policypack.iam.wildcards import brief_list
from policypack.model import ROLE, Resource, Undecided
from policypack.rule import Findings, Severity, rule

_SAME_SERVICE: Final = {"edgelambda": "lambda", "opensearchservice": "es", "redshift-serverless": "redshift"}
"""Service principals that AWS's documentation puts into one trust policy together with another one."""

_REGION_SUFFIX: Final = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-\d(?=\.|$)")
_DOMAIN: Final = re.compile(r"\.amazonaws\.(?:com|com\.cn|eu)$")


@rule(
    on=ROLE,
    severity=Severity.MEDIUM,
    fix="Name one service in assume_role_policy, and create a separate aws.iam.Role for each other service.",
    terms=("shared role", "service principal", "trust policy"),
)
def role_trusts_one_service(role: Resource) -> Findings:
    """When a role trusts several services, each of them can use the permissions that the others need.

    Regional names of one service count as one, and so do pairs that AWS documents together, such as Lambda and
    Lambda@Edge.
    """
    document = parse_policy(role.get("assumeRolePolicy"), "trust")
    if document.is_unknown:
        raise Undecided("assumeRolePolicy")
    principals = [
        principal
        for statement in document.statements
        if statement.is_allow and not statement.invalid
        for principal in statement.principals
        if principal.kind == "Service"
    ]
    services = sorted({_service(principal.value) for principal in principals if principal.value is not None})
    if len(services) > 1:
        yield f"trusts {len(services)} services: {brief_list(services)}", "assumeRolePolicy"
    elif any(principal.value is None for principal in principals):
        raise Undecided("assumeRolePolicy")


def _service(principal: str) -> str:
    """The short name of a service without region and partition: `states` for `states.eu-west-1.amazonaws.com`."""
    name = _REGION_SUFFIX.sub("", _DOMAIN.sub("", principal))
    return _SAME_SERVICE.get(name, name)
