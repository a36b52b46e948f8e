"""S3: a bucket's settings that are resources of their own. Their id is the bucket's name."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from localcloud.provider import api_parameters
from localcloud.provider.resource_kind import Call, Kind, Table


class Setting(Kind):
    """One setting of a bucket."""

    service = "s3"
    replaces = frozenset({"bucket"})

    @abstractmethod
    def put(self, call: Call, bucket: str) -> None:
        """Send the setting."""

    @abstractmethod
    def get(self, call: Call) -> dict[str, Any] | None:
        """Ask for the setting, as properties."""

    def create(self, call: Call) -> str:
        """Send the setting."""
        bucket = str(call.inputs["bucket"])
        self.put(call, bucket)
        return bucket

    def read(self, call: Call) -> dict[str, Any] | None:
        """Ask for the setting."""
        found = self.get(call)
        region = call.client("s3").meta.region_name
        return None if found is None else {"bucket": call.id, "region": region, **found}

    def update(self, call: Call) -> None:
        """Send the setting again."""
        self.put(call, call.id)


class BucketPolicy(Setting):
    """The bucket policy."""

    urn_type = "aws:s3/bucketPolicy:BucketPolicy"
    documents = frozenset({"policy"})

    def put(self, call: Call, bucket: str) -> None:
        """Put the policy."""
        call.client("s3").put_bucket_policy(Bucket=bucket, Policy=call.inputs["policy"])

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the policy."""
        return {"policy": call.client("s3").get_bucket_policy(Bucket=call.id)["Policy"]}

    def delete(self, call: Call) -> None:
        """Delete the policy."""
        call.client("s3").delete_bucket_policy(Bucket=call.id)


class BucketPublicAccessBlock(Setting):
    """The public access block."""

    urn_type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    parts: ClassVar[tuple[str, ...]] = (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    )
    defaults: ClassVar[Table] = dict.fromkeys(parts, False)

    def put(self, call: Call, bucket: str) -> None:
        """Put all four."""
        block = {f"{part[0].upper()}{part[1:]}": bool(call.inputs.get(part)) for part in self.parts}
        call.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get all four."""
        described = call.client("s3").get_public_access_block(Bucket=call.id)["PublicAccessBlockConfiguration"]
        return {part: bool(described.get(f"{part[0].upper()}{part[1:]}")) for part in self.parts}

    def delete(self, call: Call) -> None:
        """Delete, unless it is to be left behind."""
        if not call.known("skipDestroy"):
            call.client("s3").delete_public_access_block(Bucket=call.id)


class BucketServerSideEncryptionConfiguration(Setting):
    """Default encryption of new objects."""

    urn_type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    replaces = frozenset({"bucket", "expectedBucketOwner"})
    sets = frozenset({"rules", "blockedEncryptionTypes"})
    computed = frozenset({"rules[].blockedEncryptionTypes"})
    renames: ClassVar[api_parameters.Renames] = {"kmsMasterKeyId": "KMSMasterKeyID", "sseAlgorithm": "SSEAlgorithm"}

    def put(self, call: Call, bucket: str) -> None:
        """Put the rules."""
        client = call.client("s3")
        given = {"serverSideEncryptionConfiguration": {"rules": call.inputs["rules"]}}
        client.put_bucket_encryption(
            Bucket=bucket, **api_parameters.parameters(client, "put_bucket_encryption", given, self.renames)
        )

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the rules."""
        described = call.client("s3").get_bucket_encryption(Bucket=call.id)["ServerSideEncryptionConfiguration"]
        return api_parameters.properties({"rules": self.schema.inputs.types["rules"]}, described, self.renames)

    def delete(self, call: Call) -> None:
        """Delete the rules."""
        call.client("s3").delete_bucket_encryption(Bucket=call.id)


class BucketVersioning(Setting):
    """Versioning of objects."""

    urn_type = "aws:s3/bucketVersioning:BucketVersioning"
    replaces = frozenset({"bucket", "expectedBucketOwner"})
    computed = frozenset({"versioningConfiguration.mfaDelete"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "versioningConfiguration.status": ("Enabled", "Suspended", "Disabled")
    }

    def put(self, call: Call, bucket: str) -> None:
        """Put the status; Disabled only means that it was never turned on."""
        status = call.inputs["versioningConfiguration"]["status"]
        if status != "Disabled":
            call.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def get(self, call: Call) -> dict[str, Any] | None:
        """Get the status."""
        client = call.client("s3")
        client.head_bucket(Bucket=call.id)
        described = client.get_bucket_versioning(Bucket=call.id)
        status = described.get("Status") or "Disabled"
        if status == "Disabled" and call.inputs.get("versioningConfiguration", {}).get("status") != "Disabled":
            return None
        return {"versioningConfiguration": {"status": status}}

    def delete(self, call: Call) -> None:
        """Suspend: versioning cannot be taken away from a bucket."""
        described = call.client("s3").get_bucket_versioning(Bucket=call.id)
        if described.get("Status") == "Enabled":
            suspended = {"Status": "Suspended"}
            call.client("s3").put_bucket_versioning(Bucket=call.id, VersioningConfiguration=suspended)


KINDS = (
    BucketPolicy(),
    BucketPublicAccessBlock(),
    BucketServerSideEncryptionConfiguration(),
    BucketVersioning(),
)
