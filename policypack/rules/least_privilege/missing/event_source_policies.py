"""Queues, topics and functions whose resource-based policy allows their event sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import ArnIndex
from policypack.access.required_permissions import resource_policies_of
from policypack.access.resource_policies import resource_policy_of
from policypack.iam.condition_values import required_values
from policypack.iam.event_actions import SEND_ACTIONS
from policypack.iam.matching import overlaps_action, overlaps_resource
from policypack.iam.trust_policies import named_principals, service_name
from policypack.model import (
    ALIAS,
    BUCKET,
    BUCKET_NOTIFICATION,
    EVENT_RULE,
    EVENT_TARGET,
    FUNCTION,
    PERMISSION,
    QUEUE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
    Resource,
    Stack,
    Undecided,
)
from policypack.model.services import ARN_FORMATS
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Document, Statement

_SOURCES: Final = {TOPIC_SUBSCRIPTION: ("sns", "topic", TOPIC), EVENT_TARGET: ("events", "rule", EVENT_RULE)}
_NOTIFICATION_TARGETS: Final = (
    ("lambdaFunctions", "lambdaFunctionArn"),
    ("queues", "queueArn"),
    ("topics", "topicArn"),
)


@rule(
    on=(TOPIC_SUBSCRIPTION, EVENT_TARGET, BUCKET_NOTIFICATION),
    severity=Severity.MEDIUM,
    fix="Allow the service for this source in an aws.sqs.QueuePolicy, aws.sns.TopicPolicy or aws.lambda_.Permission.",
    terms=("fan-out", "trigger", "AddPermission", "Unable to validate the following destination configurations"),
)
def resource_policy_allows_its_event_source(delivery: Resource, stack: Stack) -> Findings:
    """Events are not delivered to a queue, topic or function whose resource-based policy does not allow their source.

    The rule judges SNS subscriptions, S3 bucket notifications, and targets of EventBridge rules that have no role (SNS
    developer guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic"; Lambda developer guide, "Granting Lambda
    function access to AWS services"; EventBridge user guide, "Using resource-based policies for Amazon EventBridge").
    """
    if delivery.type == EVENT_TARGET and delivery.has("roleArn"):
        return  # EventBridge delivers with the permissions of the role instead
    for service, source, path in _deliveries(delivery, stack):
        receiver = _receiver(delivery, stack, path)
        if receiver is None:
            continue
        arn = stack.cached(ArnIndex).arn_of(source) if source is not None else None
        answer = _allows(receiver, stack, service, arn)
        if answer is None:
            yield Undecided("policy")
        elif answer is False:
            who = source.name if source is not None else service
            yield f"delivers from {who} to {receiver.name}, whose policy does not allow {service} for this source", path


def _deliveries(delivery: Resource, stack: Stack) -> Iterator[tuple[str, Resource | None, str]]:
    """The delivering service, the resource that it delivers for, and the property that names the receiver."""
    if delivery.type == BUCKET_NOTIFICATION:
        bucket = stack.linked(delivery, "bucket", BUCKET)
        for kind, name in _NOTIFICATION_TARGETS:
            for index, _ in enumerate(delivery.each(kind)):
                yield "s3", bucket, f"{kind}[{index}].{name}"
        return
    service, path, type_ = _SOURCES[delivery.type]
    if delivery.type == TOPIC_SUBSCRIPTION and f"{delivery.get('protocol')}" not in {"sqs", "lambda"}:
        return
    yield service, stack.linked(delivery, path, type_), "endpoint" if service == "sns" else "arn"


def _receiver(delivery: Resource, stack: Stack, path: str) -> Resource | None:
    found = stack.linked(delivery, path, QUEUE, FUNCTION, ALIAS, TOPIC)
    return stack.target_of(found) if found is not None and found.type == ALIAS else found


def _allows(receiver: Resource, stack: Stack, service: str, source: str | None) -> bool | None:
    """Whether a policy of the receiver allows a service for a source; None while a policy is unknown."""
    unsure = False
    for document in _policies(receiver, stack):
        unsure = unsure or document.is_unknown
        for statement in document.statements:
            if not statement.is_deny and _allows_service(statement, receiver.type, service):
                origins = required_values(statement.conditions, "aws:SourceArn")
                if (
                    not origins
                    or source is None
                    or any(one.value is None or overlaps_resource(one.value, source) for one in origins)
                ):
                    return True
    return None if unsure else False


def _allows_service(statement: Statement, type_: str, service: str) -> bool:
    sending = SEND_ACTIONS[ARN_FORMATS[type_].service]
    if not any(
        entry.value is None or any(overlaps_action(entry.value, action) for action in sending)
        for entry in statement.actions
    ):
        return False
    return any(
        one.kind in {"everybody", "unknown"} or (one.kind == "service" and service_name(one.value) == service)
        for one in named_principals(statement)
    )


def _policies(receiver: Resource, stack: Stack) -> Iterator[Document]:
    yield from resource_policies_of(stack, receiver)
    if receiver.type == FUNCTION:
        yield from (resource_policy_of(one).document for one in stack.cached(_permissions).get(receiver.urn, ()))


def _permissions(stack: Stack) -> dict[str, list[Resource]]:
    """The Lambda permissions by the URN of their function."""
    found: dict[str, list[Resource]] = {}
    for permission in stack.of_type(PERMISSION):
        try:
            function = stack.linked(permission, "function", FUNCTION, ALIAS)
            function = stack.target_of(function) if function is not None and function.type == ALIAS else function
        except Undecided:
            continue
        if function is not None:
            found.setdefault(function.urn, []).append(permission)
    return found
