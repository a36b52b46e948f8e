"""What watches: a dashboard, an alarm on an alarm, a budget; and what happens to a bucket's objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping


def watching(
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


def keeping(bucket: aws.s3.Bucket, log_bucket: aws.s3.Bucket, *, changed: bool) -> None:
    """Say what happens to a bucket's objects, and who is told of them."""
    aws.s3.BucketLifecycleConfiguration(
        "models",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="capture",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="capture/"),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=60 if changed else 30),
                noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=7
                ),
                abort_incomplete_multipart_upload=(
                    aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(days_after_initiation=7)
                ),
            ),
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="old",
                status="Enabled",
                noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=30
                ),
            ),
        ],
    )
    owned = aws.s3.BucketOwnershipControls(
        "models",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(
            object_ownership="BucketOwnerEnforced" if changed else "BucketOwnerPreferred"
        ),
    )
    aws.s3.BucketNotification("models", bucket=bucket.bucket, eventbridge=True)
    aws.s3.BucketLogging(
        "models",
        bucket=bucket.bucket,
        target_bucket=log_bucket.bucket,
        target_prefix="requests/" if changed else "log/",
        opts=pulumi.ResourceOptions(depends_on=[owned]),
    )
