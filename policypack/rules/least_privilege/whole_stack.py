"""The rules about what a whole stack shows of its roles: who works under them and what that takes, in pack order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.hygiene.attachments import (
    policy_attachment_is_not_exclusive,
    policy_is_attached,
    role_grants_are_not_repeated_across_policies,
    role_has_required_permissions_boundary,
)
from policypack.rules.least_privilege.identity.managed_policies import (
    role_has_no_full_access_managed_policy,
    workload_role_has_no_aws_managed_policy,
)
from policypack.rules.least_privilege.identity.transitive_permissions import (
    role_cannot_assume_more_privileged_role,
    role_cannot_invoke_more_privileged_workload,
)
from policypack.rules.least_privilege.missing.code import (
    function_role_allows_actions_its_code_calls,
    role_grants_only_actions_its_code_calls,
)
from policypack.rules.least_privilege.missing.event_source_policies import resource_policy_allows_its_event_source
from policypack.rules.least_privilege.missing.eventbridge import (
    eventbridge_role_can_invoke_target,
    pipe_role_can_read_source,
)
from policypack.rules.least_privilege.missing.kms_keys import (
    event_source_mapping_role_can_decrypt_source,
    role_can_use_kms_keys_of_its_resources,
)
from policypack.rules.least_privilege.missing.lambda_ import (
    event_source_mapping_role_can_read_source,
    function_role_can_create_network_interfaces,
    function_role_can_send_to_destinations,
    function_role_can_send_xray_traces,
)
from policypack.rules.least_privilege.missing.sagemaker import (
    sagemaker_role_can_create_network_interfaces,
    sagemaker_role_can_describe_rollback_alarms,
    sagemaker_role_can_pull_image,
    sagemaker_role_can_read_model_artifacts,
    sagemaker_role_can_write_endpoint_output,
)
from policypack.rules.least_privilege.sharing.roles import (
    role_is_not_shared_across_functions,
    role_is_not_shared_across_services,
    role_trust_policy_allows_its_workloads,
)
from policypack.rules.least_privilege.sharing.sagemaker import sagemaker_role_is_not_shared
from policypack.rules.least_privilege.unused.resources import (
    role_grants_no_resources_of_other_stacks,
    role_grants_no_resources_outside_stack,
    role_grants_only_resources_its_workload_uses,
)
from policypack.rules.least_privilege.unused.service_actions import (
    role_grants_network_interfaces_only_in_vpc,
    role_grants_xray_only_with_tracing,
    role_reads_only_its_event_sources,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

WHOLE_STACK: Final[tuple[Rule, ...]] = (
    # who shares a role
    sagemaker_role_is_not_shared,
    role_is_not_shared_across_services,
    role_is_not_shared_across_functions,
    role_trust_policy_allows_its_workloads,
    # stronger than the work is
    role_has_no_full_access_managed_policy,
    workload_role_has_no_aws_managed_policy,
    role_cannot_assume_more_privileged_role,
    role_cannot_invoke_more_privileged_workload,
    # what fails for want of a grant
    event_source_mapping_role_can_read_source,
    event_source_mapping_role_can_decrypt_source,
    role_can_use_kms_keys_of_its_resources,
    function_role_can_send_to_destinations,
    function_role_can_send_xray_traces,
    function_role_can_create_network_interfaces,
    sagemaker_role_can_pull_image,
    sagemaker_role_can_read_model_artifacts,
    sagemaker_role_can_create_network_interfaces,
    sagemaker_role_can_describe_rollback_alarms,
    sagemaker_role_can_write_endpoint_output,
    eventbridge_role_can_invoke_target,
    pipe_role_can_read_source,
    resource_policy_allows_its_event_source,
    function_role_allows_actions_its_code_calls,
    # what nothing uses
    role_grants_only_resources_its_workload_uses,
    role_grants_no_resources_outside_stack,
    role_grants_no_resources_of_other_stacks,
    role_reads_only_its_event_sources,
    role_grants_xray_only_with_tracing,
    role_grants_network_interfaces_only_in_vpc,
    role_grants_only_actions_its_code_calls,
    # kept in order
    role_has_required_permissions_boundary,
    role_grants_are_not_repeated_across_policies,
    policy_is_attached,
    policy_attachment_is_not_exclusive,
)
