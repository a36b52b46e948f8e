"""The stack: resources by type, and references between them by value and by the engine's dependencies."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import (
    ALIAS,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    MODEL,
    QUEUE,
    ROLE,
    STREAM,
    TABLE,
    Resource,
    Stack,
    Undecided,
    Unknown,
)
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.testing import ACCOUNT, REGION, program
from tests.policypack.rules.programs import function, mapping, role, table

HERE = f"{REGION}:{ACCOUNT}"


def made(type_: str, name: str, /, *parents: str, **properties: Any) -> Resource:
    """Make a resource whose properties may depend on other resources."""
    dependencies = dict.fromkeys(properties, parents)
    return Resource(urn(type_, name), type_, name, properties, property_dependencies=dependencies)


def urn(type_: str, name: str) -> str:
    """Give the URN that a resource of a component has."""
    return f"urn:pulumi:dev::shop::shop:queue:Work${type_}::{name}"


def test_resources_by_type_and_by_urn() -> None:
    """In the order in which they registered, type by type."""
    one, two = made(QUEUE, "one"), made(QUEUE, "two")
    other = made(TABLE, "other")
    stack = Stack([one, other, two])
    assert stack.of_type(QUEUE) == [one, two]
    assert stack.of_type(TABLE, QUEUE) == [other, one, two]
    assert stack.of_type(MODEL) == []
    assert stack.by_urn[other.urn] is other


@pytest.mark.parametrize(
    ("type_", "reference"),
    [
        (QUEUE, f"arn:aws:sqs:{HERE}:work"),
        (TABLE, f"arn:aws:dynamodb:{HERE}:table/work"),
        (TABLE, f"arn:aws:dynamodb:{HERE}:table/work/stream/2026-01-01T00:00:00.000"),
        (STREAM, f"arn:aws:kinesis:{HERE}:stream/work"),
        (FUNCTION, f"arn:aws:lambda:{HERE}:function:work"),
        (FUNCTION, f"arn:aws:lambda:{HERE}:function:work:live"),
        (FUNCTION, "work"),
        (FUNCTION, "work:live"),
        (ROLE, f"arn:aws:iam::{ACCOUNT}:role/work"),
        (ROLE, f"arn:aws:iam::{ACCOUNT}:role/service-role/work"),
        (ROLE, "work"),
    ],
)
def test_a_known_reference_is_resolved_by_value(type_: str, reference: str) -> None:
    """Every form that AWS accepts refers to the resource with that name, and to no other."""
    target = made(type_, "program name", name="work")
    stack = Stack([made(type_, "work", name="another"), target])
    assert stack.find(reference, type_) is target
    assert stack.find(reference.replace("work", "elsewhere"), type_) is None


def test_a_reference_by_an_assigned_arn_or_url_is_resolved() -> None:
    """They are known after the deployment."""
    queue = made(QUEUE, "work", arn=f"arn:aws:sqs:{HERE}:work-1a2b3c4", url="https://sqs.example/work-1a2b3c4")
    stack = Stack([queue])
    assert stack.find(f"arn:aws:sqs:{HERE}:work-1a2b3c4", QUEUE) is queue
    assert stack.find("https://sqs.example/work-1a2b3c4", QUEUE) is queue


def test_an_unknown_reference_is_resolved_by_dependency() -> None:
    """Where the engine names one resource of the type, it is that one; other types do not matter."""
    queue, key = made(QUEUE, "work", name="work"), made(TABLE, "key", name="key")
    reader = made(EVENT_SOURCE_MAPPING, "reader", queue.urn, key.urn, eventSourceArn=Unknown("eventSourceArn"))
    stack = Stack([queue, key, reader])
    assert stack.linked(reader, "eventSourceArn", QUEUE) is queue
    assert stack.dependencies_of(reader, "eventSourceArn") == [queue, key]
    with pytest.raises(Undecided, match="eventSourceArn"):
        stack.linked(reader, "eventSourceArn", QUEUE, TABLE)  # one of two
    with pytest.raises(Undecided, match="eventSourceArn"):
        stack.linked(reader, "eventSourceArn", STREAM)  # neither


def test_nested_properties_have_the_dependencies_of_the_top_level_property() -> None:
    """The engine reports no others."""
    queue = made(QUEUE, "dead", name="dead")
    target = made(FUNCTION, "worker", queue.urn, deadLetterConfig={"targetArn": Unknown("deadLetterConfig.targetArn")})
    stack = Stack([queue, target])
    assert stack.linked(target, "deadLetterConfig.targetArn", QUEUE) is queue


def test_a_reference_outside_the_stack_is_none() -> None:
    """Nor is it undecided."""
    reader = made(EVENT_SOURCE_MAPPING, "reader", eventSourceArn=f"arn:aws:sqs:{HERE}:elsewhere")
    stack = Stack([made(QUEUE, "work", name="work"), reader])
    assert stack.source_of(reader) is None
    assert stack.target_of(reader) is None
    assert stack.role_of(reader) is None


def test_a_program_is_connected_as_it_is_written() -> None:
    """A queue, a function behind an alias, and the function's role."""

    def build() -> None:
        worker = function(role=role("workers").arn)
        live = aws.lambda_.Alias("live", function_name=worker.name, function_version=worker.version)
        mapping(aws.sqs.Queue("work").arn, live.arn)

    stack = program(build)
    (reader,) = stack.of_type(EVENT_SOURCE_MAPPING)
    (worker,) = stack.of_type(FUNCTION)
    (workers,) = stack.of_type(ROLE)
    assert stack.source_of(reader) is stack.of_type(QUEUE)[0]
    assert stack.target_of(reader) is worker
    assert stack.target_of(stack.of_type(ALIAS)[0]) is worker
    assert stack.role_of(worker) is workers
    assert list(stack.resources_with_role(workers)) == [worker]
    assert list(stack.pollers_of(stack.of_type(QUEUE)[0])) == [reader]
    assert list(stack.resources_with_role(None)) == []


def test_a_table_is_an_event_source_by_its_stream() -> None:
    """Its stream has an ARN of its own."""
    stack = program(lambda: mapping(table(stream_enabled=True).stream_arn))
    (reader,) = stack.of_type(EVENT_SOURCE_MAPPING)
    assert stack.source_of(reader) is stack.of_type(TABLE)[0]


def test_an_alias_may_have_the_name_of_its_function() -> None:
    """An alias is invoked by its ARN, so a name is always the function's."""
    alias = made(ALIAS, "live", name="live", functionName="live")
    stack = Stack([alias])
    assert stack.target_of(alias) is None
    assert stack.target_of(made(EVENT_SOURCE_MAPPING, "reader", functionName="live")) is None


def test_known_users_come_before_undecided() -> None:
    """A resource with an unknown role does not hide the others, and matters only to roles that it may have."""

    def build() -> None:
        one, other = role("one"), role("other")
        role("third")
        function("sure", role=one.arn)
        function("unsure", role=pulumi.Output.all(one.arn, other.arn).apply(lambda arns: str(arns[0])))

    stack = program(build)
    roles = {each.name: each for each in stack.of_type(ROLE)}
    users = stack.resources_with_role(roles["one"])
    assert next(users).name == "sure"
    with pytest.raises(Undecided, match="role"):
        next(users)
    assert list(stack.resources_with_role(roles["third"])) == []


def test_references_are_updated_as_resources_register() -> None:
    """Later resources are found, and cached results are computed again."""
    queue = made(QUEUE, "work", name="work")
    stack = Stack([queue])
    assert list(stack.pollers_of(queue)) == []
    assert stack.cached(count_queues) == stack.cached(count_queues) == 1
    reader = made(EVENT_SOURCE_MAPPING, "reader", eventSourceArn=f"arn:aws:sqs:{HERE}:work")
    stack.add(reader)
    stack.add(made(QUEUE, "late", name="late"))
    assert list(stack.pollers_of(queue)) == [reader]
    assert stack.find("late", QUEUE) is stack.resources[-1]
    assert stack.cached(count_queues) == 2


def count_queues(stack: Stack) -> int:
    """Compute something from the whole stack."""
    return len(stack.of_type(QUEUE))


def test_a_result_is_computed_once() -> None:
    """However many rules ask for it."""
    asked: list[Stack] = []

    def question(stack: Stack) -> int:
        asked.append(stack)
        return len(asked)

    stack = Stack([])
    assert [stack.cached(question) for _ in range(3)] == [1, 1, 1]
    assert asked == [stack]


@pytest.mark.parametrize("type_", sorted(EXECUTION_ROLES))
def test_the_role_of_every_type_is_found(type_: str) -> None:
    """By the property in the table."""
    path = EXECUTION_ROLES[type_].path
    value: Any = f"arn:aws:iam::{ACCOUNT}:role/work"
    for key in reversed(path.split(".")):
        value = {key: value}
    workers = made(ROLE, "workers", name="work")
    user = Resource(urn(type_, "user"), type_, "user", value)
    stack = Stack([workers, user])
    assert stack.role_of(user) is workers
    assert list(stack.resources_with_role(workers)) == [user]
