"""The same rules as plain pulumi_policy policies, for anyone who serves packs with pulumi_policy itself.

pulumi_policy gives a validation the values of secrets, and no way to tell them from others. Any text might be one, so
messages withhold every property's text of 8 characters or more, unless it is the name of a resource. Shorter text,
numbers, and parts of a text that a rule took out of it are shown: where that will not do, serve the pack with
`policypack.host.server`, which knows the secrets and withholds nothing else.

The level `remediate` changes resources as our own server does, and keeps secrets secret. It cannot report here why a
remedy was not applied: the finding is then reported as mandatory. There are no waivers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pulumi_policy
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policypack.host.merge import encode
from policypack.host.remediation import can_be_remediated, remediated
from policypack.host.resources import without_defaults
from policypack.judge import messages, options_schema
from policypack.judge.evaluation import Verdict, judge
from policypack.model import Resource, Stack, Unknown
from policypack.model.values import texts_in
from policypack.rule import Rule, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.judge.evaluation import Judgement
    from policypack.rule import Options
    from policypack.rule_pack import Pack

WITHHELD: Final = "[withheld]"
_SHORTEST_SECRET: Final = 8
"""Characters; the shortest master password that RDS takes (RDS API Reference, CreateDBInstance)."""


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

    def remediate(args: pulumi_policy.ResourceValidationArgs) -> Any:  # its declared type knows coroutines only
        return _remediated(rule, args) if args.resource_type in rule.on else None

    return pulumi_policy.ResourceValidationPolicy(
        validate=validate, remediate=remediate if rule.remedy else None, **_description(rule)
    )


def _remediated(rule: Rule, args: pulumi_policy.ResourceValidationArgs) -> Mapping[str, Any] | None:
    """The properties after the rule's remedy, as pulumi_policy would give them to the next; None where none applies.

    They travel to Pulumi's wire format and back, which distinguishes secrets and unknowns from other values.
    """
    try:
        request = analyzer_pb2.AnalyzeRequest(
            type=args.resource_type,
            urn=args.urn,
            name=args.name,
            properties=encode(serialize_properties(args.props)).struct_value,
            options=analyzer_pb2.AnalyzerResourceOptions(protect=args.opts.protect),
        )
        options = _options(rule, args.get_config())
        after = remediated(rule, request, options) if can_be_remediated(rule, request, options) else None
        if after is None:
            return None
        return deserialize_properties(json_format.MessageToDict(after.properties), proxy_secrets=True)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - also sys.exit: the resource stays as it was, and its finding is reported
        return None


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
    """Report the rule's findings. An undecided verdict raises pulumi_policy's own exception."""
    judgement = judge(rule, subject, stack, _options(rule, config))
    if judgement.findings or judgement.crash:
        judgement = _withholding(judgement, subject, stack)
    for finding in judgement.findings:
        report(messages.violation(rule, subject, finding), subject.urn)
    if judgement.verdict is Verdict.CRASHED:
        report(messages.crash(rule, subject, judgement), subject.urn)
    if judgement.verdict is Verdict.UNDECIDED:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [subject.name, judgement.unknown])


def _options(rule: Rule, config: Mapping[str, Any]) -> Options | None:
    return msgspec.convert(dict(config), rule.options, strict=False) if rule.options and config else None


def _withholding(judgement: Judgement, subject: Resource, stack: Stack | None) -> Judgement:
    """What was found, without any text that may be a secret."""
    texts = _texts([subject]) if stack is None else stack.cached(_texts_of_all)

    def without(message: str) -> str:
        for text in texts:
            message = message.replace(text, WITHHELD)
        return message

    findings = tuple(
        msgspec.structs.replace(found, message=without(found.message), fix=without(found.fix))
        for found in judgement.findings
    )
    return msgspec.structs.replace(judgement, findings=findings, crash=without(judgement.crash))


def _texts_of_all(stack: Stack) -> list[str]:
    return _texts(stack.resources)


def _texts(resources: Sequence[Resource]) -> list[str]:
    """The text of all properties that may be a secret, the longest first, since one may hold another."""
    found = {text for resource in resources for text in texts_in(resource.value) if len(text) >= _SHORTEST_SECRET}
    return sorted(found - {resource.name for resource in resources}, key=len, reverse=True)


def _description(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": rule.why,
        "enforcement_level": pulumi_policy.EnforcementLevel(rule.level.value),
        "severity": pulumi_policy.Severity(rule.severity.value),
        "remediation_steps": rule.fix,
        "tags": [rule.concern],
        "config_schema": pulumi_policy.PolicyConfigSchema(options_schema.properties(rule.options))
        if rule.options
        else None,
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
