"""An asynchronous inference endpoint, with instances only while there is a backlog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import Statement, allow, allow_key_use, deny_insecure_transport, document
from pulumi_aws import sns
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigArgs as Async
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigClientConfigArgs as Client
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigOutputConfigArgs as Output
from pulumi_aws.sagemaker import (
    EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs as Notification,
)
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant

from components.async_scaling import scale_with_backlog
from components.blue_green_deployment import blue_green
from components.hosting import VARIANT, HostedEndpoint, HostingArgs
from components.private_bucket import PrivateBucket, PrivateBucketArgs

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCHES: Final = "batches/"
INPUT: Final = "input/"
OUTPUT: Final = "output/"
FAILURES: Final = "failures/"
EXPIRATION_DAYS: Final = 30
"""Longer than a notification can exist: 4 days in its queue and 14 in the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class AsyncEndpointArgs:
    """Instances, bucket and limits of the endpoint.

    hosting: what all shapes have. bucket_name: of the bucket to create. instance_type: `ml.`...; max_instances: the
    minimum is 0. backlog_per_instance: waiting batches per instance above which it scales out.
    max_concurrent_invocations: batches that one instance processes at a time. max_age_seconds: age of the oldest batch
    above which an alarm is raised. force_destroy: whether the bucket may be deleted with its objects.
    """

    hosting: HostingArgs
    bucket_name: pulumi.Input[str]
    instance_type: str = "ml.c5.large"
    max_instances: pulumi.Input[int] = 4
    backlog_per_instance: pulumi.Input[float] = 5.0
    max_concurrent_invocations: pulumi.Input[int] = 4
    max_age_seconds: pulumi.Input[float] = 1_800.0
    force_destroy: bool = False


class AsyncEndpoint(HostedEndpoint):
    """An endpoint with SageMaker's own queue: input and results are objects in a bucket, and SNS topics notify.

    `bucket`, a name, and `success_topic` and `error_topic`, ARNs, are known at preview. `invoke_grants`: statements to
    submit batches; `collect_grants`: statements to read their results. The container has no network access.
    """

    bucket: pulumi.Output[str]
    success_topic: pulumi.Output[str]
    error_topic: pulumi.Output[str]
    collect_grants: Sequence[Statement]

    def __init__(self, name: str, args: AsyncEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("AsyncEndpoint", name, args.hosting, opts)
        hosting, aws_env = args.hosting, args.hosting.aws_env
        bucket = PrivateBucket(
            name,
            PrivateBucketArgs(
                aws_env=aws_env,
                bucket_name=args.bucket_name,
                key_arn=hosting.key_arn,
                days_by_prefix=dict.fromkeys((BATCHES, INPUT, OUTPUT, FAILURES), EXPIRATION_DAYS),
                force_destroy=args.force_destroy,
                tags=hosting.alerting.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = bucket.name
        self.success_topic, self.error_topic = self._topic(f"{name}-done"), self._topic(f"{name}-failed")
        alarms = self._create_alarms()
        self._create_backlog_alarms(args.max_age_seconds)
        self._create_model(
            [
                allow(["s3:GetObject"], [self._inside(INPUT)]),
                allow(["s3:AbortMultipartUpload", "s3:PutObject"], [self._inside(OUTPUT), self._inside(FAILURES)]),
                allow(["sns:Publish"], [self.success_topic, self.error_topic]),
                allow(["cloudwatch:DescribeAlarms"], [aws_env.alarm_arn(alarm.name) for alarm in alarms]),
            ],
            writes_via=["s3", "sns"],
        )
        endpoint = self._create_endpoint(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                instance_type=args.instance_type,
                initial_instance_count=1,
            ),
            deployment=blue_green(alarms, canary=False),
            depends_on=bucket.configured,
            async_inference_config=Async(
                client_config=Client(max_concurrent_invocations_per_instance=args.max_concurrent_invocations),
                output_config=Output(
                    s3_output_path=pulumi.Output.concat("s3://", bucket.name, "/", OUTPUT),
                    s3_failure_path=pulumi.Output.concat("s3://", bucket.name, "/", FAILURES),
                    kms_key_id=hosting.key_arn,
                    notification_config=Notification(success_topic=self.success_topic, error_topic=self.error_topic),
                ),
            ),
        )
        self.invoke_grants = [
            allow(["sagemaker:InvokeEndpointAsync"], [aws_env.endpoint_arn(endpoint.name)]),
            allow(["s3:PutObject"], [self._inside(BATCHES), self._inside(INPUT)]),
            allow_key_use(aws_env, hosting.key_alias, ["s3"], ["kms:GenerateDataKey"]),
        ]
        self.collect_grants = [
            allow(["s3:GetObject"], [self._inside(BATCHES), self._inside(OUTPUT)]),
            allow(["s3:DeleteObject"], [self._inside(BATCHES)]),
            allow(
                ["s3:ListBucket"], [aws_env.bucket_arn(bucket.name)]
            ),  # without it S3 returns 403 for a missing object
        ]
        scale_with_backlog(
            name,
            endpoint,
            variant=VARIANT,
            max_instances=args.max_instances,
            backlog_per_instance=args.backlog_per_instance,
            tags=hosting.alerting.tags,
            parent=self,
        )

    def _inside(self, prefix: str) -> pulumi.Output[str]:
        return self._args.aws_env.bucket_arn(self.bucket, f"/{prefix}*")

    def _topic(self, logical: str) -> pulumi.Output[str]:
        """Create an encrypted topic that only accepts TLS; return its ARN."""
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(logical, kms_master_key_id=self._args.key_alias, tags=self._args.alerting.tags, opts=child)
        arn = self._args.aws_env.topic_arn(topic.name)
        sns.TopicPolicy(
            logical, arn=topic.arn, policy=document(deny_insecure_transport("sns:Publish", arn)), opts=child
        )
        return arn

    def _create_backlog_alarms(self, max_age_seconds: pulumi.Input[float]) -> None:
        oldest = self._metric("ApproximateAgeOfOldestRequest", "Maximum", variant=False)
        self._alarm(
            "late", oldest, max_age_seconds, "Batches wait longer than they should: there are too few instances"
        )
        for metric in ("ExpiredRequests", "NotificationFailures"):
            description = f"Batches are lost to the worker: {metric} of the endpoint"
            self._alarm(metric.lower(), self._metric(metric, "Sum"), 0.0, description)
