"""What policies see of properties, whatever they do to them, and that nobody else sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from tests.policypack.dropin import arbitrary_values, probe
from tests.policypack.dropin.servers import Servers, analyze, messages, without_addresses
from tests.property_tests import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

_programs = st.lists(probe.steps, min_size=1, max_size=3)


def _resource_policies(programs: list[list[probe.Step]]) -> Callable[[], list[Policy]]:
    def validate(program: list[probe.Step]) -> Any:
        return lambda args, report: probe.run(program, args.props, report)

    return lambda: [
        ResourceValidationPolicy(f"probe-{number}", "Probes.", validate=validate(program))
        for number, program in enumerate(programs)
    ]


@settings(deadline=None, max_examples=3 * EXAMPLES)
@given(properties=arbitrary_values.properties, programs=_programs)
def test_resource_policies_see_what_they_always_saw(properties: Any, programs: list[list[probe.Step]]) -> None:
    """Reading, writing, copying: the same values, errors and texts, and no policy meets another's changes."""
    Servers(_resource_policies(programs)).agree("Analyze", analyze(properties))


@settings(deadline=None, max_examples=3 * EXAMPLES // 2)
@given(properties=arbitrary_values.properties)
def test_every_way_to_every_value(properties: Any) -> None:
    """Keys, indexes and slices lead to the same values and errors, before and after somebody spoiled his own copy."""

    def walks(args: ResourceValidationArgs, report: ReportViolation) -> None:
        probe.walk(args.props, report)
        if args.provider:
            probe.walk(args.provider.props, report)

    def spoils(args: ResourceValidationArgs, report: ReportViolation) -> None:
        report(probe.everything(args.props), None)
        probe.spoil(args.props)
        if args.provider:
            probe.spoil(args.provider.props)
        walks(args, report)

    def policies() -> list[Policy]:
        judges = {"first": walks, "spoils": spoils, "after": walks, "again": spoils}
        return [ResourceValidationPolicy(name, "Walks.", validate=judge) for name, judge in judges.items()]

    request = analyze(properties)
    request.provider.properties.update(properties)
    Servers(policies).agree("Analyze", request)


@settings(deadline=None, max_examples=2 * EXAMPLES)
@given(good=arbitrary_values.properties, bad=arbitrary_values.refused, programs=_programs)
def test_a_value_nobody_touches_costs_nothing(good: Any, bad: Any, programs: list[list[probe.Step]]) -> None:
    """Beside a value that pulumi_policy refuses, policies see what pulumi_policy shows without it."""

    def policies() -> list[Policy]:
        def validate(program: list[probe.Step]) -> Any:
            return lambda args, report: probe.run(program, args.props["good"], report)

        return [ResourceValidationPolicy("probe", "Probes.", validate=validate(program)) for program in programs]

    servers = Servers(policies)
    _, ours = servers.answers("Analyze", analyze({"good": good, "bad": bad, "nested": {"list": [bad, {"x": bad}]}}))
    without, _ = servers.answers("Analyze", analyze({"good": good}))
    assert ours == without


@settings(deadline=None)
@given(bad=arbitrary_values.refused)
def test_a_refused_value_is_refused_where_it_is_touched(bad: Any) -> None:
    """A policy that reads it stops with the error that pulumi_policy stops with before any policy runs."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        report(f"{len(args.props)} and {len(args.props['nested']['list'])}", None)
        report(str(args.props["nested"]["list"][0]), None)

    servers = Servers(lambda: [ResourceValidationPolicy("reads", "Reads.", validate=validate)])
    servers.agree("Analyze", analyze({"nested": {"list": [bad]}}))


@settings(deadline=None, max_examples=3 * EXAMPLES // 2)
@given(
    resources=st.lists(arbitrary_values.properties, max_size=3),
    programs=_programs,
    links=st.randoms(use_true_random=False),
)
def test_stack_policies_see_what_they_always_saw(
    resources: list[Any], programs: list[list[probe.Step]], links: Any
) -> None:
    """The same of every resource of a stack, its parent and its dependencies, unknown and repeated URNs included."""
    request = analyzer_pb2.AnalyzeStackRequest()
    urns = ["", "unheard of", *(f"urn:pulumi:dev::app::t::n{number // 2}" for number in range(len(resources)))]
    for number, properties in enumerate(resources):
        resource = request.resources.add(type="t", urn=urns[number + 2], name=f"n{number}", parent=links.choice(urns))
        resource.properties.update(properties)
        resource.provider.properties.update(links.choice(resources))
        resource.dependencies.extend(links.choices(urns, k=2))
        resource.propertyDependencies["a"].urns.extend(links.choices(urns, k=2))
        resource.propertyDependencies["b"].SetInParent()

    def validate(program: list[probe.Step]) -> Any:
        def run(args: StackValidationArgs, report: ReportViolation) -> None:
            for resource in args.resources:
                names = {
                    key: [other.name for other in others] for key, others in resource.property_dependencies.items()
                }
                about = resource.resource_type, resource.urn, resource.name, names
                report(f"{about} {resource.parent and resource.parent.name} {type(args.resources)}", resource.urn)
                others = [resource, *resource.dependencies, *([resource.parent] if resource.parent else [])]
                for other in others:
                    probe.run(program, other.props, report)
                probe.run(program, resource.provider.props if resource.provider else None, report)
                resource.name, resource.opts.protect = "changed", True
                resource.dependencies.append(resource)
            args.resources.clear()

        return run

    def policies() -> list[Policy]:
        return [StackValidationPolicy(f"probe-{n}", "Probes.", validate=validate(p)) for n, p in enumerate(programs)]

    Servers(policies).agree("AnalyzeStack", request)


@settings(deadline=None, max_examples=3 * EXAMPLES // 2)
@given(
    properties=arbitrary_values.properties,
    programs=_programs,
    returned=st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_remediations_see_what_they_always_saw(
    properties: Any, programs: list[list[probe.Step]], returned: list[int]
) -> None:
    """Raw unknowns, kept secrets, earlier changes and earlier results; and the engine gets the same properties."""
    seen: list[list[str]] = []

    def policies() -> list[Policy]:
        lines: list[str] = []
        seen.append(lines)

        def remediate(program: list[probe.Step], what: int) -> Any:
            def run(args: ResourceValidationArgs) -> Any:
                probe.run(program, args.props, lines.append)
                lines.append(f"provider: {probe.everything(args.provider.props) if args.provider else None}")
                return [args.props, {**args.props, "b": 1}, None, {}, dict(args.props["__target"])][what]

            return run

        return [
            ResourceValidationPolicy(f"r{n}", "R.", remediate=remediate(p, what), enforcement_level=_REMEDIATE)
            for n, (p, what) in enumerate(zip(programs, returned, strict=False))
        ]

    request = analyze(properties)
    request.provider.properties.update(properties)
    Servers(policies).agree("Remediate", request)
    stock, ours = ([without_addresses(line) for line in lines] for lines in seen)
    assert ours == stock


@settings(deadline=None)
@given(good=arbitrary_values.properties, bad=arbitrary_values.refused)
def test_a_remediation_hands_back_what_it_did_not_touch(good: Any, bad: Any) -> None:
    """A value that pulumi_policy refuses survives a remediation of another property as it came; reading it raises."""

    def remediate(args: ResourceValidationArgs) -> Any:
        args.props["added"] = 1.0  # type: ignore[index] # pulumi_policy lets it, to keep secrets
        return args.props

    def policies() -> list[Policy]:
        return [
            ResourceValidationPolicy("adds", "Adds.", remediate=remediate, enforcement_level=_REMEDIATE),
            ResourceValidationPolicy(
                "reads", "Reads.", remediate=lambda args: args.props["bad"], enforcement_level=_REMEDIATE
            ),
        ]

    servers, request = Servers(policies), analyze({**good, "bad": bad})
    stock, ours = servers.answers("Remediate", request)
    assert ours == stock  # "reads" has stopped both
    servers = Servers(lambda: policies()[:1])
    without, _ = servers.answers("Remediate", analyze(good))
    _, ours = servers.answers("Remediate", request)
    without.remediations[0].properties.update({"bad": bad})
    assert ours.SerializeToString(deterministic=True) == without.SerializeToString(deterministic=True)  # NaN != NaN


_REMEDIATE = EnforcementLevel.REMEDIATE


def test_messages_are_what_policies_report() -> None:
    """The probe itself sees something: values, not only errors."""
    program = [probe.Step("read", 0, 0, "a", None), probe.Step("read item", 1, 0, "a", None)]
    answer = Servers(_resource_policies([program])).agree("Analyze", analyze({"a": ["first"]}))
    assert messages(answer)[1:2] == ["read item: 'first'"]
