"""The model artefact in an S3 bucket."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi_aws import s3

from components.private_bucket import PrivateBucket, PrivateBucketArgs

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "models/"


@dataclass(frozen=True, kw_only=True)
class ModelArtefactArgs:
    """archive: the model as a `.tar.gz` for SageMaker. bucket: the bucket to create."""

    archive: Path
    bucket: PrivateBucketArgs


class ModelArtefact(pulumi.ComponentResource):
    """A private bucket that contains the archive, with a key derived from its content: another model is another object.

    `url` (`s3://`...) is known at preview. Resources that load the model should depend on this component.
    """

    url: pulumi.Output[str]
    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]

    def __init__(self, name: str, args: ModelArtefactArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:model:ModelArtefact", name, None, opts)
        bucket = PrivateBucket(name, args.bucket, pulumi.ResourceOptions(parent=self))
        digest = sha256(args.archive.read_bytes()).hexdigest()
        key = f"{FOLDER}{digest[:16]}/{args.archive.name}"
        s3.BucketObjectv2(
            name,
            bucket=bucket.name,
            key=key,
            source=pulumi.FileAsset(args.archive),
            content_type="application/gzip",
            kms_key_id=args.bucket.key_arn,
            tags=args.bucket.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=bucket.configured),
        )
        self.url = pulumi.Output.concat("s3://", bucket.name, "/", key)
        self.bucket_name, self.bucket_arn = bucket.name, bucket.arn
        self.register_outputs({"url": self.url, "bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn})
