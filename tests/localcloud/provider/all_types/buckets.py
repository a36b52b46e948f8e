"""A bucket's settings: who may, how it is encrypted, what is kept, who is told."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from iam_documents import open_to  # type: ignore[import-not-found] # beside this file where the engine runs it


def configure_access(bucket: aws.s3.Bucket, key: aws.kms.Key) -> None:
    """Say who may do what, and how it is encrypted."""
    aws.s3.BucketPublicAccessBlock(
        "models",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketVersioning(
        "models",
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "models",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=(
                    aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=key.arn
                    )
                ),
                bucket_key_enabled=True,
            )
        ],
    )
    aws.s3.BucketObjectv2(
        "weights.bin",
        bucket=bucket.bucket,
        source=pulumi.FileAsset("weights.bin"),
        server_side_encryption="aws:kms",
        kms_key_id=key.arn,
        bucket_key_enabled=True,
    )
    aws.s3.BucketPolicy(
        "models",
        bucket=bucket.bucket,
        policy=open_to("sagemaker.amazonaws.com", "s3:GetObject", pulumi.Output.concat(bucket.arn, "/*")),
    )


def configure_storage(bucket: aws.s3.Bucket, log_bucket: aws.s3.Bucket, *, changed: bool) -> None:
    """Say what happens to its objects, and who is told of them."""
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
