"""The rules about who is let in, by trust policies and by the policies of resources, in the pack's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.resource_policies.kms import key_policy_leaves_full_control_to_the_account
from policypack.rules.least_privilege.resource_policies.lambda_ import (
    function_is_not_invoked_by_everybody,
    function_url_asks_for_credentials,
)
from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_admits_known_accounts,
    resource_policy_has_no_not_principal,
    resource_policy_is_changed_by_its_owner,
    resource_policy_is_not_public,
    resource_policy_names_its_actions,
)
from policypack.rules.least_privilege.resource_policies.service_sources import (
    resource_policy_names_the_source_of_services,
    resource_policy_source_is_no_wildcard,
)
from policypack.rules.least_privilege.trust.federation import role_limits_federated_identities
from policypack.rules.least_privilege.trust.principals import (
    role_asks_other_accounts_for_an_external_id,
    role_does_not_trust_itself,
    role_is_for_people_or_for_services,
    role_is_not_open_to_everybody,
    role_trust_has_no_not_principal,
    role_trust_names_its_actions,
    role_trusts_no_whole_account,
)
from policypack.rules.least_privilege.trust.services import (
    role_is_assumed_for_its_own_account,
    role_trusts_services_that_use_it,
    sagemaker_role_admits_inference,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

TRUST: Final[tuple[Rule, ...]] = (
    role_is_not_open_to_everybody,
    role_trust_has_no_not_principal,
    role_asks_other_accounts_for_an_external_id,
    role_trusts_no_whole_account,
    role_trusts_services_that_use_it,
    role_limits_federated_identities,
    role_trust_names_its_actions,
    role_is_assumed_for_its_own_account,
    sagemaker_role_admits_inference,
    role_is_for_people_or_for_services,
    role_does_not_trust_itself,
)

RESOURCES: Final[tuple[Rule, ...]] = (
    resource_policy_is_not_public,
    resource_policy_has_no_not_principal,
    resource_policy_names_the_source_of_services,
    resource_policy_source_is_no_wildcard,
    resource_policy_names_its_actions,
    resource_policy_admits_known_accounts,
    resource_policy_is_changed_by_its_owner,
    key_policy_leaves_full_control_to_the_account,
    function_url_asks_for_credentials,
    function_is_not_invoked_by_everybody,
)
