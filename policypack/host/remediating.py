"""Mending: a rule that fails applies its remedy, if the mended resource then passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.runtime.proto import analyzer_pb2

from policypack.host.evaluation import Verdict, judge
from policypack.host.remediation import merge
from policypack.host.resources import WireResource
from policypack.host.words import printable

if TYPE_CHECKING:
    from policypack.pack import Pack
    from policypack.rule import Rule


def remediate(pack: Pack, rules: list[Rule], request: Any) -> analyzer_pb2.RemediateResponse:
    """Apply the remedies of the rules that fail, one on top of the other."""
    response = analyzer_pb2.RemediateResponse()
    for rule in rules:
        subject = WireResource(request)
        if rule.remedy is None or judge(rule, subject).verdict is not Verdict.FAIL:
            continue
        remediation = analyzer_pb2.Remediation(
            policyName=rule.id, policyPackName=pack.name, policyPackVersion=pack.version, description=rule.why
        )
        try:
            mended = analyzer_pb2.AnalyzeRequest()
            mended.CopyFrom(request)
            mended.properties.CopyFrom(merge(request.properties, subject.value, rule.remedy(subject.value)))
        except Exception as error:  # noqa: BLE001 - a remedy that fails leaves the resource as it was
            remediation.diagnostic = printable(f"{subject.name}: the remedy of {rule.id} itself failed: {error}")
            response.remediations.append(remediation)
            continue
        if judge(rule, WireResource(mended)).verdict is Verdict.PASS:
            request = mended
            remediation.properties.CopyFrom(mended.properties)
            response.remediations.append(remediation)
    return response
