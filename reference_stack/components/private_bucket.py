"""A bucket that only roles of the account reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi
from documents import document, refuse_plain_http
from pulumi_aws import s3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from place import Place

ABANDONED_UPLOAD_DAYS: Final = 7
OLD_VERSION_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """What is kept, and how long.

    bucket_name: the bucket's, which nobody else in the world may have. key_arn: of the key. days_by_prefix: after how
    many days objects under a prefix (`output/`) are deleted; all others stay. disposable: whether the bucket may be
    destroyed with what is in it, so that nothing in it needs an end of its own.
    """

    place: Place
    bucket_name: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    days_by_prefix: Mapping[str, int] = field(default_factory=dict)
    disposable: bool = False


class PrivateBucket(pulumi.ComponentResource):
    """An S3 bucket: versioned, encrypted under the key, closed to the public, to plain HTTP and to ACLs.

    Old versions go after a month, and with the last of them the marker of a deletion. `name` is known at preview,
    `arn` once the bucket exists. What goes into it should depend on `settled`, the settings.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    settled: list[pulumi.Resource]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:bucket:PrivateBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = s3.Bucket(name, bucket=args.bucket_name, force_destroy=args.disposable, tags=args.tags, opts=child)
        arn = args.place.bucket(bucket.bucket)
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
            policy=document(refuse_plain_http("s3:*", arn, pulumi.Output.concat(arn, "/*"))),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        if not args.disposable:
            s3.BucketLifecycleConfiguration(
                name,
                bucket=bucket.bucket,
                rules=[_tidy(), *(_expire(prefix, days) for prefix, days in args.days_by_prefix.items())],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[versioned]),
            )
        self.name, self.arn, self.settled = bucket.bucket, bucket.arn, [encrypted, versioned, policy]
        self.register_outputs({"name": self.name, "arn": self.arn})


def _tidy() -> s3.BucketLifecycleConfigurationRuleArgs:
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


def _expire(prefix: str, days: int) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=prefix.strip("/").replace("/", "-"),
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )
