"""Packs of all sorts of policies. Each entry makes new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ResourceValidationPolicy,
    Secret,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from tests.policypack.dropin.policies import (
    REMEDIATE,
    AwaitableThing,
    ByAsyncClass,
    ByClass,
    NotWritten,
    NotWrittenStack,
    both,
    changed,
    changes_all,
    does_not_apply,
    meets_unknown,
    overriding,
    raises_all_sorts,
    remediates,
    resource,
    runs_a_loop,
    says_all,
    says_runtime,
    stack,
    stack_meets_unknown,
    stack_waits,
    waits,
    waits_and_does_not_apply,
    waits_and_meets_unknown,
    waits_and_raises,
)

if TYPE_CHECKING:
    from collections.abc import Callable

POLICIES: Final[dict[str, list[Callable[[], Policy]]]] = {
    "all": [resource(says_all), resource(changes_all), resource(says_all), resource(says_all, "again")],
    "runtime": [resource(says_runtime), resource(says_runtime, "again")],
    "unknown": [resource(meets_unknown, severity=Severity.HIGH), resource(says_all, "goes-on")],
    "not applicable": [resource(does_not_apply), resource(lambda args, _: args.not_applicable("because"), "says-why")],
    "async": [resource(waits), resource(waits_and_meets_unknown, "meets"), resource(waits_and_does_not_apply, "none")],
    "async raises": [resource(waits), resource(waits_and_raises, "raises")],
    "async list": [resource([says_all, waits, waits_and_meets_unknown, says_all])],
    "loop": [resource(runs_a_loop)],
    "list": [resource([says_all, meets_unknown, says_all]), resource([], "empty", remediate=says_all)],
    "returns things": [resource(lambda *_: "text"), resource(lambda *_: {"a": 1}, "dict"), resource(lambda *_: 0, "0")],
    "awaitable": [resource(lambda *_: AwaitableThing())],
    "awaitable class": [lambda: overriding(validate=lambda *_: AwaitableThing())],
    "wrong arguments": [resource(lambda: None)],
    "message of a wrong type": [resource(lambda _, report: report(1))],
    "urn of a wrong type": [resource(lambda _, report: report("x", 1))],
    "no message": [resource(lambda _, report: [report(None), report(""), report(0), report("", "urn"), report("\n")])],
    "no text at all": [resource(lambda _, report: report("\ud800"))],
    "severities": [
        *(resource(says_all, f"s-{severity.value}", severity=severity) for severity in Severity),
        resource(meets_unknown, "unknown", severity=Severity.CRITICAL),
    ],
    "levels": [resource(says_all, f"l-{level.value}", enforcement_level=level) for level in EnforcementLevel],
    "level as text": [lambda: changed(ResourceValidationPolicy("text", "T.", says_all), enforcement_level="mandatory")],
    "same name": [resource(says_all), resource(does_not_apply)],
    "raises": [resource(says_all), resource(raises_all_sorts(ValueError("wrong")), "raises")],
    "raises nothing said": [resource(raises_all_sorts(AssertionError()))],
    "raises unknown": [
        resource(raises_all_sorts(UnknownValueError("04da6b54-80e4-46f7-96ec-b56ff0331ba9", ["a", "0"])))
    ],
    "recurses": [resource(raises_all_sorts(RecursionError("too deep")))],
    "by class": [lambda: ByClass("by-class", "C."), lambda: ByClass("with-function", "C.", validate=says_all)],
    "by async class": [lambda: ByAsyncClass("by-async-class", "C.", enforcement_level=REMEDIATE)],
    "by class, not written": [lambda: NotWritten("not-written", "N."), resource(says_all, "after")],
    "by class, not written, remediates": [lambda: NotWritten("not-written", "N.", enforcement_level=REMEDIATE)],
    "stack": [lambda: StackValidationPolicy("stack", "S.", stack, severity=Severity.LOW), resource(says_all)],
    "stack raises": [lambda: StackValidationPolicy("stack", "S.", stack_waits)],
    "stack, not written": [lambda: NotWrittenStack("stack", "S.")],
    "stack unknown": [
        lambda: StackValidationPolicy("stack", "S.", stack_meets_unknown, EnforcementLevel.MANDATORY),
        lambda: StackValidationPolicy("remediate", "S.", stack, REMEDIATE),
        lambda: StackValidationPolicy("disabled", "S.", stack, EnforcementLevel.DISABLED),
        lambda: StackValidationPolicy("none", "S.", lambda args, _: args.not_applicable("none of it")),
    ],
    "remediates": [
        remediates(lambda args: {**args.props, "added": 1}),
        remediates(lambda args: {"seen": dict(args.props)}, "second"),
        remediates(lambda _: {}, "empty"),
        remediates(lambda _: None, "none"),
        remediates(lambda args: args.not_applicable("not here"), "not-applicable"),
        resource(says_all, "validates-only", enforcement_level=REMEDIATE),
        remediates(lambda args: args.props, "advisory", enforcement_level=EnforcementLevel.ADVISORY),
        lambda: ResourceValidationPolicy("both", "B.", enforcement_level=REMEDIATE, validate_remediate=both),
    ],
    "remediates what it is given": [remediates(changes_all), remediates(lambda args: {**args.props}, "second")],
    "remediation meets unknown": [
        remediates(lambda args: args.provider.props["unknown"] if args.provider else None),
        remediates(raises_all_sorts(UnknownValueError("3eeb2bf0-c639-47a8-9e75-3b44932eb421", ["x"])), "second"),
    ],
    "remediation returns what has no form": [remediates(lambda _: {"a": object()})],
    "remediation returns a set": [remediates(lambda _: {"a": {1}})],
    "remediation returns text": [remediates(lambda _: "text")],
    "remediation returns a list": [remediates(lambda _: [1])],
    "remediation returns assets": [
        remediates(
            lambda args: {
                "a": pulumi.FileAsset("x"),
                "b": pulumi.AssetArchive({"c": pulumi.StringAsset("t"), "d": pulumi.RemoteArchive("https://e/f.zip")}),
                "c": Secret([Secret("x"), args.provider.props if args.provider else None]),
                "d": args.props,
            }
        )
    ],
    "remediation raises": [remediates(lambda args: args.props["nothing"])],
    "described": [
        resource(
            says_all,
            enforcement_level=EnforcementLevel.MANDATORY,
            display_name="Shown",
            severity=Severity.CRITICAL,
            framework=PolicyComplianceFramework("CIS", "1.2", "ref", "spec"),
            tags=["a", "b"],
            remediation_steps="Do this.",
            url="https://example.com",
            config_schema=PolicyConfigSchema({"n": {"type": "integer", "enum": [1, None]}}, ["n"]),
        ),
        resource(
            says_all, "partly", framework=PolicyComplianceFramework(version="1"), config_schema=PolicyConfigSchema({})
        ),
    ],
    "described wrongly": [resource(says_all, tags=["a", 1])],
    "neither kind": [lambda: Policy("neither", "N.", EnforcementLevel.MANDATORY)],
}
