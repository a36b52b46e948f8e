"""Policies as people write them, well and badly."""
# mypy: disable-error-code="arg-type,return-value,override,call-arg,index,attr-defined"
# Some are what their types forbid, and must get the same answers all the same.

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Secret,
    StackValidationArgs,
    StackValidationPolicy,
)

from tests.policypack.dropin.probe import everything

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REMEDIATE: Final = EnforcementLevel.REMEDIATE


def resource(validate: Any, name: str = "policy", **fields: Any) -> Callable[[], Policy]:
    """A policy of resources made from a function."""
    return lambda: ResourceValidationPolicy(name, "What it is for.", validate=validate, **fields)


def remediates(remediate: Any, name: str = "policy", **fields: Any) -> Callable[[], Policy]:
    """A policy at level `remediate` made from a function."""
    return lambda: ResourceValidationPolicy(
        name, "What it is for.", remediate=remediate, **{"enforcement_level": REMEDIATE, **fields}
    )


def says_all(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """All that a policy is told."""
    options, provider = args.opts, args.provider
    report(f"{type(args).__name__} {args.resource_type} {args.urn} {args.name} {dict(args.stack_tags)}", None)
    report(f"{everything(args.props)} {args.get_config()} {type(args.stack_tags).__name__}", "urn:another")
    report(f"{options.protect} {options.ignore_changes} {options.delete_before_replace} {options.aliases}", "")
    report(f"{vars(options.custom_timeouts)} {options.additional_secret_outputs} {options.parent!r}")
    report(f"{type(options.aliases).__name__} {sorted(vars(args))} {sorted(vars(options))}", urn=None)
    if provider:
        report(f"{provider.resource_type} {provider.urn} {provider.name} {everything(provider.props)}", None)


def changes_all(args: ResourceValidationArgs, _: ReportViolation) -> None:
    """Changes whatever it can reach; the lists in options are the request's own, and stay changed."""
    args.props["tags"] = {"changed": True}
    args.props["__target"].pop("billing", None)
    args.opts.protect = not args.opts.protect
    args.opts.custom_timeouts.create_seconds = 1e6
    args.opts.aliases.append("changed")
    args.name = args.urn = args.resource_type = "changed"
    args.get_config().setdefault("nested", {})["changed"] = True
    args.get_config()["added"] = True
    if args.provider:
        args.provider.name = "changed"
        args.provider.props["region"] = "changed"


def says_runtime(_: ResourceValidationArgs, report: ReportViolation) -> None:
    """What the Pulumi runtime says, which a policy may have changed."""
    config = pulumi.Config("example")
    where = pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), pulumi.runtime.is_dry_run()
    report(f"{where} {config.get('colour')} {threading.current_thread() is threading.main_thread()}", None)
    pulumi.runtime.set_config("example:colour", "changed")
    pulumi.runtime.configure(pulumi.runtime.Settings(project="changed", stack="changed"))


async def waits(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """A coroutine function."""
    await asyncio.sleep(0)
    report(f"waited for {args.name} on {type(asyncio.get_running_loop()).__name__}", None)


async def waits_and_meets_unknown(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """An unknown in a coroutine."""
    report("before", None)
    await asyncio.sleep(0)
    report(args.props["unknown"], None)


async def waits_and_raises(_: ResourceValidationArgs, __: ReportViolation) -> NoReturn:
    """An exception in a coroutine."""
    await asyncio.sleep(0)
    raise LookupError("not there")


async def waits_and_does_not_apply(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Not applicable in a coroutine."""
    report("before", None)
    args.not_applicable("asynchronously")


def runs_a_loop(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """asyncio.run in a policy."""

    async def work() -> str:
        await asyncio.sleep(0)
        return args.name

    report(asyncio.run(work()), None)


def meets_unknown(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Reports, then meets an unknown."""
    report("before", None)
    report(args.props["list"][1]["deep"], None)


def does_not_apply(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Reports, then says that it does not apply."""
    report("before", None)
    args.not_applicable()


def raises_all_sorts(error: BaseException) -> Any:
    """A policy that fails."""

    def validate(_: ResourceValidationArgs, report: ReportViolation) -> NoReturn:
        report("before", None)
        raise error

    return validate


class ByClass(ResourceValidationPolicy):
    """Subclass style, synchronous."""

    def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        """Report the bucket."""
        report_violation(f"{self.name} sees {args.props.get('billing')}", None)


class ByAsyncClass(ResourceValidationPolicy):
    """Subclass style, asynchronous, with both ways."""

    async def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        """Raise: what a class raises is not wrapped."""
        report_violation(f"{self.name}: {args.name}", None)
        raise KeyError("from a class")

    async def remediate(self, args: ResourceValidationArgs) -> Mapping[str, Any]:
        """Return new properties."""
        return {"new": args.name, "number": 1, "nested": {"list": [None, True, Secret({"a": "b"})]}}


class NotWritten(ResourceValidationPolicy):
    """Subclass style without a method."""


class NotWrittenStack(StackValidationPolicy):
    """The same for stacks."""


class AwaitableThing:
    """Awaitable, but no coroutine."""

    def __await__(self) -> Any:
        """Wait for nothing."""
        return asyncio.sleep(0).__await__()


def stack(args: StackValidationArgs, report: ReportViolation) -> None:
    """All that a stack policy is told."""
    report(f"{len(args.resources)} {args.get_config()} {dict(args.stack_tags)}", None)
    for found in args.resources:
        report(f"{found.name} {everything(found.props)} {vars(found.opts.custom_timeouts)}", found.urn)


async def stack_waits(args: StackValidationArgs, _: ReportViolation) -> None:
    """Raises in a coroutine: nothing wraps it for stacks."""
    raise ZeroDivisionError(str(len(args.resources)))


def stack_meets_unknown(args: StackValidationArgs, report: ReportViolation) -> None:
    """Meets the unknowns of each resource."""
    for found in args.resources:
        report(f"{found.name}", found.urn)
        report(found.props["unknown"], found.urn)


def both(args: ResourceValidationArgs, report: ReportViolation) -> Any:
    """Validate and remediate at once."""
    report(f"{args.props.get('billing')}", None)
    args.props["billing"] = "by both"
    return args.props


def changed(policy: Policy, **attributes: Any) -> Policy:
    """A policy with attributes that its constructor would refuse."""
    for name, value in attributes.items():
        setattr(policy, name, value)
    return policy


def overriding(**methods: Any) -> Policy:
    """A policy of a new class with these methods."""
    policy: Policy = type("Overriding", (ResourceValidationPolicy,), methods)("overriding", "O.")
    return policy
