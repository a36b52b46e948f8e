"""What the user reads: one sentence for what is wrong, where, and the exact change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.judge.secrets import Secrets

if TYPE_CHECKING:
    from policypack.judge.evaluation import Finding, Judgement
    from policypack.model import Resource
    from policypack.rule import Rule

_LONGEST = 4000  # characters of a message: a terminal line, not a document


def violation(rule: Rule, subject: Resource, finding: Finding) -> str:
    """Write a finding as `results: pays for provisioned capacity [billingMode]. Set billing_mode to ...`."""
    message, fix = shown(finding.message, subject), shown(finding.fix, subject) or rule.fix
    return cut(f"{printable(subject.name)}: {message}{_place(subject, finding)}. {fix}")


def crash(rule: Rule, subject: Resource, judgement: Judgement) -> str:
    """Name the rule that failed, the subject it failed on, and the line of code to look at."""
    return cut(
        f"{printable(subject.name)}: the rule {rule.id} itself failed on it: {shown(judgement.crash, subject)}. "
        "This is a fault of the rule, not of your program; every other rule ran."
    )


def shown(text: str, subject: Resource) -> str:
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


def printable(text: str) -> str:
    """Text without control characters, which could rewrite the terminal it is shown on."""
    return (
        text
        if text.isprintable()
        else "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    )


def cut(text: str) -> str:
    """Text of a length that a terminal can show."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text) - _LONGEST} more characters)"
