"""What goes into the answers to the engine, in pulumi_policy's words."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Policy

from policypack.dropin import info

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct
    from pulumi_policy import ReportViolation
    from pulumi_policy.proxy import UnknownValueError

VERSION: Final = "0.0.1"  # always, as in pulumi_policy: the engine shows the version that PulumiPolicy.yaml gives


class Answers:
    """Fills the answers of one pack."""

    def __init__(self, pack: str) -> None:
        self._pack = pack

    def reporter(
        self, policy: Policy, level: EnforcementLevel, response: analyzer_pb2.AnalyzeResponse
    ) -> ReportViolation:
        """The function that a policy reports with."""
        name, description, severity = policy.name, policy.description, policy.severity

        def report_violation(message: str, urn: str | None = None) -> None:
            if message and not isinstance(message, str):
                raise TypeError("Expected message to be a string")
            if urn is not None and not isinstance(urn, str):
                raise TypeError("Expected urn to be a string")
            response.diagnostics.append(
                analyzer_pb2.AnalyzeDiagnostic(
                    policyName=name,
                    policyPackName=self._pack,
                    policyPackVersion=VERSION,
                    message=f"{description}\n{message}" if message else description,
                    urn=urn or "",
                    description=description,
                    enforcementLevel=info.level(level),
                    severity=info.severity(severity),
                )
            )

        return report_violation

    def unknown(self, policy: Policy, error: UnknownValueError, response: analyzer_pb2.AnalyzeResponse) -> None:
        """Say that a policy met a value which is not known yet: advice, whatever the policy's level."""
        message = self._cannot_run("policy", policy, error)
        response.diagnostics.append(self._diagnostic(policy, message, EnforcementLevel.ADVISORY))

    def ended(
        self, policy: Policy, level: EnforcementLevel, error: BaseException, response: analyzer_pb2.AnalyzeResponse
    ) -> None:
        """Say that a policy tried to end the process: at its own level, as nobody knows what it would have found."""
        diagnostic = self._diagnostic(policy, self._ended("policy", policy, error), level)
        diagnostic.severity = info.severity(policy.severity)
        response.diagnostics.append(diagnostic)

    def remediated(self, policy: Policy, properties: Struct | None, response: analyzer_pb2.RemediateResponse) -> None:
        """Tell the engine the resource's new properties, if a remediation returned any."""
        if properties:
            response.remediations.append(self._remediation(policy, properties, ""))

    def remediation_unknown(
        self, policy: Policy, error: UnknownValueError, response: analyzer_pb2.RemediateResponse
    ) -> None:
        """Say that a remediation met a value which is not known yet."""
        response.remediations.append(self._remediation(policy, None, self._cannot_run("remediation", policy, error)))

    def remediation_ended(self, policy: Policy, error: BaseException, response: analyzer_pb2.RemediateResponse) -> None:
        """Say that a remediation tried to end the process. The policy's validation, still to come, decides."""
        response.remediations.append(self._remediation(policy, None, self._ended("remediation", policy, error)))

    def _diagnostic(self, policy: Policy, message: str, level: EnforcementLevel) -> analyzer_pb2.AnalyzeDiagnostic:
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=policy.name,
            policyPackName=self._pack,
            policyPackVersion=VERSION,
            message=message,
            urn="",
            description=policy.description,
            enforcementLevel=info.level(level),
        )

    def _remediation(self, policy: Policy, properties: Struct | None, diagnostic: str) -> analyzer_pb2.Remediation:
        return analyzer_pb2.Remediation(
            policyName=policy.name,
            policyPackName=self._pack,
            policyPackVersion=VERSION,
            description=policy.description,
            properties=properties,
            diagnostic=diagnostic,
        )

    def _cannot_run(self, kind: str, policy: Policy, error: UnknownValueError) -> str:
        return f"can't run {self._who(kind, policy)} during preview: {error.message}"

    def _ended(self, kind: str, policy: Policy, error: BaseException) -> str:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}({error})"
        return f"can't run {self._who(kind, policy)}: it raised {what} at {frame.filename}:{frame.lineno}"

    def _who(self, kind: str, policy: Policy) -> str:
        return f"{kind} '{policy.name}' from policy pack '{self._pack}@v{VERSION}'"


def not_applicable(
    policy: Policy, reason: str | None, response: analyzer_pb2.AnalyzeResponse | analyzer_pb2.RemediateResponse
) -> None:
    """Say that a policy does not apply."""
    response.not_applicable.append(analyzer_pb2.PolicyNotApplicable(policy_name=policy.name, reason=reason or ""))
