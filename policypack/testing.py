"""The kit to test rules with: run a program without an engine, and judge what it registers.

    stack = program(lambda: aws.dynamodb.Table("results", hash_key="id", attributes=[...]))
    assert judge(dynamodb_table_uses_on_demand_billing, stack) == FAIL

The program is real Pulumi code with real resource classes, so a misspelt argument cannot be written. Its resources
are seen as a rule sees them in a preview: what AWS would assign is unknown, links between resources are kept.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime import mocks, rpc

from policypack.host.wire import decode
from policypack.judge import evaluation
from policypack.judge.evaluation import Judgement, Verdict
from policypack.model import Resource, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policypack.rule import Options, Rule

PASS: Final = Verdict.PASS
FAIL: Final = Verdict.FAIL
UNDECIDED: Final = Verdict.UNDECIDED
NOT_APPLICABLE: Final = Verdict.NOT_APPLICABLE
CRASHED: Final = Verdict.CRASHED

UNKNOWN: Final[Any] = rpc.UNKNOWN
"""Stands for a property that only the deployment will bring: `visibility_timeout_seconds=UNKNOWN`."""

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
_INVOKES: Final[dict[str, dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "arn": "", "id": ACCOUNT, "userId": "test"},
    "aws:index/getRegion:getRegion": {"region": REGION, "id": REGION, "name": REGION},
    "aws:index/getPartition:getPartition": {"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com"},
}
_SEVERITY_OF_VERDICT = (CRASHED, FAIL, UNDECIDED, PASS, NOT_APPLICABLE)


class _Inputs(mocks.Mocks):
    """Answers the account, region and partition; gives resources no outputs beyond their own inputs."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token not in _INVOKES:
            raise LookupError(f"{args.token} has no answer here; known: {', '.join(_INVOKES)}")
        return _INVOKES[args.token], []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return args.resource_id, args.inputs


class _Monitor(mocks.MockMonitor):
    """Keeps every registration as the engine would hand it to a policy pack."""

    def __init__(self) -> None:
        super().__init__(_Inputs())
        self.registered: list[Resource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the gRPC method
        if request.custom and request.type.startswith("aws:") and "name" not in request.object.fields:
            request.object.update({"name": f"{request.name}-1a2b3c4"})  # as the provider's Check does
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call] # the SDK's mocks have no types
        if request.type.startswith(("pulumi:pulumi:", "pulumi:providers:")):
            return answer
        self.registered.append(
            Resource(
                answer.urn,
                request.type,
                request.name,
                decode(request.object),
                parent=request.parent,
                protect=request.protect,
                dependencies=tuple(request.dependencies),
                property_dependencies={
                    key: tuple(value.urns) for key, value in request.propertyDependencies.items() if value.urns
                },
            )
        )
        answer.object.CopyFrom(request.object)
        return answer


def program(build: Callable[[], object]) -> Stack:
    """Run a Pulumi program in preview, with mocks in place of the engine, and give the stack it registers."""
    _make_event_loop()
    monitor = _Monitor()
    mocks.set_mocks(monitor.mocks, project="test", stack="test", preview=True, monitor=monitor)

    def run() -> None:
        build()

    mocks.test(run)()  # type: ignore[no-untyped-call] # the SDK's mocks have no types
    return Stack(monitor.registered)


def _make_event_loop() -> None:
    """Give this thread the event loop that the SDK's resources expect: asyncio.run leaves none behind."""
    try:
        usable = not asyncio.get_event_loop().is_closed()
    except RuntimeError:
        usable = False
    if not usable:
        asyncio.set_event_loop(asyncio.new_event_loop())


def judgements(rule: Rule, stack: Stack, options: Options | None = None) -> dict[str, Judgement]:
    """The rule's judgement of each of its subjects, by the resource's name; by its URN where two have one name."""
    found: dict[str, Judgement] = {}
    for subject in stack.of_type(*sorted(rule.on)):
        key = subject.urn if subject.name in found else subject.name
        found[key] = evaluation.judge(rule, subject, stack, options)
    return found


def judge(rule: Rule, stack: Stack, options: Options | None = None) -> Verdict:
    """The worst verdict of a rule over a stack: crashed, fail, undecided, pass; not applicable without a subject."""
    verdicts = {judgement.verdict for judgement in judgements(rule, stack, options).values()}
    return next((verdict for verdict in _SEVERITY_OF_VERDICT if verdict in verdicts), NOT_APPLICABLE)


def messages(rule: Rule, stack: Stack, options: Options | None = None) -> list[str]:
    """What the rule says about a stack, one text a finding."""
    return [found.message for each in judgements(rule, stack, options).values() for found in each.findings]


def resource(type_: str, properties: Mapping[str, Any], name: str = "it") -> Resource:
    """One resource by hand, for a rule about a single subject. Properties are in camelCase."""
    return Resource(f"urn:pulumi:test::test::{type_}::{name}", type_, name, dict(properties))
