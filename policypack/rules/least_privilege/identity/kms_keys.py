"""Roles that use the keys they are meant to use."""

from typing import Final

from policypack.access.narrowing import narrowed
from policypack.access.policy_documents import HOLDERS, naming
from policypack.iam.actions import expand_action
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Condition, Statement
from policypack.iam.matching import is_pattern
from policypack.iam.wildcards import (
    applies_to_all_resources,
    brief_list,
    conditions_are_known,
    covers_all_resources,
    fully_named_actions,
    is_service_wildcard,
    undecided_entries,
)
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Fault, Findings, Level, Severity, rule

_DECRYPTING: Final = frozenset(("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"))
_PICKING: Final = (
    *("kms:viaservice", "kms:resourcealiases", "kms:requestalias", "kms:encryptioncontext"),
    *("kms:recipientattestation", "aws:resourcetag/"),
)
"""Keys that say which keys, or for what: AWS KMS developer guide, "Condition keys for AWS KMS", "ABAC for AWS KMS"."""
_GRANTING: Final = (
    *("kms:grantisforawsresource", "kms:viaservice", "kms:granteeprincipal", "kms:grantoperations"),
    *("kms:grantconstrainttype", "kms:retiringprincipal"),
)
"""Keys that say for whom or what a grant may be: the same, "Best practices for grants"."""


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the key in the Resource of the policy argument, or pin kms:ViaService or kms:ResourceAliases.",
)
def role_decrypts_with_named_kms_keys(holder: Resource, stack: Stack) -> Findings:
    """The right to decrypt with every key is the right to read whatever else one can reach."""
    for path, statement in naming(holder, stack):
        verbs = list(_decrypting(statement))
        if not verbs or applies_to_all_resources(statement) or any(map(_picks, statement.conditions)):
            continue
        wide = [entry for entry in statement.resources if entry.known and _is_every_key(entry.text())]
        if wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in wide:
            message = f"allows {brief_list(verbs)} with every key"
            yield Fault(message, f"{path}.{entry.place}", narrowed(holder, stack, statement))
        if not wide:
            yield from undecided_entries(path, statement.resources)


@rule(
    on=HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix='Add the condition {"Bool": {"kms:GrantIsForAWSResource": "true"}} to the statement.',
)
def role_creates_kms_grants_for_aws_services_only(holder: Resource, stack: Stack) -> Findings:
    """A grant hands the use of the key on, to anybody in any account, beside every policy."""
    for path, statement in naming(holder, stack):
        granting = [entry for entry in fully_named_actions(statement) if entry.text().lower() == "kms:creategrant"]
        if not granting or any(one.name.startswith(_GRANTING) and requires_value(one) for one in statement.conditions):
            continue
        if not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in granting:
            yield "may hand the use of a key on to anybody", f"{path}.{entry.place}"


def _decrypting(statement: Statement) -> list[str]:
    """The verbs, as written, by which the statement lets something be decrypted, if not all of the service's."""
    known = (entry.text() for entry in statement.actions if entry.known)
    return [verb for verb in known if not is_service_wildcard(verb) and _decrypts(verb)]


def _decrypts(verb: str) -> bool:
    return verb.lower().startswith("kms:") and any(one.full_name in _DECRYPTING for one in expand_action(verb) or ())


def _is_every_key(resource: str) -> bool:
    return is_pattern(resource) and any(
        covers_all_resources(one, resource) for one in expand_action("kms:Decrypt") or ()
    )


def _picks(condition: Condition) -> bool:
    return condition.name.startswith(_PICKING) and requires_value(condition)
