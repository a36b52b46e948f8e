"""The rules about who is let in, by trust policies and by the policies of resources, in the pack's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.rules.least_privilege.resource_policies.kms import kms_key_policy_grants_full_access_to_account_only
from policypack.rules.least_privilege.resource_policies.lambda_ import (
    function_permission_is_not_public,
    function_url_requires_authentication,
)
from policypack.rules.least_privilege.resource_policies.principals import (
    resource_policy_allows_only_known_accounts,
    resource_policy_grants_no_permissions_management,
    resource_policy_has_no_not_principal,
    resource_policy_has_no_wildcard_action,
    resource_policy_is_not_public,
)
from policypack.rules.least_privilege.resource_policies.service_sources import (
    resource_policy_prevents_confused_deputy,
    resource_policy_source_arn_is_not_wildcard,
)
from policypack.rules.least_privilege.trust.federation import role_restricts_federated_identities
from policypack.rules.least_privilege.trust.principals import (
    role_does_not_mix_human_and_service_principals,
    role_does_not_trust_itself,
    role_does_not_trust_whole_account,
    role_requires_external_id_for_third_parties,
    role_trust_policy_has_no_not_principal,
    role_trust_policy_has_no_wildcard_action,
    role_trust_policy_is_not_public,
)
from policypack.rules.least_privilege.trust.services import (
    role_trust_policy_prevents_confused_deputy,
    role_trusts_only_services_that_use_it,
    sagemaker_role_source_arn_allows_inference,
)

if TYPE_CHECKING:
    from policypack.rule import Rule

TRUST: Final[tuple[Rule, ...]] = (
    role_trust_policy_is_not_public,
    role_trust_policy_has_no_not_principal,
    role_requires_external_id_for_third_parties,
    role_does_not_trust_whole_account,
    role_trusts_only_services_that_use_it,
    role_restricts_federated_identities,
    role_trust_policy_has_no_wildcard_action,
    role_trust_policy_prevents_confused_deputy,
    sagemaker_role_source_arn_allows_inference,
    role_does_not_mix_human_and_service_principals,
    role_does_not_trust_itself,
)

RESOURCES: Final[tuple[Rule, ...]] = (
    resource_policy_is_not_public,
    resource_policy_has_no_not_principal,
    resource_policy_prevents_confused_deputy,
    resource_policy_source_arn_is_not_wildcard,
    resource_policy_has_no_wildcard_action,
    resource_policy_allows_only_known_accounts,
    resource_policy_grants_no_permissions_management,
    kms_key_policy_grants_full_access_to_account_only,
    function_url_requires_authentication,
    function_permission_is_not_public,
)
