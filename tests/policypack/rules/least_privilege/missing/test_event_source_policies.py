"""Hand-overs whose receiver lets nobody in."""

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
    """Give a statement that lets a service in for a source."""
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
    """Build a topic that hands over to a queue."""

    def build() -> None:
        topic = aws.sns.Topic("news", name="news")
        endpoint = queue(*statements, policy=policy).arn
        aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="sqs", endpoint=endpoint)

    return build


def permitted(service: str, source: Any = None) -> Callable[[Any], None]:
    """Build the permission of a function for a service."""

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
    """Build a topic that calls a function."""

    def build() -> None:
        topic, worker = aws.sns.Topic("news", name="news"), function("worker")
        permission(worker)
        aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="lambda", endpoint=worker.arn)

    return build


def mailed() -> None:
    """Build a topic that writes to people."""
    topic = aws.sns.Topic("news")
    aws.sns.TopicSubscription("handover", topic=topic.arn, protocol="email", endpoint="team@example.com")


def triggered(*statements: Any, **settings: Any) -> Builder:
    """Build a rule that hands over to a queue."""

    def build() -> None:
        rule = aws.cloudwatch.EventRule("rule", name="rule", schedule_expression="rate(1 hour)")
        aws.cloudwatch.EventTarget("handover", rule=rule.name, arn=queue(*statements).arn, **settings)

    return build


def notified(permission: Callable[[Any], None]) -> Builder:
    """Build a bucket that calls a function."""

    def build() -> None:
        worker, bucket = function("worker"), aws.s3.Bucket("data", bucket="data")
        permission(worker)
        tells = aws.s3.BucketNotificationLambdaFunctionArgs(lambda_function_arn=worker.arn, events=["s3:*"])
        aws.s3.BucketNotification("handover", bucket=bucket.bucket, lambda_functions=[tells])

    return build


SNS = "d13: SNS to SQS: the queue policy names the stack's topic (SNS guide, 'Subscribing an SQS queue to a topic')"
LAMBDA = "d13: both halves of a hand-over (Lambda guide, 'Granting Lambda function access to AWS services')"
EVENTS = "d13: both halves of a hand-over (EventBridge guide, 'Using resource-based policies')"


@examples(
    resource_policy_allows_its_event_source,
    "source, build",
    [
        (SNS, subscribed(lets("sns", NEWS)), PASS),
        (SNS, subscribed(lets("sns", "arn:aws:sns:*:*:news")), PASS),
        (SNS, subscribed(lets("sns")), PASS),  # c2 asks for the source
        (SNS, subscribed({**lets("sns", NEWS), "Principal": "*"}), PASS),
        (SNS, mailed, PASS),
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
    """Who hands over is let in by the receiver."""
    assert judge(resource_policy_allows_its_event_source, program(build)) == verdict, source


def test_both_halves_are_named() -> None:
    """And the service in between."""
    assert messages(resource_policy_allows_its_event_source, program(subscribed())) == [
        "hands over from news to work, which lets sns in nowhere for it"
    ]
