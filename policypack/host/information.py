"""The pack as the engine describes it: rules, defaults and schemas of options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.runtime.proto import analyzer_pb2

from policypack.host.answers import LEVELS_ON_WIRE, SEVERITIES_ON_WIRE
from policypack.judge import options_schema
from policypack.own_policies import OWN_POLICIES
from policypack.rule import Scope

if TYPE_CHECKING:
    from policypack.rule import Rule
    from policypack.rule_pack import Pack


def describe(pack: Pack) -> analyzer_pb2.AnalyzerInfo:
    """Everything that GetAnalyzerInfo answers."""
    info = analyzer_pb2.AnalyzerInfo(name=pack.name, version=pack.version, supportsConfig=True)
    info.policies.extend(_policy(rule) for rule in pack.rules)
    for own in OWN_POLICIES:
        policy = info.policies.add(
            name=own.id,
            description=own.why,
            remediation_steps=own.fix,
            enforcementLevel=LEVELS_ON_WIRE[own.level],
            severity=SEVERITIES_ON_WIRE[own.severity],
            policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        )
        policy.configSchema.properties.update(own.config_schema)
    return info


def _policy(rule: Rule) -> analyzer_pb2.PolicyInfo:
    policy = analyzer_pb2.PolicyInfo(
        name=rule.id,
        description=rule.why,
        enforcementLevel=LEVELS_ON_WIRE[rule.level],  # type: ignore[arg-type] # generated enums are ints
        severity=SEVERITIES_ON_WIRE[rule.severity],  # type: ignore[arg-type] # the same
        tags=[rule.concern],
        remediation_steps=rule.fix,
        policy_type=(
            analyzer_pb2.POLICY_TYPE_STACK if rule.scope is Scope.STACK else analyzer_pb2.POLICY_TYPE_RESOURCE
        ),
    )
    if rule.options is not None:
        policy.configSchema.properties.update(options_schema.properties(rule.options))
    return policy
