"""The rules about what identity policies grant, in the pack's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.hygiene.policies import (
    role_grants_can_be_met,
    role_policies_are_well_formed,
    role_policies_name_what_exists,
    role_policies_say_nothing_twice,
)
from policypack.rules.least_privilege.identity.conditions import role_conditions_restrict
from policypack.rules.least_privilege.identity.kms_keys import (
    role_creates_grants_for_services_only,
    role_decrypts_with_named_keys,
)
from policypack.rules.least_privilege.identity.log_groups import (
    role_creates_no_log_group_of_the_stack,
    role_writes_named_logs,
)
from policypack.rules.least_privilege.identity.partial_wildcards import (
    role_grants_no_whole_kind_of_resource,
    role_names_its_actions,
    role_names_its_sensitive_actions,
)
from policypack.rules.least_privilege.identity.pass_role import (
    passed_role_is_no_stronger,
    passed_role_trusts_the_service,
)
from policypack.rules.least_privilege.identity.privilege_escalation import role_opens_no_way_up
from policypack.rules.least_privilege.identity.role_actions import (
    role_assumes_named_roles,
    role_creates_service_linked_roles_of_named_services,
    role_passes_named_roles,
    role_passes_no_role_to_any_service,
)
from policypack.rules.least_privilege.identity.sensitive_actions import (
    role_changes_permissions_under_conditions,
    role_hands_out_no_credentials,
    role_sets_tags_under_conditions,
)
from policypack.rules.least_privilege.identity.star_grants import (
    role_grants_no_star_action,
    role_grants_no_star_resource,
)
from policypack.rules.least_privilege.identity.workload_roles import (
    workload_leaves_the_audit_alone,
    workload_leaves_the_infrastructure_alone,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

IDENTITY: Final[tuple[Rule, ...]] = (
    # actions and resources
    role_grants_no_star_action,
    role_grants_no_star_resource,
    role_grants_no_whole_kind_of_resource,
    role_names_its_actions,
    role_names_its_sensitive_actions,
    # ways to more
    role_opens_no_way_up,
    role_passes_no_role_to_any_service,
    role_passes_named_roles,
    passed_role_is_no_stronger,
    passed_role_trusts_the_service,
    role_assumes_named_roles,
    role_creates_service_linked_roles_of_named_services,
    # keys, logs and what is exposed
    role_decrypts_with_named_keys,
    role_creates_grants_for_services_only,
    role_writes_named_logs,
    role_creates_no_log_group_of_the_stack,
    role_hands_out_no_credentials,
    role_changes_permissions_under_conditions,
    role_sets_tags_under_conditions,
    # work
    workload_leaves_the_audit_alone,
    workload_leaves_the_infrastructure_alone,
    # what is said
    role_conditions_restrict,
    role_grants_can_be_met,
    role_policies_are_well_formed,
    role_policies_name_what_exists,
    role_policies_say_nothing_twice,
)
