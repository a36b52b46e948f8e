"""What a pack tells the engine about itself and its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy, ResourceValidationPolicy, Severity, StackValidationPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = {
    EnforcementLevel.ADVISORY: analyzer_pb2.ADVISORY,
    EnforcementLevel.MANDATORY: analyzer_pb2.MANDATORY,
    EnforcementLevel.REMEDIATE: analyzer_pb2.REMEDIATE,
    EnforcementLevel.DISABLED: analyzer_pb2.DISABLED,
}
_SEVERITIES: Final = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


def level(given: EnforcementLevel) -> analyzer_pb2.EnforcementLevel.ValueType:
    """The level on the wire. Raises AssertionError for what is no level."""
    if not isinstance(given, EnforcementLevel):
        raise AssertionError(f"unknown enforcement level: {given}")  # noqa: TRY004 - what pulumi_policy raises
    return LEVELS[given]


def severity(given: Severity | None) -> analyzer_pb2.PolicySeverity.ValueType:
    """The severity on the wire."""
    if isinstance(given, Severity):
        return _SEVERITIES[given]
    return analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED


def config(given: EnforcementLevel | dict[str, Any]) -> analyzer_pb2.PolicyConfig:
    """A policy's initial configuration: a level, or an object that may hold one beside the policy's own properties."""
    if isinstance(given, EnforcementLevel):
        return analyzer_pb2.PolicyConfig(enforcementLevel=level(given))
    told = analyzer_pb2.PolicyConfig()
    if given.get("enforcementLevel") is not None:
        told.enforcementLevel = level(given["enforcementLevel"])
    properties = {key: value for key, value in given.items() if key != "enforcementLevel"}
    if properties:
        told.properties.update(properties)
    return told


def policy(given: Policy, default: EnforcementLevel) -> analyzer_pb2.PolicyInfo:
    """All that a policy says of itself."""
    told = analyzer_pb2.PolicyInfo(
        name=given.name,
        description=given.description,
        enforcementLevel=level(default if given.enforcement_level is None else given.enforcement_level),
    )
    _put(told, displayName=given.display_name, remediation_steps=given.remediation_steps, url=given.url)
    if given.config_schema is not None:
        if given.config_schema.properties:
            told.configSchema.properties.update(given.config_schema.properties)
        if given.config_schema.required:
            told.configSchema.required.extend(given.config_schema.required)
    if isinstance(given, ResourceValidationPolicy):
        told.policy_type = analyzer_pb2.POLICY_TYPE_RESOURCE
    elif isinstance(given, StackValidationPolicy):
        told.policy_type = analyzer_pb2.POLICY_TYPE_STACK
    if given.severity is not None:
        told.severity = severity(given.severity)
    if given.framework is not None:
        frame = given.framework
        _put(
            told.framework,
            name=frame.name,
            version=frame.version,
            reference=frame.reference,
            specification=frame.specification,
        )
    if given.tags is not None:
        told.tags.extend(given.tags)
    return told


def _put(message: Any, **values: str | None) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(message, name, value)


def pack(name: str, version: str, texts: Mapping[str, str | None], tags: list[str] | None) -> analyzer_pb2.AnalyzerInfo:
    """The pack without its policies."""
    told = analyzer_pb2.AnalyzerInfo(name=name, version=version, supportsConfig=True)
    _put(told, **texts)
    if tags is not None:
        told.tags.extend(tags)
    return told
