"""Event sources that the policy of their queue, topic or function allows, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.missing.event_source_policies import resource_policy_allows_its_event_source
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, messages, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document, text
from tests.policypack.rules.programs import function
from tests.policypack.rules.workloads import arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

WORK, NEWS = arn("sqs", "work"), arn("sns", "news")


def lets(service: str, source: Any = None, action: str = "sqs:SendMessage") -> dict[str, Any]:
    """Give a statement that allows a service for a source."""
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": action}
    condition = {"Condition": {"ArnEquals": {"aws:SourceArn": source}}} if source else {}
    return {**statement, "Resource": WORK, **condition}


def queue(*statements: Any, policy: Any = None) -> aws.sqs.Queue:
    """Give a queue with these statements in its policy."""
    work = aws.sqs.Queue("work", name="work")
    if statements or policy:
        aws.sqs.QueuePolicy("policy", queue_url=work.url, policy=policy or text(document(*statements)))
    return work


def subscribed(*statements: Any, policy: Any = None) -> Builder:
    """Build a topic with a queue as subscriber."""

    def build() -> None:
        topic = aws.sns.Topic("news", name="news")
        endpoint = queue(*statements, policy=policy).arn
        aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="sqs", endpoint=endpoint)

    return build


def permitted(service: str, source: Any = None) -> Callable[[Any], None]:
    """Build a Lambda permission for a service."""

    def build(target: Any) -> None:
        aws.lambda_.Permission(
            "permission",
            action="lambda:InvokeFunction",
            function=target.name,
            principal=f"{service}.amazonaws.com",
            source_arn=source,
            source_account=ACCOUNT,
        )

    return build


def unpermitted(_: Any) -> None:
    """Build no permission."""


def calls(permission: Callable[[Any], None]) -> Builder:
    """Build a topic with a function as subscriber."""

    def build() -> None:
        topic, worker = aws.sns.Topic("news", name="news"), function("worker")
        permission(worker)
        aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="lambda", endpoint=worker.arn)

    return build


def email() -> None:
    """Build a topic with an email address as subscriber."""
    topic = aws.sns.Topic("news")
    aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="email", endpoint="team@example.com")


def triggered(*statements: Any, **settings: Any) -> Builder:
    """Build an EventBridge rule with a queue as target."""

    def build() -> None:
        rule = aws.cloudwatch.EventRule("rule", name="rule", schedule_expression="rate(1 hour)")
        aws.cloudwatch.EventTarget("handover", rule=rule.name, arn=queue(*statements).arn, **settings)

    return build


def notified(permission: Callable[[Any], None]) -> Builder:
    """Build a bucket that notifies a function."""

    def build() -> None:
        worker, bucket = function("worker"), aws.s3.Bucket("data", bucket="data")
        permission(worker)
        tells = aws.s3.BucketNotificationLambdaFunctionArgs(lambda_function_arn=worker.arn, events=["s3:*"])
        aws.s3.BucketNotification("handover", bucket=bucket.bucket, lambda_functions=[tells])

    return build


SNS = "SNS guide, 'Subscribing an Amazon SQS queue to an Amazon SNS topic'"
LAMBDA = "Lambda guide, 'Granting Lambda function access to AWS services'"
EVENTS = "EventBridge guide, 'Using resource-based policies for Amazon EventBridge'"


@examples(
    resource_policy_allows_its_event_source,
    "source, build",
    [
        (SNS, subscribed(lets("sns", NEWS)), PASS),
        (SNS, subscribed(lets("sns", "arn:aws:sns:*:*:news")), PASS),
        (SNS, subscribed(lets("sns")), PASS),  # resource-policy-prevents-confused-deputy asks for the source
        (SNS, subscribed({**lets("sns", NEWS), "Principal": "*"}), PASS),
        (SNS, email, PASS),
        (LAMBDA, calls(permitted("sns", NEWS)), PASS),
        (LAMBDA, notified(permitted("s3", "arn:aws:s3:::data")), PASS),
        (EVENTS, triggered(lets("events", arn("events", "rule/rule"))), PASS),
        (EVENTS, triggered(role_arn=f"arn:aws:iam::{ACCOUNT}:role/deliver"), PASS),
        (SNS, subscribed(), FAIL),
        (SNS, subscribed(lets("events")), FAIL),
        (SNS, subscribed(lets("sns", arn("sns", "other"))), FAIL),
        (SNS, subscribed(lets("sns", NEWS, "sqs:ReceiveMessage")), FAIL),
        (LAMBDA, calls(unpermitted), FAIL),
        (LAMBDA, calls(permitted("events")), FAIL),
        (LAMBDA, notified(unpermitted), FAIL),
        (LAMBDA, notified(permitted("s3", "arn:aws:s3:::other")), FAIL),
        (EVENTS, triggered(), FAIL),
        ("unknowns", subscribed(policy=UNKNOWN), UNDECIDED),
    ],
)
def test_resource_policy_allows_its_event_source(source: str, build: Builder, verdict: Verdict) -> None:
    """The policy of the receiver allows the event source."""
    assert judge(resource_policy_allows_its_event_source, program(build)) == verdict, source


def test_message_names_source_receiver_and_service() -> None:
    """The subject is the subscription."""
    assert messages(resource_policy_allows_its_event_source, program(subscribed())) == [
        "delivers from news to work, whose policy does not allow sns for this source"
    ]
