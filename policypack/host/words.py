"""What the user reads: one sentence for what is wrong, where, and the exact change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.model import is_secret
from policypack.model.values import REDACTED

if TYPE_CHECKING:
    from policypack.host.evaluation import Finding, Judgement
    from policypack.model import Resource
    from policypack.rule import Rule

_TELLING = 4  # characters; shorter text is found in too many words to be struck out
_LONGEST = 4000  # characters of a message: a terminal line, not a document


def violation(rule: Rule, subject: Resource, finding: Finding) -> str:
    """Write a finding as `results: pays for provisioned capacity [billingMode]. Set billing_mode to ...`."""
    message, fix = shown(finding.message, subject), shown(finding.fix, subject) or rule.fix
    return _cut(f"{printable(subject.name)}: {message}{_place(subject, finding)}. {fix}")


def crash(rule: Rule, subject: Resource, judgement: Judgement) -> str:
    """Name the rule that failed, the subject it failed on, and the line of code to look at."""
    return _cut(
        f"{printable(subject.name)}: the rule {rule.id} itself failed on it: {printable(judgement.crash)}. "
        "This is a fault of the rule, not of your program; every other rule ran."
    )


def shown(text: str, subject: Resource) -> str:
    """What a rule says about a subject, without the subject's secrets and without control characters."""
    return printable(_without_secrets(text, subject.value)) if text else ""


def _without_secrets(text: str, value: Any) -> str:
    """Strike out secrets that a rule took apart: a secret that is formatted whole hides itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            text = _without_secrets(text, item)
    elif is_secret(value) and isinstance(value, str) and len(value) >= _TELLING:
        text = text.replace(str.__str__(value), REDACTED)
    return text


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


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... ({len(text) - _LONGEST} more characters)"
