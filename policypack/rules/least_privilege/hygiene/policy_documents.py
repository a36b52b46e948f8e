"""Policy documents that IAM accepts, with actions and condition keys that exist."""

from typing import Final

from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, policy_documents
from policypack.iam.actions import action_names, expand_action, find_action, service_exists
from policypack.iam.global_condition_keys import condition_key_type, is_global_condition_key
from policypack.iam.matching import is_pattern
from policypack.model import Resource, Stack
from policypack.rule import Findings, Severity, rule

_NON_SERVICE_PREFIXES: Final = frozenset(("saml",))
"""Prefixes of condition keys that are no services, besides the issuers of tokens, which contain a dot."""


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Correct the policy argument according to the IAM JSON policy reference; json.dumps writes valid JSON.",
    terms=("MalformedPolicyDocument", "syntax error", "Access Analyzer"),
)
def role_policy_documents_are_valid(holder: Resource, stack: Stack) -> Findings:
    """IAM rejects an invalid policy document, and the deployment stops with only a part of the resources created.

    See the IAM user guide, "Grammar of the IAM JSON policy language".
    """
    for text in policy_documents(holder, stack):
        for problem in text.document.problems:
            place = f"{text.path}.{problem.place}" if problem.place else text.path
            subject = f"whose {problem.place}" if problem.place else "that"
            yield f"has a policy {subject} {problem.text}", place


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.LOW,
    fix="Look the name up in the Service Authorization Reference, and correct it in the policy argument.",
    terms=("typo", "misspelled"),
)
def role_policy_actions_and_keys_exist(holder: Resource, stack: Stack) -> Findings:
    """An action or condition key that does not exist is accepted by IAM, but grants and denies nothing.

    See the IAM user guide, "IAM Access Analyzer policy check reference": "Invalid action", "Invalid service condition
    key".
    """
    for text in policy_documents(holder, stack):
        for statement in text.document.statements:
            for entry in (*statement.actions, *statement.not_actions):
                if entry.value and (what := _unknown_action(entry.text())):
                    yield f"names {entry.text()}, {what}", f"{text.path}.{entry.place}"
            for condition in statement.conditions:
                if condition.base and _is_unknown_key(condition.name):
                    message = f"has a condition on {condition.key}, which is not a condition key"
                    yield message, f"{text.path}.{condition.place}"


def _unknown_action(action: str) -> str:
    """What is wrong with the name of an action; empty if it exists."""
    service, colon, name = action.partition(":")
    if not colon or is_pattern(service):
        return ""
    if not service_exists(service.lower()):
        return "of a service that does not exist"
    if is_pattern(action):
        return "" if expand_action(action) else "which matches no action"
    if find_action(action):
        return ""
    from difflib import get_close_matches  # noqa: PLC0415 - only for a name that is wrong

    close = get_close_matches(name, action_names(service.lower()), n=1)
    return f"which is not an action; closest: {service}:{close[0]}" if close else "which is not an action"


def _is_unknown_key(name: str) -> bool:
    prefix = name.partition(":")[0]
    if prefix == "aws":
        return not is_global_condition_key(name)
    if "." in prefix or prefix in _NON_SERVICE_PREFIXES or ":" not in name:
        return False
    return service_exists(prefix) and condition_key_type(name) is None
