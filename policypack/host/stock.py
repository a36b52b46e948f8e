"""The same rules as plain pulumi_policy policies, for anyone who serves packs with pulumi_policy itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pulumi_policy
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policypack.host import schema, words
from policypack.host.evaluation import Verdict, judge
from policypack.host.resources import without_defaults
from policypack.model import Resource, Stack, Unknown
from policypack.rule import Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.pack import Pack


def policies(rules: Iterable[Rule]) -> list[pulumi_policy.Policy]:
    """One pulumi_policy policy a rule, of the same name, level and severity."""
    asked: dict[str, frozenset[str]] = {}  # what the program set, by URN: the resource policies see it go by
    return [
        _stack_policy(rule, asked) if rule.scope is Scope.STACK else _resource_policy(rule, asked) for rule in rules
    ]


def serve(pack: Pack) -> None:
    """Serve the pack with pulumi_policy's own server. Does not return."""
    pulumi_policy.PolicyPack(pack.name, policies=policies(pack.rules))


def _resource_policy(rule: Rule, asked: dict[str, frozenset[str]]) -> pulumi_policy.Policy:
    def validate(args: pulumi_policy.ResourceValidationArgs, report: pulumi_policy.ReportViolation) -> None:
        asked[args.urn] = frozenset(args.props)
        if args.resource_type not in rule.on:
            args.not_applicable()
        subject = Resource(args.urn, args.resource_type, args.name, plain(args.props), protect=args.opts.protect)
        _report(rule, subject, None, args.get_config(), report)

    return pulumi_policy.ResourceValidationPolicy(validate=validate, **_description(rule))


def _stack_policy(rule: Rule, asked: Mapping[str, frozenset[str]]) -> pulumi_policy.Policy:
    def validate(args: pulumi_policy.StackValidationArgs, report: pulumi_policy.ReportViolation) -> None:
        stack = Stack([_resource(resource, asked.get(resource.urn)) for resource in args.resources])
        unknown: UnknownValueError | None = None
        for subject in stack.of_type(*sorted(rule.on)):
            try:
                _report(rule, subject, stack, args.get_config(), report)
            except UnknownValueError as error:
                unknown = error
        if unknown is not None:
            raise unknown

    return pulumi_policy.StackValidationPolicy(validate=validate, **_description(rule))


def _report(
    rule: Rule,
    subject: Resource,
    stack: Stack | None,
    config: Mapping[str, Any],
    report: pulumi_policy.ReportViolation,
) -> None:
    """Report the rule's findings. An undecided verdict is said in pulumi_policy's way, by its own exception."""
    options = msgspec.convert(dict(config), rule.options, strict=False) if rule.options and config else None
    judgement = judge(rule, subject, stack, options)
    for finding in judgement.findings:
        report(words.violation(rule, subject, finding), subject.urn)
    if judgement.verdict is Verdict.CRASHED:
        report(words.crash(rule, subject, judgement), subject.urn)
    if judgement.verdict is Verdict.UNDECIDED:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [subject.name, judgement.unknown])


def _description(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": rule.why,
        "enforcement_level": pulumi_policy.EnforcementLevel(rule.level.value),
        "severity": pulumi_policy.Severity(rule.severity.value),
        "remediation_steps": rule.fix,
        "tags": [rule.concern],
        "config_schema": pulumi_policy.PolicyConfigSchema(schema.properties(rule.options)) if rule.options else None,
    }


def _resource(given: pulumi_policy.PolicyResource, asked: frozenset[str] | None) -> Resource:
    outputs = plain(given.props)
    return Resource(
        given.urn,
        given.resource_type,
        given.name,
        outputs if asked is None else without_defaults(outputs, asked),
        parent=given.parent.urn if given.parent else "",
        protect=given.opts.protect,
        dependencies=[other.urn for other in given.dependencies],
        property_dependencies={
            key: [other.urn for other in others] for key, others in given.property_dependencies.items()
        },
    )


def plain(props: Mapping[str, Any]) -> dict[str, Any]:
    """pulumi_policy's read-only properties as a rule sees them: plain values, and `Unknown` with its path."""
    return {key: _item(props, key, key) for key in props}


def _item(holder: Any, key: Any, path: str) -> Any:
    try:
        value = holder[key]
    except UnknownValueError:
        return Unknown(path)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {name: _item(value, name, f"{path}.{name}") for name in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index, f"{path}[{index}]") for index in range(len(value))]
    return value
