"""A bucket that only roles of the account can access."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import deny_insecure_transport, document
from pulumi_aws import s3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_environment import AwsEnvironment

ABANDONED_UPLOAD_DAYS: Final = 7
OLD_VERSION_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """Name, encryption and lifecycle of the bucket.

    bucket_name: globally unique. key_arn: of the key. days_by_prefix: days after which objects under a prefix
    (`output/`) expire; all others stay. force_destroy: whether the bucket may be deleted with its objects, which then
    need no lifecycle rules.
    """

    aws_env: AwsEnvironment
    bucket_name: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    days_by_prefix: Mapping[str, int] = field(default_factory=dict)
    force_destroy: bool = False


class PrivateBucket(pulumi.ComponentResource):
    """An S3 bucket: versioned, encrypted with the key, without public access, plain HTTP and ACLs.

    Noncurrent versions expire after a month, then also their delete marker. `name` is known at preview, `arn` once the
    bucket exists. Resources that write objects should depend on `configured`, the bucket's settings.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    configured: list[pulumi.Resource]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:bucket:PrivateBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = s3.Bucket(name, bucket=args.bucket_name, force_destroy=args.force_destroy, tags=args.tags, opts=child)
        arn = args.aws_env.bucket_arn(bucket.bucket)
        closed = s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        encrypted = s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=args.key_arn
                    ),
                    bucket_key_enabled=True,
                )
            ],
            opts=child,
        )
        versioned = s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        policy = s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=document(deny_insecure_transport("s3:*", arn, pulumi.Output.concat(arn, "/*"))),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        if not args.force_destroy:
            s3.BucketLifecycleConfiguration(
                name,
                bucket=bucket.bucket,
                rules=[
                    _cleanup_rule(),
                    *(_expiration_rule(prefix, days) for prefix, days in args.days_by_prefix.items()),
                ],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[versioned]),
            )
        self.name, self.arn, self.configured = bucket.bucket, bucket.arn, [encrypted, versioned, policy]
        self.register_outputs({"name": self.name, "arn": self.arn})


def _cleanup_rule() -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=OLD_VERSION_DAYS
        ),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABANDONED_UPLOAD_DAYS
        ),
    )


def _expiration_rule(prefix: str, days: int) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=prefix.strip("/").replace("/", "-"),
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )
