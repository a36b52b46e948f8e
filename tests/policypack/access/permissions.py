"""Helpers for tests of a role's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.access.role_grants import RolePermissions, permissions_of
from policypack.model import ROLE
from policypack.testing import program
from tests.policypack.rules.policies import allow, document, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model import Resource, Stack

SEND = text(document(allow("sqs:SendMessage")))
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
OTHER = "arn:aws:iam::aws:policy/service-role/AWSAppRunnerServicePolicyForECRAccess"


def the(stack: Stack, name: str = "worker") -> Resource:
    """Find the role by its name in the program."""
    return next(one for one in stack.of_type(ROLE) if one.name == name)


def permissions(build: Callable[[], object]) -> RolePermissions:
    """Give the permissions of the role `worker`."""
    stack = program(build)
    return permissions_of(stack, the(stack))
