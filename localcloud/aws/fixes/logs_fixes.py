"""Changes to ministack's CloudWatch Logs."""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import iam_actions
from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudwatch_logs

from localcloud.aws import authorization
from localcloud.aws.http_messages import arn
from localcloud.aws.patching import private, replace
from localcloud.checkout import ACCOUNT, REGION

groups = private(cloudwatch_logs, "_log_groups")

KEY_OPERATIONS: Final = ("Logs_20140328.AssociateKmsKey", "Logs_20140328.DisassociateKmsKey")
UNTOUCHED: Final = ("TagResource", "UntagResource", "ListTagsForResource")

Answer = tuple[int, dict[str, str], bytes]


def apply() -> None:
    """Apply the changes."""
    _keys_of_groups()
    _resource_of_streams()


def _keys_of_groups() -> None:
    """Ministack lacks AssociateKmsKey and DisassociateKmsKey, and accepts keys that CloudWatch Logs may not use."""
    handle = private(cloudwatch_logs, "handle_request")
    create = private(cloudwatch_logs, "_create_log_group")

    def created(data: dict[str, Any]) -> Answer:
        refusal = _key_denial(data.get("kmsKeyId"), str(data.get("logGroupName")))
        answer: Answer = refusal or create(data)
        return answer

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        if headers.get("x-amz-target") not in KEY_OPERATIONS:
            passed: Answer = await handle(method, path, headers, body, query)
            return passed
        wanted = json.loads(body)
        name = wanted.get("logGroupName") or wanted["resourceIdentifier"].partition(":log-group:")[2].removesuffix(":*")
        if name not in groups:
            message = f"The specified log group does not exist: {name}"
            missing: Answer = error_response_json("ResourceNotFoundException", message, 400)
            return missing
        refusal = _key_denial(wanted.get("kmsKeyId"), name)
        if refusal is None:
            groups[name]["kmsKeyId"] = wanted.get("kmsKeyId")
        done: Answer = refusal or json_response({})
        return done

    replace(cloudwatch_logs, "handle_request", handled)
    replace(cloudwatch_logs, "_create_log_group", created)


def _key_denial(key: str | None, group: str) -> Answer | None:
    """Return why CloudWatch Logs may not use a key: the key policy has to allow it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html.
    """
    target = arn("logs", f"log-group:{group}")
    context = {"kms:EncryptionContext:aws:logs:arn": target}
    if not key or all(
        authorization.key_policy_allows_service(key, f"logs.{REGION}.amazonaws.com", action, context)
        for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
    ):
        return None
    message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{target}'"
    refusal: Answer = error_response_json("AccessDeniedException", message, 400)
    return refusal


def _resource_of_streams() -> None:
    """AWS evaluates stream operations on the stream's ARN, which `log-group:NAME:*` matches, not the group's."""
    resource = private(iam_actions, "extract_resource_arn")

    def extracted(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> str:
        found = str(resource(service, method, path, headers, body, *rest))
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if service != "logs" or operation in UNTOUCHED or f":{ACCOUNT}:log-group:" not in found:
            return found
        stream = json.loads(body or b"{}").get("logStreamName", "")
        return f"{found}:log-stream:{stream}"

    replace(iam_actions, "extract_resource_arn", extracted)
