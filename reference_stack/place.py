"""Where the stack is, and the ARNs of what it makes there.

ARNs are built from names. Names are known at preview, `.arn` outputs are not, and a policy document with one unknown
ARN in it is unknown as a whole: nobody could judge it before it is in force.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class Place:
    """A partition (`aws`), its DNS suffix (`amazonaws.com`), a region in it, and the number of the account."""

    partition: str
    dns_suffix: str
    region: str
    account: str

    @staticmethod
    def current() -> Place:
        """Ask AWS where the credentials and the region of this run lead."""
        partition = aws.get_partition()
        return Place(
            partition=partition.partition,
            dns_suffix=partition.dns_suffix,
            region=aws.get_region().region,
            account=aws.get_caller_identity().account_id,
        )

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a resource of this account and region: `queue(name)` is `arn("sqs", name)`."""
        return pulumi.Output.concat(f"arn:{self.partition}:{service}:{self.region}:{self.account}:", resource)

    def queue(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an SQS queue."""
        return self.arn("sqs", name)

    def topic(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an SNS topic."""
        return self.arn("sns", name)

    def table(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a DynamoDB table."""
        return self.arn("dynamodb", pulumi.Output.concat("table/", name))

    def bucket(self, name: pulumi.Input[str], path: str = "") -> pulumi.Output[str]:
        """The ARN of an S3 bucket, or of what a path in it matches (`/models/*`). S3's ARNs hold no account."""
        return pulumi.Output.concat(f"arn:{self.partition}:s3:::", name, path)

    def function(self, name: pulumi.Input[str], alias: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of an alias of a Lambda function."""
        return self.arn("lambda", pulumi.Output.concat("function:", name, ":", alias))

    def endpoint(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a SageMaker endpoint, which SageMaker writes in small letters."""
        return self.arn("sagemaker", pulumi.Output.concat("endpoint/", name).apply(str.lower))

    def alarm(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a CloudWatch alarm."""
        return self.arn("cloudwatch", pulumi.Output.concat("alarm:", name))

    def log_group(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of a log group."""
        return self.arn("logs", pulumi.Output.concat("log-group:", name))

    def log_streams(self, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The ARN of all log streams of a log group."""
        return pulumi.Output.concat(self.log_group(name), ":*")

    def caller(self, service: str) -> str:
        """The name under which KMS sees a service that uses a key for somebody (`kms:ViaService`)."""
        return f"{service}.{self.region}.{self.dns_suffix}"
