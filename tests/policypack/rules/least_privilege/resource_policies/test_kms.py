"""KMS key policies; each case names the AWS page that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.rules.least_privilege.resource_policies.kms import kms_key_policy_grants_full_access_to_account_only
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages
from tests.policypack.rules.examples import examples
from tests.policypack.rules.holders import DOCS, holding, let
from tests.policypack.rules.trusts import OTHER, identity, root, service, when

if TYPE_CHECKING:
    from policypack.judge.evaluation import Verdict

DEFAULT = f"{DOCS}/kms/latest/developerguide/key-policy-default.html"
OVERVIEW = f"{DOCS}/kms/latest/developerguide/key-policy-overview.html"
OUTSIDE = f"{DOCS}/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
ADMINISTERING = [
    *("kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*"),
    *("kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource"),
    *("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"),
]
USING = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
ALL_BUT_ONE = {"Effect": "Allow", "Principal": identity("role/app"), "NotAction": "kms:Decrypt", "Resource": "*"}
OWNER = let("key", root(), "kms:*")


@examples(
    kms_key_policy_grants_full_access_to_account_only,
    "holder, statements, source",
    [
        ("key", [OWNER, let("key", identity("role/app"), "kms:*")], DEFAULT, FAIL),
        ("key", [OWNER, let("key", identity("user/ada"), "*")], DEFAULT, FAIL),
        ("key", [OWNER, let("key", root(OTHER), "kms:*")], OUTSIDE, FAIL),
        ("key", [OWNER, let("key", service("logs"), "kms:*")], DEFAULT, FAIL),
        ("key policy", [OWNER, let("key", identity("role/app"), ["kms:Decrypt", "KMS:*"])], DEFAULT, FAIL),
        ("key", [let("key", {"AWS": [root()["AWS"], identity("role/app")["AWS"]]}, "kms:*")], DEFAULT, FAIL),
        (
            "key",
            [
                OWNER,
                ALL_BUT_ONE,
            ],
            OVERVIEW,
            FAIL,
        ),
        ("key", [OWNER], DEFAULT, PASS),
        ("key policy", [let("key", {"AWS": ACCOUNT}, "kms:*")], DEFAULT, PASS),
        ("key", [let("key", root(), "kms:*", Sid="Enable IAM User Permissions")], DEFAULT, PASS),
        ("key", [OWNER, let("key", identity("role/admin"), ADMINISTERING)], DEFAULT, PASS),
        ("key", [OWNER, let("key", identity("role/app"), USING)], DEFAULT, PASS),
        (
            "key",
            [
                OWNER,
                let(
                    "key",
                    identity("role/app"),
                    ["kms:CreateGrant", "kms:ListGrants"],
                    when("Bool", "kms:GrantIsForAWSResource", "true"),
                ),
            ],
            DEFAULT,
            PASS,
        ),
        (
            "key",
            [OWNER, let("key", root(OTHER), USING)],
            OUTSIDE,
            PASS,
        ),  # judged by resource-policy-allows-only-known-accounts
        ("key", [OWNER, {**let("key", "*", "kms:*"), "Effect": "Deny"}], OVERVIEW, PASS),
        ("key", [""], DEFAULT, PASS),  # the default key policy
        ("key", [UNKNOWN], DEFAULT, UNDECIDED),
    ],
)
def test_kms_key_policy_grants_full_access_to_account_only(
    holder: str, statements: Any, source: str, verdict: Verdict
) -> None:
    """Only the account has full access to the key."""
    assert judge(kms_key_policy_grants_full_access_to_account_only, holding(holder, *statements)) == verdict, source


def test_account_of_a_key() -> None:
    """A single account in the key policy is the owner; of two accounts, the owner is unknown."""
    rule = kms_key_policy_grants_full_access_to_account_only
    assert judge(rule, holding("key", OWNER, known=False)) == PASS
    assert judge(rule, holding("key", OWNER, let("key", root(OTHER), "kms:*"), known=False)) == UNDECIDED
    stack = holding("key", OWNER, let("key", root(OTHER), "kms:*"))
    assert messages(rule, stack) == ["grants kms:* to arn:aws:iam::999988887777:root"]
