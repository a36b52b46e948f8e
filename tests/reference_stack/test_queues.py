"""Work queues, and the two ways in that are more than a queue."""

from __future__ import annotations

import json

import pytest
from components.async_answers import AsyncAnswers, AsyncAnswersArgs
from components.event_ingress import EventIngress, EventIngressArgs
from components.http_ingress import HttpIngress, HttpIngressArgs
from components.work_queue import Sender, WorkQueue, WorkQueueArgs

from policypack.testing import UNKNOWN, program
from tests.reference_stack.parts import ALERTING, CHINA, HERE, KEY, POLICY, granted, only, statements, watched

QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
RULE = f"arn:aws-cn:events:{HERE}:rule/bus/bus"


def queue(**changed: object) -> WorkQueueArgs:
    """The arguments of a work queue."""
    given = {"place": CHINA, "consumer_timeout_seconds": 30, "key_alias": "alias/it", "alerting": ALERTING}
    return WorkQueueArgs(**(given | changed))  # type: ignore[arg-type] # each test changes some of these


@pytest.mark.parametrize(("timeout", "hidden"), [(30, 180), (1, 6)])
def test_a_queue_hides_messages_for_six_timeouts_of_its_consumer(timeout: int, hidden: int) -> None:
    """Whatever the consumer's timeout."""
    stack = program(lambda: WorkQueue("it", queue(consumer_timeout_seconds=timeout)))
    assert only(stack, QUEUE).get("visibilityTimeoutSeconds") == hidden


def test_a_queue_comes_with_its_dead_letter_queue_and_both_are_closed() -> None:
    """Redrive names each other's ARN; both have the key and refuse plain HTTP."""
    stack = program(lambda: WorkQueue("it", queue(max_receives=7)))
    first, aside = only(stack, QUEUE), only(stack, QUEUE, "it-dead-letters")
    arns = [f"arn:aws-cn:sqs:{HERE}:{each.get('name')}" for each in (first, aside)]
    assert json.loads(first.get("redrivePolicy")) == {"deadLetterTargetArn": arns[1], "maxReceiveCount": 7}
    allowed = only(stack, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "it-dead-letters")
    assert json.loads(allowed.get("redriveAllowPolicy")) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arns[0]],
    }
    for name, resource, arn in (("it", first, arns[0]), ("it-dead-letters", aside, arns[1])):
        assert resource.get("kmsMasterKeyId") == "alias/it"
        (deny,) = statements(only(stack, QUEUE_POLICY, name))
        assert (deny["Effect"], deny["Principal"], deny["Action"], deny["Resource"]) == ("Deny", "*", "sqs:*", arn)
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_queue_says_when_work_is_late_set_aside_or_about_to_be_lost() -> None:
    """What is set aside may have waited 3 days before, and SQS deletes it 14 days after it was sent."""
    stack = program(lambda: WorkQueue("it", queue(retention_days=3, late_seconds=60.0)))
    assert watched(stack) == {
        "it-late": ("ApproximateAgeOfOldestMessage", 60.0),
        "it-dead-letters-filled": ("ApproximateNumberOfMessagesVisible", 0.0),
        "it-dead-letters-expiring": ("ApproximateAgeOfOldestMessage", 10 * 86_400.0),
    }


@pytest.mark.parametrize("gives_up_here", [True, False])
def test_a_queue_lets_in_one_service_for_what_is_named(gives_up_here: bool) -> None:
    """And its dead-letter queue only where the service gives up what it cannot deliver."""
    sender = Sender(service="events", sources=[RULE], gives_up_here=gives_up_here)
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
    assert len(policies["it-dead-letters"]) == (2 if gives_up_here else 1)


def events() -> EventIngressArgs:
    """The arguments of an event ingress."""
    return EventIngressArgs(
        place=CHINA, bus_name="bus", queue_name="jobs", key_alias="alias/it", key_arn=KEY, alerting=ALERTING
    )


def test_an_events_detail_becomes_the_message() -> None:
    """Tried for a day, then kept where somebody is told of it; the bus itself keeps what it cannot decrypt there."""
    stack = program(lambda: EventIngress("it", events()))
    target, aside = only(stack, "aws:cloudwatch/eventTarget:EventTarget"), only(stack, QUEUE, "it-dead-letters")
    aside_arn = f"arn:aws-cn:sqs:{HERE}:{aside.get('name')}"
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
        place=CHINA,
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


def test_an_api_puts_bodies_into_the_queue_for_callers_that_iam_knows() -> None:
    """No route without authorisation, no function in between, limits and a log of every request."""
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


def test_an_apis_role_sends_and_nothing_else() -> None:
    """To the one queue, under its key."""
    stack = program(lambda: HttpIngress("it", http()))
    assert granted(only(stack, POLICY)) == {
        "sqs:SendMessage": [f"arn:aws-cn:sqs:{HERE}:jobs"],
        "kms:Decrypt": [f"arn:aws-cn:kms:{HERE}:key/*"],
        "kms:GenerateDataKey": [f"arn:aws-cn:kms:{HERE}:key/*"],
    }
    (trusted,) = statements(only(stack, "aws:iam/role:Role"), "assumeRolePolicy")
    assert trusted["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert "Condition" not in trusted  # API Gateway brings nothing that one could hold to


def test_what_an_endpoint_tells_arrives_as_it_is_told() -> None:
    """By both topics; what cannot be delivered goes to the dead-letter queue, which lets SNS in for it."""
    done, failed = (f"arn:aws-cn:sns:{HERE}:{name}" for name in ("done", "failed"))
    args = AsyncAnswersArgs(
        place=CHINA,
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
