"""A role of a program, and what it may do."""

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
    """The role of that name."""
    return next(one for one in stack.of_type(ROLE) if one.name == name)


def permissions(build: Callable[[], object]) -> RolePermissions:
    """What the role `worker` may do."""
    stack = program(build)
    return permissions_of(stack, the(stack))
