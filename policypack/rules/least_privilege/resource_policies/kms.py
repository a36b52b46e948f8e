"""KMS key policies that grant full access to the account only."""

from __future__ import annotations

from policypack.access.resource_policies import KEY_POLICY_HOLDERS, resource_policy_of
from policypack.access.stack_accounts import is_own_account
from policypack.iam.trust_policies import named_principals
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Findings, Severity, rule

_EVERYTHING = frozenset(("*", "kms:*"))


@rule(
    on=KEY_POLICY_HOLDERS,
    severity=Severity.MEDIUM,
    fix="Grant kms:* to the account only (arn:aws:iam::ACCOUNT:root), and list in the policy argument the actions that "
    "administrators and users of the key need.",
    terms=("CMK", "lockout", "key deletion"),
)
def kms_key_policy_grants_full_access_to_account_only(key: Resource, stack: Stack) -> Findings:
    """A principal with kms:* can delete the key or change its policy, and so lock everyone else out of the data.

    For the account itself kms:* is right: it lets IAM policies of the account control access to the key. So is
    `"Resource": "*"`, which stands for the key that has the policy (KMS developer guide, "Default key policy").
    """
    policy = resource_policy_of(key, stack)
    for statement in policy.allow_statements:
        stars = [entry for entry in statement.actions if entry.known and entry.text().lower() in _EVERYTHING]
        if not stars and not statement.not_actions:
            yield from (Undecided(policy.at(entry.place)) for entry in statement.actions if not entry.known)
            continue
        what = stars[0].text() if stars else "every action except those it lists"
        for one in named_principals(statement):
            own = is_own_account(stack, one.account) if one.kind == "account" else False
            if one.kind == "unknown" or own is None:
                yield Undecided(policy.at(one.place))
            elif not own and one.kind != "everybody":
                yield f"grants {what} to {one.value}", policy.at(one.place)
