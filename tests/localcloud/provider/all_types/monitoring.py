"""What watches: a topic, alarms, a dashboard, a budget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi_aws as aws
from iam_documents import open_to  # type: ignore[import-not-found] # beside this file where the engine runs it

if TYPE_CHECKING:
    from collections.abc import Mapping


def alarms(
    owner: Mapping[str, str],
    key: aws.kms.Key,
    dead: aws.sqs.Queue,
    function: aws.lambda_.Function,
    *,
    changed: bool,
) -> tuple[aws.sns.Topic, aws.cloudwatch.MetricAlarm]:
    """Make alarms on a metric and on a query, and the topic that hears of them."""
    topic = aws.sns.Topic(
        "alarms", kms_master_key_id=key.arn, display_name="alarms!" if changed else "alarms", tags=owner
    )
    aws.sns.TopicPolicy("alarms", arn=topic.arn, policy=open_to("cloudwatch.amazonaws.com", "sns:Publish", topic.arn))
    aws.sns.TopicSubscription(
        "alarms", topic=topic.arn, protocol="sqs", endpoint=dead.arn, raw_message_delivery=not changed
    )
    alarm = aws.cloudwatch.MetricAlarm(
        "dead",
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": dead.name},
        statistic="Maximum",
        comparison_operator="GreaterThanThreshold",
        threshold=1 if changed else 0,
        period=60,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=[topic.arn],
        tags=owner,
    )
    aws.cloudwatch.MetricAlarm(
        "errors",
        comparison_operator="GreaterThanThreshold",
        threshold=0.05,
        evaluation_periods=2,
        metric_queries=[
            aws.cloudwatch.MetricAlarmMetricQueryArgs(id="rate", expression="errors / calls", return_data=True),
            *(
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id=name,
                    metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                        namespace="AWS/Lambda",
                        metric_name=metric,
                        period=60,
                        stat="Sum",
                        dimensions={"FunctionName": function.name},
                    ),
                )
                for name, metric in (("errors", "Errors"), ("calls", "Invocations"))
            ),
        ],
    )
    return topic, alarm


def monitoring(
    owner: Mapping[str, str], alarm: aws.cloudwatch.MetricAlarm, topic: aws.sns.Topic, *, changed: bool
) -> None:
    """Make what watches."""
    title = "changed" if changed else "all"
    text = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": title}}
    aws.cloudwatch.Dashboard("all", dashboard_name="everything", dashboard_body=json.dumps({"widgets": [text]}))
    aws.cloudwatch.CompositeAlarm(
        "all",
        alarm_name="everything",
        alarm_rule=alarm.name.apply(f"{'NOT ' if changed else ''}ALARM({{}})".format),
        alarm_actions=[topic.arn],
        alarm_description=title,
        tags=owner,
    )
    aws.budgets.Budget(
        "all",
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount="200" if changed else "100",
        limit_unit="USD",
        cost_filters=[aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=["user:owner$provider-test"])],
        notifications=[
            aws.budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                threshold=threshold,
                threshold_type="PERCENTAGE",
                notification_type="ACTUAL",
                subscriber_sns_topic_arns=[topic.arn],
            )
            for threshold in ((50, 90) if changed else (80,))
        ],
        tags=owner,
    )
