"""Changes to ministack's EventBridge: deliveries to queues need permissions, and undeliverable events go to the DLQ."""

from __future__ import annotations

import json
import logging
from contextvars import Context
from typing import Any, Final

from ministack.services import eventbridge, sqs

from localcloud.aws import authorization, encryption
from localcloud.aws.patching import private, replace
from localcloud.checkout import ACCOUNT

LOGGER = logging.getLogger("events")

queue_by_arn = private(sqs, "_queue_by_arn")
send_message = private(sqs, "_act_send_message")
queue_error = private(sqs, "_Err")
view_of = private(eventbridge, "_pattern_event_view")

SERVICE: Final = "events.amazonaws.com"


def apply() -> None:
    """Apply the changes."""
    invoke = private(eventbridge, "_invoke_target")

    def invoked(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        """Deliver, or set aside with the reason: what lacks a permission or its target is not tried again."""
        where = str(target.get("Arn", ""))
        refusal = _denial(target, rule) if ":sqs:" in where else None
        if refusal is None:
            invoke(target, event, rule, view)
            return
        LOGGER.warning("rule %s: %s: %s", rule["Name"], where, refusal[1])
        dead = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead and sqs.queue_policy_allows(dead, SERVICE, rule["Arn"], ACCOUNT):
            _set_aside(dead, json.dumps((view or view_of(event)).event_with_detail()), target, rule, refusal)

    replace(eventbridge, "_invoke_target", invoked)


def _denial(target: dict[str, Any], rule: dict[str, Any]) -> tuple[str, str] | None:
    """Return code and message if the event may not be sent to the queue, else None."""
    where, role = str(target["Arn"]), target.get("RoleArn")
    queue = queue_by_arn(where)
    if queue is None:
        return "NO_RESOURCE", "The specified queue does not exist."
    if role is None:
        allowed = sqs.queue_policy_allows(where, SERVICE, rule["Arn"], ACCOUNT)
    else:
        allowed = authorization.role_trusts_service(role, SERVICE, rule["Arn"]) and _may_send(
            role, where, encryption.queue_key(queue)
        )
    return None if allowed else ("NO_PERMISSIONS", f"Lack of permissions to invoke {where}.")


def _may_send(role: str, queue: str, key: str) -> bool:
    session = authorization.role_key(role, "EventBridge")
    wanted: list[tuple[str, str, dict[str, Any]]] = [("sqs:SendMessage", queue, {})]
    if key:
        context = encryption.service_context("sqs", key) | {"kms:EncryptionContext:aws:sqs:arn": queue}
        wanted += [(action, key, context) for action in ("kms:GenerateDataKey", "kms:Decrypt")]
    return all(authorization.denial(session, *each) is None for each in wanted)


def _set_aside(dead: str, event: str, target: dict[str, Any], rule: dict[str, Any], refusal: tuple[str, str]) -> None:
    said = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"]}
    said |= {"ERROR_CODE": refusal[0], "ERROR_MESSAGE": refusal[1]}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    message = {"QueueUrl": queue_by_arn(dead)["url"], "MessageBody": event, "MessageAttributes": attributes}
    try:
        Context().run(send_message, message, message["QueueUrl"])
    except queue_error as error:
        LOGGER.warning("rule %s: the event is lost: %s", rule["Name"], error)
