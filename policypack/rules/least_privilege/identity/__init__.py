"""The rules about what identity policies grant, in the pack's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.hygiene.policies import (
    role_policy_actions_and_keys_exist,
    role_policy_documents_are_valid,
    role_statements_are_not_duplicated,
    role_statements_can_take_effect,
)
from policypack.rules.least_privilege.identity.conditions import role_policy_conditions_are_effective
from policypack.rules.least_privilege.identity.kms_keys import (
    role_creates_kms_grants_for_aws_services_only,
    role_decrypts_with_named_kms_keys,
)
from policypack.rules.least_privilege.identity.log_groups import (
    role_does_not_create_log_groups_of_the_stack,
    role_writes_to_named_log_groups,
)
from policypack.rules.least_privilege.identity.partial_wildcards import (
    role_has_no_partial_wildcard_action,
    role_has_no_resource_type_wildcard,
    role_lists_sensitive_actions_by_name,
)
from policypack.rules.least_privilege.identity.pass_role import (
    passed_role_has_no_broader_permissions,
    passed_role_trusts_receiving_service,
)
from policypack.rules.least_privilege.identity.privilege_escalation import role_cannot_escalate_privileges
from policypack.rules.least_privilege.identity.role_actions import (
    role_assumes_named_roles,
    role_creates_service_linked_roles_for_named_services,
    role_passes_named_roles,
    role_passes_roles_to_named_services,
)
from policypack.rules.least_privilege.identity.sensitive_actions import (
    role_does_not_expose_credentials,
    role_restricts_permissions_management,
    role_restricts_tagging,
)
from policypack.rules.least_privilege.identity.star_grants import (
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
)
from policypack.rules.least_privilege.identity.workload_roles import (
    workload_role_cannot_delete_infrastructure,
    workload_role_cannot_disable_audit_logging,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

IDENTITY: Final[tuple[Rule, ...]] = (
    # actions and resources
    role_has_no_wildcard_action,
    role_has_no_wildcard_resource,
    role_has_no_resource_type_wildcard,
    role_has_no_partial_wildcard_action,
    role_lists_sensitive_actions_by_name,
    # ways to more
    role_cannot_escalate_privileges,
    role_passes_roles_to_named_services,
    role_passes_named_roles,
    passed_role_has_no_broader_permissions,
    passed_role_trusts_receiving_service,
    role_assumes_named_roles,
    role_creates_service_linked_roles_for_named_services,
    # keys, logs and what is exposed
    role_decrypts_with_named_kms_keys,
    role_creates_kms_grants_for_aws_services_only,
    role_writes_to_named_log_groups,
    role_does_not_create_log_groups_of_the_stack,
    role_does_not_expose_credentials,
    role_restricts_permissions_management,
    role_restricts_tagging,
    # work
    workload_role_cannot_disable_audit_logging,
    workload_role_cannot_delete_infrastructure,
    # what is said
    role_policy_conditions_are_effective,
    role_statements_can_take_effect,
    role_policy_documents_are_valid,
    role_policy_actions_and_keys_exist,
    role_statements_are_not_duplicated,
)
