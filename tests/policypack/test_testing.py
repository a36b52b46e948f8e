"""The kit: programs are seen as the engine would show them to a pack in a preview."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from policypack.model import FUNCTION, QUEUE, TABLE, Archive, Asset, Resource, contains_unknown, is_secret, is_unknown
from policypack.rule import Findings, Severity, rule
from policypack.testing import (
    ACCOUNT,
    CRASHED,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    REGION,
    UNDECIDED,
    UNKNOWN,
    judge,
    judgements,
    messages,
    program,
    resource,
)
from tests.policypack.rules.programs import function, table

if TYPE_CHECKING:
    from collections.abc import Callable


@rule(on=(QUEUE, TABLE), severity=Severity.LOW, fix="Do.")
def thing_is_small(thing: Resource) -> Findings:
    """Why."""
    if thing.get("tags.size") == "broken":
        raise ZeroDivisionError
    if thing.get("tags.size") == "large":
        yield f"{thing.name} is large"


def queue(name: str, size: Any) -> None:
    """Build a queue of that size."""
    aws.sqs.Queue(name, tags={"size": size})


def test_inputs_are_seen_in_camel_case_with_links_and_secrets() -> None:
    """What AWS would assign is unknown, and what the program says is as it says it."""

    def build() -> None:
        dead = aws.sqs.Queue("dead")
        aws.sqs.Queue("work", redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead.arn}))
        code = pulumi.AssetArchive({"handler.py": pulumi.StringAsset("pass")})
        function(code=code, environment={"variables": {"TOKEN": pulumi.Output.secret("abc")}}, memory_size=512)

    stack = program(build)
    dead, work = stack.of_type(QUEUE)  # one needs the other
    (worker,) = stack.of_type(FUNCTION)
    assert is_unknown(work.get("redrivePolicy"))
    assert work.get("redrivePolicy").path == "redrivePolicy"
    assert stack.dependencies_of(work, "redrivePolicy") == [dead]
    assert worker.get("memorySize") == 512
    assert is_secret(worker.get("environment.variables.TOKEN"))
    assert worker.get("environment.variables.TOKEN") == "abc"
    code = worker.get("code")
    assert isinstance(code, Archive)
    assert isinstance(code.assets["handler.py"], Asset)
    assert not contains_unknown(worker.value)


def test_names_are_known_at_preview() -> None:
    """The provider's Check fills them, so policies can be built from them; a name of the program's own stays."""

    def build() -> None:
        made = aws.sqs.Queue("work")
        here = aws.get_caller_identity_output().account_id
        table("results", tags={"queue": pulumi.Output.concat(here, ":", made.name)})
        aws.sqs.Queue("named", name="orders")

    stack = program(build)
    names = {each.name: each.get("name") for each in stack.of_type(QUEUE)}
    assert names["work"].startswith("work-")
    assert names["named"] == "orders"
    assert stack.of_type(TABLE)[0].get("tags.queue") == f"{ACCOUNT}:{names['work']}"


def test_account_region_and_partition_are_answered() -> None:
    """Any other question is an error that says what is answered."""

    def build() -> None:
        tags = {"region": aws.get_region_output().region, "partition": aws.get_partition_output().partition}
        table(tags=tags)

    assert program(build).of_type(TABLE)[0].get("tags") == {"region": REGION, "partition": "aws"}
    with pytest.raises(Exception, match="has no answer here; known: aws:index/getCallerIdentity"):
        program(lambda: aws.ec2.get_vpc(default=True))


def test_components_hold_their_children() -> None:
    """Which is their parent, and what is protected."""

    def build() -> None:
        component = pulumi.ComponentResource("shop:queue:Work", "work")
        aws.sqs.Queue("queue", opts=pulumi.ResourceOptions(parent=component, protect=True))

    stack = program(build)
    component, child = stack.resources
    assert (component.type, component.name) == ("shop:queue:Work", "work")
    assert child.parent == component.urn
    assert child.protect
    assert not component.protect


def _run_to_its_end() -> None:
    """Run a coroutine as other tests of an author do: the thread has no event loop afterwards."""
    asyncio.run(asyncio.sleep(0))


def _closed() -> None:
    """Leave the thread with an event loop that takes no more work."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.close()


@pytest.mark.parametrize("earlier", [_run_to_its_end, _closed])
def test_a_program_runs_whatever_ran_before(earlier: Callable[[], None]) -> None:
    """The order of an author's tests decides nothing."""
    earlier()
    (work,) = program(lambda: queue("work", 1)).of_type(QUEUE)
    assert work.name == "work"


def test_programs_do_not_see_each_other() -> None:
    """Each has its own resources."""
    assert [each.name for each in program(lambda: queue("one", "small")).resources] == ["one"]
    assert [each.name for each in program(lambda: queue("two", "small")).resources] == ["two"]


@pytest.mark.parametrize(
    ("sizes", "verdict"),
    [
        ([], NOT_APPLICABLE),
        (["small"], PASS),
        (["small", UNKNOWN], UNDECIDED),
        (["large", UNKNOWN, "small"], FAIL),
        (["small", "large", "broken", UNKNOWN], CRASHED),
    ],
)
def test_the_worst_verdict_is_that_of_the_stack(sizes: list[Any], verdict: object) -> None:
    """A crash is worse than a finding, a finding than an unknown."""

    def build() -> None:
        for index, size in enumerate(sizes):
            queue(f"queue-{index}", size)

    assert judge(thing_is_small, program(build)) == verdict


def test_two_resources_of_one_name_are_both_judged() -> None:
    """Pulumi's names are only unique within a type."""

    def build() -> None:
        queue("work", "large")
        table("work", tags={"size": "small"})

    stack = program(build)
    assert judge(thing_is_small, stack) == FAIL
    assert {judgement.verdict for judgement in judgements(thing_is_small, stack).values()} == {PASS, FAIL}
    assert messages(thing_is_small, stack) == ["work is large"]


def test_a_resource_by_hand() -> None:
    """For a rule about a single subject, without a program."""
    subject = resource(QUEUE, {"tags": {"size": "large"}}, "work")
    assert list(thing_is_small(subject)) == ["work is large"]
    assert (subject.type, subject.name) == (QUEUE, "work")
