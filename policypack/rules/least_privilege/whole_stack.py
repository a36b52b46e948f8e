"""The rules about what a whole stack shows of its roles: who works under them and what that takes, in pack order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.hygiene.attachments import (
    policy_attachment_takes_from_nobody,
    policy_is_attached,
    role_has_each_grant_once,
    role_has_the_boundary_that_is_asked_for,
)
from policypack.rules.least_privilege.identity.managed_policies import (
    role_has_no_full_access_policy,
    workload_has_policies_of_its_own,
)
from policypack.rules.least_privilege.identity.transitive_permissions import (
    role_assumes_no_stronger_role,
    role_starts_nothing_stronger,
)
from policypack.rules.least_privilege.missing.code import (
    function_may_do_what_its_code_calls,
    role_grants_what_the_code_calls,
)
from policypack.rules.least_privilege.missing.event_source_policies import handover_is_let_in
from policypack.rules.least_privilege.missing.eventbridge import delivery_may_reach_its_target, pipe_may_read_its_source
from policypack.rules.least_privilege.missing.kms_keys import (
    mapping_may_decrypt_its_source,
    role_may_use_the_keys_of_its_data,
)
from policypack.rules.least_privilege.missing.lambda_ import (
    function_in_a_vpc_may_make_its_interfaces,
    function_may_reach_its_destinations,
    mapping_may_read_its_source,
    traced_function_may_send_traces,
)
from policypack.rules.least_privilege.missing.sagemaker import (
    endpoint_may_watch_its_alarms,
    endpoint_may_write_what_it_keeps,
    model_in_a_vpc_may_make_its_interfaces,
    model_may_fetch_its_artefact,
    model_may_pull_its_image,
)
from policypack.rules.least_privilege.sharing.roles import (
    role_serves_one_function,
    role_serves_one_service,
    role_trusts_what_works_under_it,
)
from policypack.rules.least_privilege.sharing.sagemaker import sagemaker_role_is_its_own
from policypack.rules.least_privilege.unused.resources import (
    role_reaches_no_other_stack,
    role_reaches_nothing_outside_the_stack,
    role_reaches_only_what_its_work_is_wired_to,
)
from policypack.rules.least_privilege.unused.service_actions import (
    role_makes_interfaces_only_in_a_vpc,
    role_takes_only_from_what_feeds_it,
    role_traces_only_what_is_traced,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

WHOLE_STACK: Final[tuple[Rule, ...]] = (
    # who shares a role
    sagemaker_role_is_its_own,
    role_serves_one_service,
    role_serves_one_function,
    role_trusts_what_works_under_it,
    # stronger than the work is
    role_has_no_full_access_policy,
    workload_has_policies_of_its_own,
    role_assumes_no_stronger_role,
    role_starts_nothing_stronger,
    # what fails for want of a grant
    mapping_may_read_its_source,
    mapping_may_decrypt_its_source,
    role_may_use_the_keys_of_its_data,
    function_may_reach_its_destinations,
    traced_function_may_send_traces,
    function_in_a_vpc_may_make_its_interfaces,
    model_may_pull_its_image,
    model_may_fetch_its_artefact,
    model_in_a_vpc_may_make_its_interfaces,
    endpoint_may_watch_its_alarms,
    endpoint_may_write_what_it_keeps,
    delivery_may_reach_its_target,
    pipe_may_read_its_source,
    handover_is_let_in,
    function_may_do_what_its_code_calls,
    # what nothing uses
    role_reaches_only_what_its_work_is_wired_to,
    role_reaches_nothing_outside_the_stack,
    role_reaches_no_other_stack,
    role_takes_only_from_what_feeds_it,
    role_traces_only_what_is_traced,
    role_makes_interfaces_only_in_a_vpc,
    role_grants_what_the_code_calls,
    # kept in order
    role_has_the_boundary_that_is_asked_for,
    role_has_each_grant_once,
    policy_is_attached,
    policy_attachment_takes_from_nobody,
)
