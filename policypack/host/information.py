"""The pack as the engine describes it: rules, defaults and schemas of options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.runtime.proto import analyzer_pb2

from policypack.host import answers
from policypack.judge import options_schema as schema
from policypack.judge.settings import LEVELS_ON_WIRE, NOTICES
from policypack.rule import Scope

if TYPE_CHECKING:
    from policypack.pack import Pack
    from policypack.rule import Rule


def describe(pack: Pack) -> analyzer_pb2.AnalyzerInfo:
    """Everything that GetAnalyzerInfo answers."""
    info = analyzer_pb2.AnalyzerInfo(name=pack.name, version=pack.version, supportsConfig=True)
    info.policies.extend(_policy(rule) for rule in pack.rules)
    for notice in NOTICES:
        policy = info.policies.add(
            name=notice.id,
            description=notice.why,
            enforcementLevel=LEVELS_ON_WIRE[notice.level],
            severity=answers.severity(notice),
            policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        )
        policy.configSchema.properties.update(notice.config_schema)
    return info


def _policy(rule: Rule) -> analyzer_pb2.PolicyInfo:
    policy = analyzer_pb2.PolicyInfo(
        name=rule.id,
        description=rule.why,
        enforcementLevel=LEVELS_ON_WIRE[rule.level],  # type: ignore[arg-type] # generated enums are ints
        severity=answers.severity(rule),  # type: ignore[arg-type] # the same
        tags=[rule.concern],
        remediation_steps=rule.fix,
        policy_type=(
            analyzer_pb2.POLICY_TYPE_STACK if rule.scope is Scope.STACK else analyzer_pb2.POLICY_TYPE_RESOURCE
        ),
    )
    if rule.options is not None:
        policy.configSchema.properties.update(schema.properties(rule.options))
    return policy
