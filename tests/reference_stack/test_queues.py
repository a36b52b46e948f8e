"""Work queues, ingresses and notifications."""

from __future__ import annotations

import json

import pytest
from components.async_answers import AsyncAnswers, AsyncAnswersArgs
from components.event_ingress import EventIngress, EventIngressArgs
from components.http_ingress import HttpIngress, HttpIngressArgs
from components.work_queue import Sender, WorkQueue, WorkQueueArgs

from policypack.testing import UNKNOWN, program
from tests.reference_stack.component_fixtures import (
    ALERTING,
    CHINA,
    HERE,
    KEY,
    POLICY,
    granted,
    only,
    statements,
    watched,
)

QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
RULE = f"arn:aws-cn:events:{HERE}:rule/bus/bus"


def queue(**changed: object) -> WorkQueueArgs:
    """The arguments of a work queue."""
    given = {"aws_env": CHINA, "consumer_timeout_seconds": 30, "key_alias": "alias/it", "alerting": ALERTING}
    return WorkQueueArgs(**(given | changed))  # type: ignore[arg-type] # each test changes some of these


@pytest.mark.parametrize(("timeout", "hidden"), [(30, 180), (1, 6)])
def test_the_visibility_timeout_is_six_function_timeouts(timeout: int, hidden: int) -> None:
    """For any timeout of the consumer."""
    stack = program(lambda: WorkQueue("it", queue(consumer_timeout_seconds=timeout)))
    assert only(stack, QUEUE).get("visibilityTimeoutSeconds") == hidden


def test_a_queue_has_a_dead_letter_queue_and_both_require_tls() -> None:
    """The redrive policies name each other's ARN; both queues are encrypted with the key."""
    stack = program(lambda: WorkQueue("it", queue(max_receives=7)))
    first, dead_letter_queue = only(stack, QUEUE), only(stack, QUEUE, "it-dead-letters")
    arns = [f"arn:aws-cn:sqs:{HERE}:{each.get('name')}" for each in (first, dead_letter_queue)]
    assert json.loads(first.get("redrivePolicy")) == {"deadLetterTargetArn": arns[1], "maxReceiveCount": 7}
    allowed = only(stack, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "it-dead-letters")
    assert json.loads(allowed.get("redriveAllowPolicy")) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arns[0]],
    }
    for name, resource, arn in (("it", first, arns[0]), ("it-dead-letters", dead_letter_queue, arns[1])):
        assert resource.get("kmsMasterKeyId") == "alias/it"
        (deny,) = statements(only(stack, QUEUE_POLICY, name))
        assert (deny["Effect"], deny["Principal"], deny["Action"], deny["Resource"]) == ("Deny", "*", "sqs:*", arn)
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_alarms_of_a_queue() -> None:
    """Old messages, dead letters, and dead letters near the end of their retention of 14 days."""
    stack = program(lambda: WorkQueue("it", queue(retention_days=3, max_age_seconds=60.0)))
    assert watched(stack) == {
        "it-late": ("ApproximateAgeOfOldestMessage", 60.0),
        "it-dead-letters-filled": ("ApproximateNumberOfMessagesVisible", 0.0),
        "it-dead-letters-expiring": ("ApproximateAgeOfOldestMessage", 10 * 86_400.0),
    }


@pytest.mark.parametrize("sends_dead_letters", [True, False])
def test_a_queue_admits_one_service_for_the_named_sources(sends_dead_letters: bool) -> None:
    """The dead-letter queue only if the service also sends undeliverable messages."""
    sender = Sender(service="events", sources=[RULE], sends_dead_letters=sends_dead_letters)
    stack = program(lambda: WorkQueue("it", queue(sender=sender)))
    policies = {name: statements(only(stack, QUEUE_POLICY, name)) for name in ("it", "it-dead-letters")}
    assert policies["it"][1:] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["sqs:SendMessage"],
            "Resource": [policies["it"][0]["Resource"]],
            "Condition": {"ArnEquals": {"aws:SourceArn": [RULE]}},
        }
    ]
    assert len(policies["it-dead-letters"]) == (2 if sends_dead_letters else 1)


def events() -> EventIngressArgs:
    """The arguments of an event ingress."""
    return EventIngressArgs(
        aws_env=CHINA, bus_name="bus", queue_name="jobs", key_alias="alias/it", key_arn=KEY, alerting=ALERTING
    )


def test_an_events_detail_becomes_the_message() -> None:
    """Retried for a day, then sent to a dead-letter queue with alarms; the bus has it as well."""
    stack = program(lambda: EventIngress("it", events()))
    target, dead_letter_queue = (
        only(stack, "aws:cloudwatch/eventTarget:EventTarget"),
        only(stack, QUEUE, "it-dead-letters"),
    )
    aside_arn = f"arn:aws-cn:sqs:{HERE}:{dead_letter_queue.get('name')}"
    assert (target.get("arn"), target.get("inputPath")) == (f"arn:aws-cn:sqs:{HERE}:jobs", "$.detail")
    assert target.get("retryPolicy.maximumEventAgeInSeconds") == 86_400
    assert target.get("deadLetterConfig.arn") == aside_arn
    bus = only(stack, "aws:cloudwatch/eventBus:EventBus")
    assert bus.get("deadLetterConfig.arn") == aside_arn
    assert bus.has("kmsKeyIdentifier")
    _, let_in = statements(only(stack, QUEUE_POLICY, "it-dead-letters"))
    assert let_in["Condition"]["ArnEquals"]["aws:SourceArn"] == [RULE, f"arn:aws-cn:events:{HERE}:event-bus/bus"]
    assert set(watched(stack)) == {"it-dead-letters-filled", "it-dead-letters-expiring"}


def http() -> HttpIngressArgs:
    """The arguments of an HTTP ingress."""
    return HttpIngressArgs(
        aws_env=CHINA,
        queue_name="jobs",
        queue_url=UNKNOWN,
        key_alias="alias/it",
        key_arn=KEY,
        log_group_name="/aws/apigateway/it",
        log_retention_days=30,
        alerting=ALERTING,
        rate=7.0,
        burst=9,
    )


def test_an_api_requires_iam_authorization_and_sends_to_the_queue() -> None:
    """Without a function in between; with throttling and access logs."""
    stack = program(lambda: HttpIngress("it", http()))
    (route,) = stack.of_type("aws:apigatewayv2/route:Route")
    assert (route.get("routeKey"), route.get("authorizationType")) == ("POST /items", "AWS_IAM")
    integration = only(stack, "aws:apigatewayv2/integration:Integration")
    assert integration.get("integrationSubtype") == "SQS-SendMessage"
    assert integration.get("requestParameters.MessageBody") == "$request.body"
    stage = only(stack, "aws:apigatewayv2/stage:Stage")
    assert stage.get("defaultRouteSettings.throttlingRateLimit") == 7
    assert stage.get("defaultRouteSettings.throttlingBurstLimit") == 9
    assert "$context.identity.caller" in json.loads(stage.get("accessLogSettings.format")).values()
    assert not stack.of_type("aws:lambda/function:Function")
    assert watched(stack) == {"it-fails": ("5xx", 0.0), "it-refuses": ("4xx", 10)}


def test_the_role_of_an_api_can_only_send() -> None:
    """To one queue, with its key."""
    stack = program(lambda: HttpIngress("it", http()))
    assert granted(only(stack, POLICY)) == {
        "sqs:SendMessage": [f"arn:aws-cn:sqs:{HERE}:jobs"],
        "kms:Decrypt": [f"arn:aws-cn:kms:{HERE}:key/*"],
        "kms:GenerateDataKey": [f"arn:aws-cn:kms:{HERE}:key/*"],
    }
    (trusted,) = statements(only(stack, "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert "Condition" not in trusted  # API Gateway brings nothing that one could hold to


def test_notifications_are_delivered_raw_with_a_dead_letter_queue() -> None:
    """Both topics are subscribed; the dead-letter queue admits SNS."""
    done, failed = (f"arn:aws-cn:sns:{HERE}:{name}" for name in ("done", "failed"))
    args = AsyncAnswersArgs(
        aws_env=CHINA,
        success_topic=done,
        error_topic=failed,
        consumer_timeout_seconds=30,
        key_alias="alias/it",
        alerting=ALERTING,
    )
    stack = program(lambda: AsyncAnswers("it", args))
    subscriptions = stack.of_type("aws:sns/topicSubscription:TopicSubscription")
    assert {each.get("topic") for each in subscriptions} == {done, failed}
    for each in subscriptions:
        assert each.get("rawMessageDelivery") is True
        assert each.get("endpoint") == f"arn:aws-cn:sqs:{HERE}:{only(stack, QUEUE).get('name')}"
        assert "it-dead-letters" in json.loads(each.get("redrivePolicy"))["deadLetterTargetArn"]
    for name in ("it", "it-dead-letters"):
        _, let_in = statements(only(stack, QUEUE_POLICY, name))
        assert let_in["Condition"] == {"ArnEquals": {"aws:SourceArn": [done, failed]}}
