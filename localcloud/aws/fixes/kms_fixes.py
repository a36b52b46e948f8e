"""Changes to ministack's KMS."""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions

from localcloud.aws import authorization
from localcloud.aws.patching import private, replace
from localcloud.checkout import ACCOUNT, REGION


def apply() -> None:
    """Ministack does not pass `kms:ResourceAliases` to its policy evaluator."""
    context = private(iam_actions, "request_tag_context")

    def with_aliases(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = context(service, action, body, parameters)
        if service != "kms":
            return found
        key = str(iam_actions.extract_resource_arn("kms", "POST", "/", {}, body, {}, REGION, ACCOUNT))
        return found | {"kms:ResourceAliases": authorization.aliases_of(key), "kms:CallerAccount": ACCOUNT}

    replace(iam_actions, "request_tag_context", with_aliases)
