"""Both halves of a hand-over: whoever is to hand something to a queue or function, and the policy that lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.access.arn_index import Owned
from policypack.access.required_permissions import policies_of
from policypack.access.resource_policies import policy_of
from policypack.iam.condition_values import required_values
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
from policypack.rule import Findings, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.iam.elements import Document, Statement

_ACTION: Final = {QUEUE: "sqs:SendMessage", FUNCTION: "lambda:InvokeFunction", TOPIC: "sns:Publish"}
_SOURCES: Final = {TOPIC_SUBSCRIPTION: ("sns", "topic", TOPIC), EVENT_TARGET: ("events", "rule", EVENT_RULE)}
_NOTIFIED: Final = (("lambdaFunctions", "lambdaFunctionArn"), ("queues", "queueArn"), ("topics", "topicArn"))


@rule(
    on=(TOPIC_SUBSCRIPTION, EVENT_TARGET, BUCKET_NOTIFICATION),
    severity=Severity.MEDIUM,
    fix="Let the service in by the policy of an aws.sqs.QueuePolicy, or by an aws.lambda_.Permission, for this source.",
)
def resource_policy_allows_its_event_source(handover: Resource, stack: Stack) -> Findings:
    """What the receiver's policy does not let in is dropped, without a word to whoever sent it."""
    if handover.type == EVENT_TARGET and handover.has("roleArn"):
        return  # EventBridge delivers under the role instead
    for service, source, path in _ends(handover, stack):
        receiver = _receiver(handover, stack, path)
        if receiver is None:
            continue
        arn = stack.once(Owned).arn(source) if source is not None else None
        answer = _lets_in(receiver, stack, service, arn)
        if answer is None:
            yield Undecided("policy")
        elif answer is False:
            who = source.name if source is not None else service
            yield f"hands over from {who} to {receiver.name}, which lets {service} in nowhere for it", path


def _ends(handover: Resource, stack: Stack) -> Iterator[tuple[str, Resource | None, str]]:
    """The service that hands over, on whose behalf, and the property that names the receiver."""
    if handover.type == BUCKET_NOTIFICATION:
        bucket = stack.linked(handover, "bucket", BUCKET)
        for kind, name in _NOTIFIED:
            for index, _ in enumerate(handover.each(kind)):
                yield "s3", bucket, f"{kind}[{index}].{name}"
        return
    service, path, type_ = _SOURCES[handover.type]
    if handover.type == TOPIC_SUBSCRIPTION and f"{handover.get('protocol')}" not in {"sqs", "lambda"}:
        return
    yield service, stack.linked(handover, path, type_), "endpoint" if service == "sns" else "arn"


def _receiver(handover: Resource, stack: Stack, path: str) -> Resource | None:
    found = stack.linked(handover, path, QUEUE, FUNCTION, ALIAS, TOPIC)
    return stack.target_of(found) if found is not None and found.type == ALIAS else found


def _lets_in(receiver: Resource, stack: Stack, service: str, source: str | None) -> bool | None:
    """Whether a policy of the receiver lets a service in for a source; None where one is not known yet."""
    unsure = False
    for document in _documents(receiver, stack):
        unsure = unsure or document.is_unknown
        for statement in document.statements:
            if not statement.is_deny and _is_about(statement, receiver.type, service):
                origins = required_values(statement.conditions, "aws:SourceArn")
                if (
                    not origins
                    or source is None
                    or any(one.value is None or overlaps_resource(one.value, source) for one in origins)
                ):
                    return True
    return None if unsure else False


def _is_about(statement: Statement, type_: str, service: str) -> bool:
    if not any(entry.value is None or overlaps_action(entry.value, _ACTION[type_]) for entry in statement.actions):
        return False
    return any(
        one.kind in {"everybody", "unknown"} or (one.kind == "service" and service_name(one.value) == service)
        for one in named_principals(statement)
    )


def _documents(receiver: Resource, stack: Stack) -> Iterator[Document]:
    yield from policies_of(stack, receiver)
    if receiver.type == FUNCTION:
        yield from (policy_of(one).document for one in stack.once(_permissions).get(receiver.urn, ()))


def _permissions(stack: Stack) -> dict[str, list[Resource]]:
    """The permissions of functions by the function's URN."""
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
