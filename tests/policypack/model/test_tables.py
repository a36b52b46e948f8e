"""The tables of facts about AWS agree with the provider: a misspelt type or property would find nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pulumi_aws as aws
import pytest

from policypack.model import FUNCTION, LOG_GROUP, QUEUE, ROLE, STATE_MACHINE, types
from policypack.model.event_sources import POLLERS
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.model.failure_destinations import FAILURE_DESTINATIONS, SUCCESS_DESTINATIONS
from policypack.model.policy_attachments import (
    ATTACHING_PROPERTIES,
    ATTACHMENTS,
    BOUNDED_TYPES,
    INLINE_POLICIES,
    PERMISSIONS_BOUNDARY,
)
from policypack.model.policy_holders import POLICY_HOLDERS, STATEMENT_HOLDERS
from policypack.model.services import ARN_FORMATS, services_of_type

PROPERTIES = sorted(
    {
        *((type_, format_.name) for type_, format_ in ARN_FORMATS.items()),
        *((type_, path) for type_, use in EXECUTION_ROLES.items() for path in (use.path,)),
        *POLLERS.items(),
        *((type_, path) for type_, paths in FAILURE_DESTINATIONS.items() for path in paths),
        *((type_, path) for type_, paths in SUCCESS_DESTINATIONS.items() for path in paths),
        *ATTACHING_PROPERTIES,
        *((type_, found.roles) for type_, found in ATTACHMENTS.items() if found.roles),
        *((type_, PERMISSIONS_BOUNDARY) for type_ in BOUNDED_TYPES),
        *INLINE_POLICIES.items(),
        *((type_, "policy") for type_ in POLICY_HOLDERS),
        *((type_, held.path) for type_, held in {**POLICY_HOLDERS, **STATEMENT_HOLDERS}.items()),
    }
)
TOKENS = sorted(
    token
    for name, token in vars(types).items()
    if name.isupper() and isinstance(token, str) and token.startswith("aws:")
)


@lru_cache
def package_of(type_: str) -> Path:
    """Find the package of the SDK that a type is in."""
    found = re.fullmatch(r"aws:(\w+)/\w+:\w+", type_)
    assert found is not None, type_
    return Path(aws.__path__[0], {"lambda": "lambda_", "cfg": "cfg"}.get(found[1], found[1]))


@lru_cache
def source_of(type_: str) -> str:
    """Read the modules of the SDK that make a type."""
    texts = [file.read_text() for file in package_of(type_).glob("*.py")]
    return "".join(text for text in texts if f"'{type_}'" in text)


@lru_cache
def inputs_of(type_: str) -> str:
    """Read the nested properties of the types of a package."""
    return (package_of(type_) / "_inputs.py").read_text()


def snake(name: str) -> str:
    """Write a property as Python does."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("type_", TOKENS)
def test_every_type_token_is_one_of_the_sdk(type_: str) -> None:
    """As the engine sends it."""
    assert source_of(type_)


@pytest.mark.parametrize(("type_", "path"), PROPERTIES)
def test_every_property_is_one_of_its_type(type_: str, path: str) -> None:
    """At the top of the resource, and below."""
    first, *nested = path.split(".")
    assert f"def {snake(first)}(" in source_of(type_)
    for name in nested:
        assert f"def {snake(name)}(" in inputs_of(type_)


@pytest.mark.parametrize(
    ("type_", "services"),
    [
        (QUEUE, ("sqs",)),
        (FUNCTION, ("lambda",)),
        (LOG_GROUP, ("cloudwatch", "events", "logs")),  # a module of three services
        (STATE_MACHINE, ("states",)),
        ("pulumi:pulumi:StackReference", ()),
        ("azure-native:storage:Blob", ()),
    ],
)
def test_the_services_of_a_type(type_: str, services: tuple[str, ...]) -> None:
    """Told by its module."""
    assert services_of_type(type_) == services


def test_a_role_is_attached_to_by_no_other_table() -> None:
    """Whatever attaches managed policies is a type of its own, or the role itself."""
    assert {type_ for type_, _ in ATTACHING_PROPERTIES} == {ROLE, *ATTACHMENTS}
