"""Permissions to decrypt with KMS keys and to create grants for them."""

from typing import Final

from policypack.access.narrowing import narrowing_fix
from policypack.access.policy_documents import IDENTITY_POLICY_HOLDERS, allow_statements_by_action
from policypack.iam.actions import expand_action
from policypack.iam.condition_values import requires_value
from policypack.iam.elements import Condition, Statement
from policypack.iam.global_condition_keys import RESOURCE_TAG
from policypack.iam.matching import is_pattern
from policypack.iam.sensitive_actions import DECRYPT_ACTIONS
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

_KEY_SELECTING_CONDITIONS: Final = (
    *("kms:viaservice", "kms:resourcealiases", "kms:requestalias", "kms:encryptioncontext"),
    *("kms:recipientattestation", RESOURCE_TAG),
)
"""Condition keys that select KMS keys or their use: KMS developer guide, "Condition keys for AWS KMS", "ABAC for AWS
KMS"."""
_GRANT_LIMITING_CONDITIONS: Final = (
    *("kms:grantisforawsresource", "kms:viaservice", "kms:granteeprincipal", "kms:grantoperations"),
    *("kms:grantconstrainttype", "kms:retiringprincipal"),
)
"""Condition keys that limit whom or what a grant is for: KMS developer guide, "Best practices for AWS KMS grants"."""


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Name the ARN of the KMS key in the Resource of the policy argument, or add a condition on kms:ViaService or "
    "kms:ResourceAliases.",
    terms=("kms:Decrypt", "all keys", "any key"),
)
def role_decrypts_with_named_kms_keys(holder: Resource, stack: Stack) -> Findings:
    """A role that can decrypt with every KMS key can read any encrypted data that it can access.

    A statement passes if it names keys, or has a condition that selects keys or the service that uses them, such as
    kms:ViaService (KMS developer guide, "Best practices for IAM policies"; Security Hub, KMS.1 and KMS.2).
    """
    for path, statement in allow_statements_by_action(holder, stack):
        actions = list(_decrypt_actions(statement))
        if not actions or applies_to_all_resources(statement) or any(map(_selects_keys, statement.conditions)):
            continue
        wide = [entry for entry in statement.resources if entry.known and _is_every_key(entry.text())]
        if wide and not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in wide:
            message = f"allows {brief_list(actions)} on every KMS key"
            yield Fault(message, f"{path}.{entry.place}", narrowing_fix(holder, stack, statement))
        if not wide:
            yield from undecided_entries(path, statement.resources)


@rule(
    on=IDENTITY_POLICY_HOLDERS,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix='Add the condition {"Bool": {"kms:GrantIsForAWSResource": "true"}} to the statement in the policy argument.',
    terms=("delegation", "bypass"),
)
def role_creates_kms_grants_for_aws_services_only(holder: Resource, stack: Stack) -> Findings:
    """A role that can create grants for a KMS key can let any principal, in any AWS account, use the key.

    A grant takes effect in addition to the key policy. AWS services that create grants on the caller's behalf meet the
    condition kms:GrantIsForAWSResource (KMS developer guide, "Condition keys for AWS KMS"). Other conditions that limit
    a grant, such as kms:ViaService or kms:GranteePrincipal, pass too.
    """
    for path, statement in allow_statements_by_action(holder, stack):
        granting = [entry for entry in fully_named_actions(statement) if entry.text().lower() == "kms:creategrant"]
        if not granting or any(
            one.name.startswith(_GRANT_LIMITING_CONDITIONS) and requires_value(one) for one in statement.conditions
        ):
            continue
        if not conditions_are_known(statement):
            yield Undecided(f"{path}.{statement.place}.Condition")
            continue
        for entry in granting:
            yield f"allows {entry.text()} for any grantee principal", f"{path}.{entry.place}"


def _decrypt_actions(statement: Statement) -> list[str]:
    """The actions that decrypt, as written; without `*` and `kms:*`, which role_has_no_wildcard_action reports."""
    known = (entry.text() for entry in statement.actions if entry.known)
    return [action for action in known if not is_service_wildcard(action) and _includes_decrypt(action)]


def _includes_decrypt(action: str) -> bool:
    return action.lower().startswith("kms:") and any(
        one.full_name in DECRYPT_ACTIONS for one in expand_action(action) or ()
    )


def _is_every_key(resource: str) -> bool:
    return is_pattern(resource) and any(
        covers_all_resources(one, resource) for one in expand_action("kms:Decrypt") or ()
    )


def _selects_keys(condition: Condition) -> bool:
    return condition.name.startswith(_KEY_SELECTING_CONDITIONS) and requires_value(condition)
