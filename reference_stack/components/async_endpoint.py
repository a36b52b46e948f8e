"""A model that works through a backlog, on instances that are there only while there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import Statement, allow, document, refuse_plain_http, use_key
from pulumi_aws import sns
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigArgs as Async
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigClientConfigArgs as Client
from pulumi_aws.sagemaker import EndpointConfigurationAsyncInferenceConfigOutputConfigArgs as Output
from pulumi_aws.sagemaker import (
    EndpointConfigurationAsyncInferenceConfigOutputConfigNotificationConfigArgs as Notification,
)
from pulumi_aws.sagemaker import EndpointConfigurationProductionVariantArgs as Variant

from components.async_scaling import scale_with_backlog
from components.deployment import blue_green
from components.hosting import VARIANT, Hosted, HostingArgs
from components.private_bucket import PrivateBucket, PrivateBucketArgs

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCHES: Final = "batches/"
INPUT: Final = "input/"
OUTPUT: Final = "output/"
FAILURES: Final = "failures/"
KEPT_DAYS: Final = 30
"""Longer than a notification can wait: 4 days in its queue and 14 in the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class AsyncEndpointArgs:
    """On what the model runs, and where what goes in and comes out is kept.

    hosting: what all shapes have. bucket_name: of the bucket that is made. instance_type: `ml.`...; most: instances at
    most, none while there is nothing to do. backlog_per_instance: batches that wait for one instance, above which more
    are started. parallel: batches that one instance works on at a time. late_seconds: how old the oldest batch may
    become before somebody is told. disposable: whether the bucket may be destroyed with what is in it.
    """

    hosting: HostingArgs
    bucket_name: pulumi.Input[str]
    instance_type: str = "ml.c5.large"
    most: pulumi.Input[int] = 4
    backlog_per_instance: pulumi.Input[float] = 5.0
    parallel: pulumi.Input[int] = 4
    late_seconds: pulumi.Input[float] = 1_800.0
    disposable: bool = False


class AsyncEndpoint(Hosted):
    """An endpoint with a queue of SageMaker's own: batches go in and come out by a bucket, and topics tell of each.

    `bucket`, a name, and `success_topic` and `error_topic`, ARNs, are known at preview. `ask` are the statements to
    hand in batches, `collect` those to fetch what became of them. The container has no network.
    """

    bucket: pulumi.Output[str]
    success_topic: pulumi.Output[str]
    error_topic: pulumi.Output[str]
    collect: Sequence[Statement]

    def __init__(self, name: str, args: AsyncEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("AsyncEndpoint", name, args.hosting, opts)
        hosting, place = args.hosting, args.hosting.place
        bucket = PrivateBucket(
            name,
            PrivateBucketArgs(
                place=place,
                bucket_name=args.bucket_name,
                key_arn=hosting.key_arn,
                days_by_prefix=dict.fromkeys((BATCHES, INPUT, OUTPUT, FAILURES), KEPT_DAYS),
                disposable=args.disposable,
                tags=hosting.alerting.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = bucket.name
        self.success_topic, self.error_topic = self._topic(f"{name}-done"), self._topic(f"{name}-failed")
        alarms = self._watch()
        self._watch_backlog(args.late_seconds)
        self._host(
            [
                allow(["s3:GetObject"], [self._inside(INPUT)]),
                allow(["s3:AbortMultipartUpload", "s3:PutObject"], [self._inside(OUTPUT), self._inside(FAILURES)]),
                allow(["sns:Publish"], [self.success_topic, self.error_topic]),
                allow(["cloudwatch:DescribeAlarms"], [place.alarm(alarm.name) for alarm in alarms]),
            ],
            writes_via=["s3", "sns"],
        )
        endpoint = self._serve(
            Variant(
                variant_name=VARIANT,
                model_name=self._model.name,
                instance_type=args.instance_type,
                initial_instance_count=1,
            ),
            deployment=blue_green(alarms, canary=False),
            depends_on=bucket.settled,
            async_inference_config=Async(
                client_config=Client(max_concurrent_invocations_per_instance=args.parallel),
                output_config=Output(
                    s3_output_path=pulumi.Output.concat("s3://", bucket.name, "/", OUTPUT),
                    s3_failure_path=pulumi.Output.concat("s3://", bucket.name, "/", FAILURES),
                    kms_key_id=hosting.key_arn,
                    notification_config=Notification(success_topic=self.success_topic, error_topic=self.error_topic),
                ),
            ),
        )
        self.ask = [
            allow(["sagemaker:InvokeEndpointAsync"], [place.endpoint(endpoint.name)]),
            allow(["s3:PutObject"], [self._inside(BATCHES), self._inside(INPUT)]),
            use_key(place, hosting.key_alias, ["s3"], ["kms:GenerateDataKey"]),
        ]
        self.collect = [
            allow(["s3:GetObject"], [self._inside(BATCHES), self._inside(OUTPUT)]),
            allow(["s3:DeleteObject"], [self._inside(BATCHES)]),
            allow(["s3:ListBucket"], [place.bucket(bucket.name)]),  # without it S3 does not say that an object is gone
        ]
        scale_with_backlog(
            name,
            endpoint,
            variant=VARIANT,
            most=args.most,
            backlog_per_instance=args.backlog_per_instance,
            tags=hosting.alerting.tags,
            parent=self,
        )

    def _inside(self, prefix: str) -> pulumi.Output[str]:
        return self._args.place.bucket(self.bucket, f"/{prefix}*")

    def _topic(self, logical: str) -> pulumi.Output[str]:
        """An encrypted topic that only roles of the account publish to, over TLS. Gives its ARN."""
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(logical, kms_master_key_id=self._args.key_alias, tags=self._args.alerting.tags, opts=child)
        arn = self._args.place.topic(topic.name)
        sns.TopicPolicy(logical, arn=topic.arn, policy=document(refuse_plain_http("sns:Publish", arn)), opts=child)
        return arn

    def _watch_backlog(self, late_seconds: pulumi.Input[float]) -> None:
        oldest = self._metric("ApproximateAgeOfOldestRequest", "Maximum", variant=False)
        self._alarm("late", oldest, late_seconds, "Batches wait longer than they should: there are too few instances")
        for metric in ("ExpiredRequests", "NotificationFailures"):
            description = f"Batches are lost to the worker: {metric} of the endpoint"
            self._alarm(metric.lower(), self._metric(metric, "Sum"), 0.0, description)
