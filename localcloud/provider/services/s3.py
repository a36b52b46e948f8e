"""S3: buckets."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider import api_parameters, aws_clients, naming
from localcloud.provider.regular_kind import prefix_of, tagged
from localcloud.provider.resource_kind import Call, Kind, Name, Table

ZONE = "Z1BKCTXD74EZPE"
"""Route 53's hosted zone of S3 websites in eu-west-1; AWS, "Amazon S3 endpoints and quotas"."""

SEPARATE = {
    "accelerationStatus": "aws.s3.BucketAccelerateConfiguration on a real account",
    "acl": "aws.s3.BucketOwnershipControls and a bucket policy",
    "corsRules": "aws.s3.BucketCorsConfiguration on a real account",
    "grants": "a bucket policy",
    "lifecycleRules": "aws.s3.BucketLifecycleConfiguration",
    "logging": "aws.s3.BucketLogging on a real account",
    "objectLockConfiguration": "aws.s3.BucketObjectLockConfiguration on a real account",
    "policy": "aws.s3.BucketPolicy",
    "replicationConfiguration": "one region",
    "requestPayer": "aws.s3.BucketRequestPaymentConfiguration on a real account",
    "serverSideEncryptionConfiguration": "aws.s3.BucketServerSideEncryptionConfiguration",
    "versioning": "aws.s3.BucketVersioning",
    "website": "aws.s3.BucketWebsiteConfiguration on a real account",
}
"""Settings that are deprecated in a bucket since version 4 of the Terraform provider."""


class Bucket(Kind):
    """A bucket. Its settings are resources of their own. Its id is its name."""

    urn_type = "aws:s3/bucket:Bucket"
    service = "s3"
    name = Name(prop="bucket", longest=63, lower=True)
    defaults: ClassVar[Table] = {"forceDestroy": False}
    replaces = frozenset({"bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled"})
    unsupported = SEPARATE

    def create(self, call: Call) -> str:
        """Create in the region."""
        client, name = call.client("s3"), naming.creation_name(self, call.inputs)
        params: dict[str, Any] = {}
        if client.meta.region_name != "us-east-1":
            params["CreateBucketConfiguration"] = {"LocationConstraint": client.meta.region_name}
        if call.inputs.get("objectLockEnabled"):
            params["ObjectLockEnabledForBucket"] = True
        client.create_bucket(Bucket=name, **params)
        return name

    def settle(self, call: Call) -> None:
        """Tag."""
        self._tag(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Look whether it is there, and read its tags."""
        client = call.client("s3")
        client.head_bucket(Bucket=call.id)
        region = client.meta.region_name
        return {
            **tagged(_tags(client, call.id)),
            "arn": f"arn:{call.cloud.partition}:s3:::{call.id}",
            "bucket": call.id,
            "bucketDomainName": f"{call.id}.s3.amazonaws.com",
            "bucketPrefix": prefix_of(call.id),
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{call.id}.s3.{region}.amazonaws.com",
            "hostedZoneId": ZONE,
            "objectLockEnabled": bool(call.known("objectLockEnabled")),
            "region": region,
        }

    def update(self, call: Call) -> None:
        """Tag anew; nothing else of a bucket itself can change."""
        if call.changed("tagsAll"):
            self._tag(call)

    def delete(self, call: Call) -> None:
        """Delete; with forceDestroy after emptying it."""
        client = call.client("s3")
        if call.known("forceDestroy"):
            _empty(client, call.id)
        client.delete_bucket(Bucket=call.id)

    def _tag(self, call: Call) -> None:
        tags = call.inputs.get("tagsAll", {})
        if tags:
            call.client("s3").put_bucket_tagging(Bucket=call.id, Tagging={"TagSet": api_parameters.pairs(tags)})
        elif call.old.get("tagsAll"):
            call.client("s3").delete_bucket_tagging(Bucket=call.id)


def _tags(client: Any, bucket: str) -> dict[str, Any]:
    try:
        return api_parameters.unpaired(client.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except Exception as error:
        if aws_clients.code(error) in ("NoSuchTagSet", "NoSuchTagSetError"):
            return {}
        raise


def _empty(client: Any, bucket: str) -> None:
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


KINDS = (Bucket(),)
