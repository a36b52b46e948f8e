"""Small architectures of real resource classes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from policypack.testing import ACCOUNT, REGION, program
from tests.policypack.rules.programs import function, mapping, role, table

if TYPE_CHECKING:
    from policypack.model import Stack

PREFIX = f"{REGION}:{ACCOUNT}"
JOBS, FAILED = f"arn:aws:sqs:{PREFIX}:jobs", f"arn:aws:sqs:{PREFIX}:failed"


def short(urn: str) -> str:
    """The last part of the type and the name in a URN: `Queue jobs`."""
    _, _, types, name = urn.split("::")
    return f"{types.rpartition(':')[2]} {name}"


def inline_policy(name: str, role_name: Any, *statements: dict[str, Any]) -> aws.iam.RolePolicy:
    """An inline policy of a role."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return aws.iam.RolePolicy(name, role=role_name, policy=document)


def allow(actions: str | list[str], *resources: str) -> dict[str, Any]:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def worker(*statements: dict[str, Any], **mapped: Any) -> Stack:
    """A queue with a dead-letter queue, consumed by a function that has a role with these statements."""

    def build() -> None:
        aws.sqs.Queue("failed", name="failed")
        redrive = json.dumps({"deadLetterTargetArn": FAILED, "maxReceiveCount": 5})
        aws.sqs.Queue("jobs", name="jobs", redrive_policy=redrive)
        table("results", name="results")
        aws.s3.Bucket("files", bucket="files")
        runner = role("worker", name="worker")
        inline_policy("worker", "worker", *statements)
        mapping(JOBS, function("worker", role=runner.arn).name, **mapped)

    return program(build)


def event_bus(**target: Any) -> Stack:
    """A bus with a rule that sends the detail of `order` events to a queue; what is undeliverable goes to another."""

    def build() -> None:
        aws.sqs.Queue("failed", name="failed")
        aws.sqs.Queue("jobs", name="jobs")
        bus = aws.cloudwatch.EventBus("orders", name="orders")
        pattern = json.dumps({"detail-type": ["order"]})
        rule = aws.cloudwatch.EventRule("orders", name="orders", event_bus_name=bus.name, event_pattern=pattern)
        aws.cloudwatch.EventTarget("orders", rule=rule.name, event_bus_name=bus.name, arn=JOBS, **target)

    return program(build)


def http_api() -> Stack:
    """An HTTP API that sends the body of a request to a queue, with a role of its own."""

    def build() -> None:
        queue = aws.sqs.Queue("jobs", name="jobs")
        sender = role("api", "apigateway.amazonaws.com", name="api")
        inline_policy("api", "api", allow("sqs:SendMessage", JOBS))
        api = aws.apigatewayv2.Api("entry", name="entry", protocol_type="HTTP")
        integration = aws.apigatewayv2.Integration(
            "entry",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_subtype="SQS-SendMessage",
            credentials_arn=sender.arn,
            request_parameters={"QueueUrl": queue.url, "MessageBody": "$request.body"},
        )
        target = pulumi.Output.concat("integrations/", integration.id)
        aws.apigatewayv2.Route("entry", api_id=api.id, route_key="POST /jobs", target=target)

    return program(build)


def notified_queue() -> Stack:
    """A queue that is subscribed to a topic, and a budget that notifies the topic twice."""

    def build() -> None:
        topic = aws.sns.Topic("news", name="news")
        aws.sqs.Queue("failed", name="failed")
        aws.sqs.Queue("jobs", name="jobs")
        aws.sns.TopicSubscription(
            "news",
            topic=topic.arn,
            protocol="sqs",
            endpoint=JOBS,
            redrive_policy=json.dumps({"deadLetterTargetArn": FAILED}),
        )
        aws.budgets.Budget(
            "costs",
            budget_type="COST",
            time_unit="MONTHLY",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=80.0,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[f"arn:aws:sns:{PREFIX}:news"],
                )
                for kind in ("ACTUAL", "FORECASTED")
            ],
        )

    return program(build)


def endpoint(*models: str) -> Stack:
    """An endpoint with one variant for each of these models."""

    def build() -> None:
        for name in models:
            aws.sagemaker.Model(name, name=name, execution_role_arn=f"arn:aws:iam::{ACCOUNT}:role/{name}")
        variants = [
            aws.sagemaker.EndpointConfigurationProductionVariantArgs(variant_name=name, model_name=name)
            for name in models
        ]
        configuration = aws.sagemaker.EndpointConfiguration("serving", name="serving", production_variants=variants)
        aws.sagemaker.Endpoint("serving", name="serving", endpoint_config_name=configuration.name)

    return program(build)
