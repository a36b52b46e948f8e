"""Key policies: the account decides, and hands nobody the whole key."""

from __future__ import annotations

from policypack.access.resource_policies import KEYS, policy_of
from policypack.access.stack_accounts import is_own
from policypack.iam.trust_policies import named_principals
from policypack.model import Resource, Stack, Undecided
from policypack.rule import Findings, Severity, rule

_EVERYTHING = frozenset(("*", "kms:*"))


@rule(
    on=KEYS,
    severity=Severity.MEDIUM,
    fix="Leave kms:* to the account (arn:aws:iam::ACCOUNT:root), and name in the policy argument what administrators "
    "and users of the key do.",
)
def kms_key_policy_grants_full_access_to_account_only(key: Resource, stack: Stack) -> Findings:
    """With `kms:*` whoever uses a key can also schedule its deletion, and lock everybody else out of the data.

    For the account itself it is right: it puts the account's IAM policies in charge. So is `"Resource": "*"`, which
    stands for the key that the policy is on (KMS developer guide, "Default key policy").
    """
    policy = policy_of(key, stack)
    for statement in policy.statements:
        stars = [entry for entry in statement.actions if entry.known and entry.text().lower() in _EVERYTHING]
        if not stars and not statement.not_actions:
            yield from (Undecided(policy.at(entry.place)) for entry in statement.actions if not entry.known)
            continue
        what = stars[0].text() if stars else "every action but the ones it names"
        for one in named_principals(statement):
            own = is_own(stack, one.account) if one.kind == "account" else False
            if one.kind == "unknown" or own is None:
                yield Undecided(policy.at(one.place))
            elif not own and one.kind != "everybody":
                yield f"gives {one.value} {what}", policy.at(one.place)
