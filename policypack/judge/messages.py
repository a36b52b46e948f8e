"""The messages that users read: one sentence for what is wrong, where, and the exact change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.judge.secrets import Secrets
from policypack.text import cut, printable

if TYPE_CHECKING:
    from policypack.judge.evaluation import Finding, Judgement
    from policypack.model import Resource
    from policypack.rule import Rule


def violation(rule: Rule, subject: Resource, finding: Finding) -> str:
    """Write a finding as `results: uses provisioned capacity [billingMode]. Set billing_mode to ...`."""
    message, fix = redacted(finding.message, subject), redacted(finding.fix, subject) or rule.fix
    return cut(f"{printable(subject.name)}: {message}{_place(subject, finding)}. {fix}")


def crash(rule: Rule, subject: Resource, judgement: Judgement) -> str:
    """Name the rule that crashed, the subject on which it crashed, and the line of code to look at."""
    return cut(
        f"{printable(subject.name)}: the rule {rule.id} crashed: {redacted(judgement.crash, subject)}. "
        "This is a bug in the rule, not in your program; all other rules ran."
    )


def redacted(text: str, subject: Resource) -> str:
    """What a rule says about a subject, without the subject's secrets and without control characters."""
    if not text:
        return ""
    secrets = Secrets()
    secrets.look_at(subject)
    return printable(secrets.strike(text))


def _place(subject: Resource, finding: Finding) -> str:
    if finding.urn and finding.urn != subject.urn:
        name = finding.urn.rpartition("::")[2]
        return f" [{printable(name)}: {printable(finding.path)}]" if finding.path else f" [{printable(name)}]"
    return f" [{printable(finding.path)}]" if finding.path else ""
