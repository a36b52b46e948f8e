"""The AWS account and region of the stack, and the ARNs of its resources.

ARNs are built from names. Names are known at preview, `.arn` outputs are not, and a policy document that contains one
unknown ARN is unknown as a whole: no policy could check it before the deployment.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class AwsEnvironment:
    """Partition (`aws`), DNS suffix (`amazonaws.com`), region and account id."""

    partition: str
    dns_suffix: str
    region: str
    account: str

    @staticmethod
    def current() -> AwsEnvironment:
        """The environment of the current credentials and region."""
        partition = aws.get_partition()
        return AwsEnvironment(
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
            region=aws.get_region().region,
            account=aws.get_caller_identity().account_id,
        )

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a resource in this account and region: `queue_arn(name)` is `arn("sqs", name)`."""
        return pulumi.Output.concat(f"arn:{self.partition}:{service}:{self.region}:{self.account}:", resource)

    def queue_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an SQS queue."""
        return self.arn("sqs", name)

    def topic_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an SNS topic."""
        return self.arn("sns", name)

    def table_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a DynamoDB table."""
        return self.arn("dynamodb", pulumi.Output.concat("table/", name))

    def bucket_arn(self, name: pulumi.Input[str], path: str = "") -> pulumi.Output[str]:
        """The ARN of an S3 bucket, or with a path (`/models/*`) of objects in it. It contains no account id."""
        return pulumi.Output.concat(f"arn:{self.partition}:s3:::", name, path)

    def function_alias_arn(self, name: pulumi.Input[str], alias: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an alias of a Lambda function."""
        return self.arn("lambda", pulumi.Output.concat("function:", name, ":", alias))

    def endpoint_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a SageMaker endpoint, which SageMaker writes in lower case."""
        return self.arn("sagemaker", pulumi.Output.concat("endpoint/", name).apply(str.lower))

    def alarm_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a CloudWatch alarm."""
        return self.arn("cloudwatch", pulumi.Output.concat("alarm:", name))

    def log_group_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a log group."""
        return self.arn("logs", pulumi.Output.concat("log-group:", name))

    def log_streams_arn(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of all log streams of a log group."""
        return pulumi.Output.concat(self.log_group_arn(name), ":*")

    def via_service(self, service: str) -> str:
        """The value of `kms:ViaService` for a service."""
        return f"{service}.{self.region}.{self.dns_suffix}"
