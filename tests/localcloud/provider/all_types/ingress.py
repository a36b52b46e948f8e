"""Two ways in: a bus whose rule sends on to a queue, and an API whose route does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping


def bus(owner: Mapping[str, str], queue: aws.sqs.Queue, dead: aws.sqs.Queue, *, changed: bool) -> None:
    """Make the bus with all that belongs to it."""
    events = aws.cloudwatch.EventBus("shop", description="all of it" if changed else "everything", tags=owner)
    rule = aws.cloudwatch.EventRule(
        "orders",
        event_bus_name=events.name,
        event_pattern=json.dumps({"source": ["shop", "till"] if changed else ["shop"]}),
        state="DISABLED" if changed else "ENABLED",
        tags=owner,
    )
    aws.cloudwatch.EventTarget(
        "orders",
        rule=rule.name,
        event_bus_name=events.name,
        target_id="queue",
        arn=queue.arn,
        input_path=None if changed else "$.detail",
        input_transformer=(
            aws.cloudwatch.EventTargetInputTransformerArgs(input_paths={"id": "$.id"}, input_template='{"id": <id>}')
            if changed
            else None
        ),
        retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=3600, maximum_retry_attempts=6 if changed else 5
        ),
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),
    )
    nightly = aws.cloudwatch.EventRule("nightly", schedule_expression="rate(1 day)")
    aws.cloudwatch.EventTarget("nightly", rule=nightly.name, arn=queue.arn, input='{"night": true}')
    aws.cloudwatch.EventArchive("shop", event_source_arn=events.arn, retention_days=30 if changed else 7)


def api(
    owner: Mapping[str, str],
    queue: aws.sqs.Queue,
    role: aws.iam.Role,
    logs: aws.cloudwatch.LogGroup,
    *,
    changed: bool,
) -> None:
    """Make the API with all that belongs to it."""
    http = aws.apigatewayv2.Api("http", protocol_type="HTTP", description="changed" if changed else None, tags=owner)
    integration = aws.apigatewayv2.Integration(
        "queue",
        api_id=http.id,
        integration_type="AWS_PROXY",
        integration_subtype="SQS-SendMessage",
        credentials_arn=role.arn,
        payload_format_version="1.0",
        request_parameters={"QueueUrl": queue.url, "MessageBody": "$request.body"},
        timeout_milliseconds=6000 if changed else 5000,
    )
    aws.apigatewayv2.Route(
        "items",
        api_id=http.id,
        route_key="POST /things" if changed else "POST /items",
        authorization_type="AWS_IAM",
        target=integration.id.apply("integrations/{}".format),
    )
    aws.apigatewayv2.Stage(
        "default",
        api_id=http.id,
        name="$default",
        auto_deploy=True,
        access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
            destination_arn=logs.arn, format="$context.requestId $context.status"
        ),
        default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
            throttling_burst_limit=20 if changed else 10, throttling_rate_limit=10, detailed_metrics_enabled=True
        ),
        tags=owner,
    )
