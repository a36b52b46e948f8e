"""The integration SQS-SendMessage: a request becomes a message, sent with the integration's role.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html.
"""

from __future__ import annotations

import json
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

from ministack.services import apigateway, sqs

from localcloud.aws import authorization, encryption
from localcloud.aws.http_messages import AwsError, arn
from localcloud.aws.patching import private

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBTYPE: Final = "SQS-SendMessage"
REQUIRED: Final = ("QueueUrl", "MessageBody")
PARAMETERS: Final = frozenset(
    {
        *REQUIRED,
        "DelaySeconds",
        "MessageAttributes",
        "MessageDeduplicationId",
        "MessageGroupId",
        "MessageSystemAttributes",
        "Region",
    }
)
SERVICE: Final = "apigateway.amazonaws.com"

Answer = tuple[int, dict[str, str], bytes]

resolve = private(apigateway, "_resolve_mapping_value")
find_queue = private(sqs, "_get_q")
send_message = private(sqs, "_act_send_message")
queue_error = private(sqs, "_Err")
as_xml = private(sqs, "_to_xml")
error_as_xml = private(sqs, "_xml_err_resp")


def check(wanted: Mapping[str, Any]) -> None:
    """Raise AwsError for an integration that API Gateway would reject."""
    subtype = wanted.get("integrationSubtype")
    if not subtype:
        return
    if subtype != SUBTYPE:
        raise AwsError("BadRequestException", f"the local AWS has no integration subtype {subtype}, only {SUBTYPE}")
    if wanted.get("integrationType") != "AWS_PROXY":
        raise AwsError("BadRequestException", "IntegrationSubtype is only supported for AWS_PROXY integrations")
    if wanted.get("payloadFormatVersion") != "1.0":
        raise AwsError("BadRequestException", f"PayloadFormatVersion 1.0 is required for {SUBTYPE}")
    given = wanted.get("requestParameters") or {}
    missing = [name for name in REQUIRED if not given.get(name)]
    if missing:
        raise AwsError("BadRequestException", f"Missing required request parameters: {', '.join(missing)}")
    foreign = sorted(set(given) - PARAMETERS)
    if foreign:
        raise AwsError("BadRequestException", f"Unsupported request parameters for {SUBTYPE}: {', '.join(foreign)}")
    role = str(wanted.get("credentialsArn") or "")
    if not role.startswith("arn:aws:iam::"):
        raise AwsError("BadRequestException", f"Credentials ARN must be specified for {SUBTYPE}")


def send(integration: Mapping[str, Any], api: str, request: Mapping[str, Any]) -> Answer:
    """Send the message of a request; return SQS's response. request: the values available to request parameters."""
    wanted = {name: _value(value, request) for name, value in integration["requestParameters"].items()}
    role = str(integration["credentialsArn"])
    if not authorization.role_trusts_service(role, SERVICE, arn("execute-api", f"{api}/*")):
        return _failed()
    try:
        queue = Context().run(find_queue, wanted.get("QueueUrl") or "")
        refusal = _denial(role, queue)
        if refusal is not None:
            answer: Answer = error_as_xml("AccessDenied", refusal, 403)
            return answer
        answer = as_xml("SendMessage", Context().run(send_message, _message(wanted), queue["url"]))
    except queue_error as error:
        answer = error_as_xml(error.code, error.message, error.status)
    except ValueError:  # an attribute that is not JSON, a delay that is not a number
        return _failed()
    return answer


def _denial(role: str, queue: dict[str, Any]) -> str | None:
    """Return why a role may not send to a queue, else None."""
    key, target = authorization.role_key(role, "BackplaneAssumeRoleSession"), queue["attributes"]["QueueArn"]
    refusal = authorization.denial(key, "sqs:SendMessage", target)
    kms = encryption.queue_key(queue)
    if refusal is None and kms:
        context = encryption.service_context("sqs", kms) | {"kms:EncryptionContext:aws:sqs:arn": target}
        needs = ("kms:GenerateDataKey", "kms:Decrypt")
        refusal = next(filter(None, (authorization.denial(key, need, kms, context) for need in needs)), None)
    return refusal.message if refusal else None


def _message(wanted: Mapping[str, str | None]) -> dict[str, Any]:
    said = {name: value for name, value in wanted.items() if value is not None and name != "Region"}
    for name in {"MessageAttributes", "MessageSystemAttributes"} & said.keys():
        said[name] = json.loads(said[name])
    return said


def _value(value: str, request: Mapping[str, Any]) -> str | None:
    """Return the value of a request parameter; None if the request has none."""
    if not value.startswith("$request.body"):
        rest = {key: part for key, part in request.items() if key != "body"}
        found = resolve(value, **rest)
        return None if found is None else str(found)
    path = value.removeprefix("$request.body").strip(".")
    text = request["body"].decode("utf-8", "replace")
    if not path:
        return str(text)
    try:
        inner = json.loads(text)
        for part in path.split("."):
            inner = inner[part]
    except (ValueError, KeyError, TypeError):
        return None
    return inner if isinstance(inner, str) else json.dumps(inner)


def _failed() -> Answer:
    return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
