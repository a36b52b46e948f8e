"""Authorization with ministack's policy evaluator, also for moto's services and for AWS services acting with a role.

Lambda reads a queue, SQS decrypts with a key and SageMaker assumes a role on behalf of others; AWS evaluates the role's
policies each time (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
"""

from __future__ import annotations

import json
from contextvars import Context
from functools import cache
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import iam, sts

from localcloud.aws.http_messages import AwsError, Response, arn
from localcloud.aws.patching import private
from localcloud.checkout import ACCOUNT, REGION

if TYPE_CHECKING:
    from localcloud.aws.http_messages import Request

roles = private(iam, "_roles")
service_matches = private(iam_evaluator, "_service_principal_matches")
action_matches = private(iam_evaluator, "_action_matches")
conditions_met = private(iam_evaluator, "_conditions_met")

XML: Final = frozenset({"ec2", "s3"})
TRUST: Final = "sts:AssumeRole"


def set_request_context(request: Request) -> None:
    """Set account, region and signature for the evaluation of this request."""
    set_request_account_id(request.access_key)
    set_request_region(request.region)
    iam_evaluator.pin_request_origin("127.0.0.1", True)
    iam_evaluator.pin_signed_request(request.method, request.raw_path, request.query, request.scope["headers"])
    iam_evaluator.pin_signed_body(request.body)


def authorize(request: Request, action: str, resource: str, context: dict[str, Any] | None = None) -> None:
    """Raise AwsError unless the signature is valid and the caller is authorized."""
    set_request_context(request)
    refusal = _evaluate(request.access_key, action, resource, context, request.region)
    if refusal is not None:
        raise refusal


def denial(access_key: str, action: str, resource: str, context: dict[str, Any] | None = None) -> AwsError | None:
    """Return the error if the owner of an access key is not authorized, else None: for services acting with a role."""
    return Context().run(_evaluate, access_key, action, resource, context, REGION)


def _evaluate(
    access_key: str, action: str, resource: str, context: dict[str, Any] | None, region: str
) -> AwsError | None:
    service = action.partition(":")[0]
    iam_evaluator.pin_request_origin("127.0.0.1", True)
    denied = iam_evaluator.enforce(access_key, action, service, region, resource, context)
    if denied is None:
        return None
    if isinstance(denied, iam_evaluator.AuthError):
        return AwsError(denied.code, denied.message, 403)
    explicit = denied.decision == "Deny"
    if explicit and denied.resource_policy_arn:
        who = f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {resource}"
        return AwsError("AccessDeniedException", f"{who} with an explicit deny in a resource-based policy", 403)
    message = iam_actions.identity_denial_message(action, denied.principal_arn, resource, explicit)
    return AwsError("AccessDeniedException", message, 403)


def error_response(request: Request, error: AwsError) -> Response:
    """Return an error in the protocol of the request's service."""
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if not form and request.service not in XML:
        return error.response()
    formatted = iam_actions.access_denied_response(
        request.service, "", "", str(uuid4()), error_code=error.code, message=error.message, headers=request.headers
    )
    return Response(*formatted)


def role_session(role_arn: str, session: str) -> tuple[str, str, str]:
    """Return access key, secret and token of a role session, as AWS services use it."""
    name = role_arn.rpartition("/")[2]
    key = f"ASIA{sha256(f'{role_arn}/{session}'.encode()).hexdigest()[:16].upper()}"
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"
    secret, token = _secrets(key)
    secrets = {"SecretAccessKey": secret, "SessionToken": token}
    sts.register_session(key, {"Arn": who, "UserId": f"{name}:{session}", **secrets})
    return key, secret, token


@cache
def _secrets(_key: str) -> tuple[str, str]:
    """The secrets of a session, constant while the server runs, as clients keep them."""
    return token_hex(20), token_hex(20)


def role_key(role_arn: str, session: str) -> str:
    """Return the access key of a role session, to evaluate the role's permissions."""
    return role_session(role_arn, session)[0]


def role_trusts_service(role_arn: str, service: str, source_arn: str) -> bool:
    """Whether the role exists and its trust policy allows an AWS service to assume it for `source_arn`."""
    head, _, path = role_arn.partition(":role/")
    role = roles.get(path.rpartition("/")[2])
    if head != f"arn:aws:iam::{ACCOUNT}" or role is None or role["Arn"] != role_arn:
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    context = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action=TRUST,
        resource_arn="*",
        region=REGION,
        service_context={"aws:sourceaccount": ACCOUNT, "aws:sourcearn": source_arn},
    )
    effects = [
        statement.get("Effect")
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _trusts(statement, service, context)
    ]
    return "Allow" in effects and "Deny" not in effects


def _trusts(statement: dict[str, Any], service: str, context: iam_evaluator.EvalContext) -> bool:
    principal = statement.get("Principal", {})
    if principal != "*" and not service_matches(principal, service):
        return False
    actions, others = _listed(statement.get("Action")), _listed(statement.get("NotAction"))
    if not action_matches(TRUST, actions, others):
        return False
    return bool(conditions_met(statement.get("Condition", {}), context))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def key_arn(reference: str) -> str:
    """Return the ARN of a KMS key given by id, alias or ARN; empty for none and for AWS managed keys."""
    from ministack.services import kms  # noqa: PLC0415 - loads cryptography, which most starts never need

    if not reference or "alias/aws/" in reference:
        return ""
    record = private(kms, "_resolve_key")(reference)
    return str(record["Arn"]) if record else arn("kms", f"key/{reference}")


def aliases_of(key: str) -> list[str]:
    """Return the aliases (`alias/orders`) of a KMS key named by its ARN."""
    from ministack.services import kms  # noqa: PLC0415 - as above

    identity = key.rpartition("/")[2]
    return [
        f"alias/{name.rpartition(':alias/')[2]}"
        for name, target in private(kms, "_aliases").items()
        if target == identity
    ]


def key_policy_allows_service(reference: str, service: str, action: str, context: dict[str, Any]) -> bool:
    """Whether a key exists and its key policy allows an AWS service to use it."""
    from ministack.services import kms  # noqa: PLC0415 - as above

    record = private(kms, "_resolve_key")(reference)
    if record is None:
        return False
    requested = iam_evaluator.EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=record["Arn"],
        region=REGION,
        service_context={key.lower(): value for key, value in context.items()},
    )
    found = iam_evaluator.evaluate_resource_policy(record["Policy"], requested, service=service)
    return bool(found.decision == "Allow")
