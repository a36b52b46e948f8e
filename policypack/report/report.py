"""What a report holds. `schema.json` beside this file is generated from these types."""

import datetime as dt
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from policypack.judge.evaluation import Verdict
from policypack.judge.waivers import Source
from policypack.rule import Level, Scope, Severity

SCHEMA: Final = "policypack-report-1"
"""The version of the format: a reader that knows it can read the report."""

Count = Annotated[int, Meta(ge=0)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A part of a report. A field that is not set is left out."""


class PackIdentity(_Part, frozen=True, kw_only=True):
    """Which pack judged."""

    name: str
    version: str


class RunDescription(_Part, frozen=True, kw_only=True):
    """Which run of which stack was judged."""

    kind: Annotated[
        Literal["preview", "up"], Meta(description="In a preview, rules about unknown values are undecided.")
    ]
    organization: str
    project: str
    stack: str
    started: Annotated[dt.datetime, Meta(tz=True)]
    seconds: Annotated[float, Meta(ge=0, description="From the first registration to the report.")]


class RuleDescription(_Part, frozen=True, kw_only=True):
    """A rule as it was configured for the run."""

    severity: Severity
    level: Level
    concern: str
    scope: Scope
    why: str
    fix: str
    options: dict[str, Any]


class WaiverDescription(_Part, frozen=True, kw_only=True):
    """A well-formed waiver, whether it was used or not."""

    rule: str
    resource: Annotated[str, Meta(description="A glob over URNs.")]
    reason: str
    owner: str
    expires: dt.date
    source: Source


class WaiverInForce(_Part, frozen=True, kw_only=True):
    """The waiver that covers a finding."""

    owner: str
    expires: dt.date


class ReportedFinding(_Part, frozen=True, kw_only=True):
    """What is wrong, where, and what to change if that differs from the rule's fix."""

    message: str
    urn: Annotated[str, Meta(description="The resource that the finding points at.")]
    path: Annotated[str, Meta(description="The property, for example productionVariants[0].instanceType.")]
    fix: Annotated[str | UnsetType, Meta(description="What to change here, if not the rule's fix.")] = UNSET
    severity: Annotated[
        Severity | UnsetType, Meta(description="The severity of this finding, if it differs from the rule's.")
    ] = UNSET


class ReportedVerdict(_Part, frozen=True, kw_only=True):
    """The verdict of one rule about one resource."""

    rule: str
    urn: Annotated[str, Meta(description="The subject that the rule was judged about.")]
    type: str
    name: str
    verdict: Verdict
    findings: list[ReportedFinding] | UnsetType = UNSET
    unknown: Annotated[str | UnsetType, Meta(description="The property that left the verdict undecided.")] = UNSET
    crash: Annotated[str | UnsetType, Meta(description="The exception, with file and line.")] = UNSET
    waiver: WaiverInForce | UnsetType = UNSET


class Report(_Part, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """Everything one run of the policy pack found out about one stack."""

    pack: PackIdentity
    run: RunDescription
    versions: Annotated[dict[str, str], Meta(description="Versions of Python and of the Pulumi SDK.")]
    counts: Annotated[
        dict[Verdict, Count],
        Meta(description="How many verdicts there are of each kind; not applicable counts rules without a subject."),
    ]
    rules: dict[str, RuleDescription]
    waivers: list[WaiverDescription]
    no_waivers: Annotated[list[str], Meta(description="Rules that no stack may waive.")]
    complaints: Annotated[
        list[str],
        Meta(description="What is wrong with waivers: expired, unused, malformed or forbidden, one sentence each."),
    ]
    not_applicable: Annotated[list[str], Meta(description="Rules that had no subject.")]
    verdicts: list[ReportedVerdict]
