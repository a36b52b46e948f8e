"""Permissions on customer managed keys for objects in S3 and topics of SNS.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from ministack.services import s3, sns

from localcloud.aws.authorization import key_arn
from localcloud.aws.operations import operation
from localcloud.aws.patching import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.aws.http_messages import Request

Need = tuple[str, str, dict[str, Any]]
"""An action on a key, the key, and the encryption context."""

buckets = private(s3, "_buckets")
settings = private(s3, "_bucket_encryption")
encryption_of_bucket = private(s3, "_bucket_default_sse_headers")
encryption_of_object = private(s3, "_stored_sse_headers")
place_of = private(s3, "_parse_bucket_key")
topics = private(sns, "_topics")

KMS: Final = "aws:kms"
ALGORITHM: Final = "x-amz-server-side-encryption"
KEY: Final = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY: Final = "x-amz-server-side-encryption-bucket-key-enabled"


def read_key_uses(bucket: str, name: str) -> Iterator[Need]:
    """The key permissions needed to read a stored object."""
    kept = (buckets.get(bucket) or {"objects": {}})["objects"].get(name)
    said = encryption_of_object(kept) if kept else {}
    if key := _key(said):
        yield "kms:Decrypt", key, _context(bucket, name, keyed=BUCKET_KEY in said)


def object_key_uses(request: Request) -> Iterator[Need]:
    """The key permissions needed to read or write an object: with its own key, the request's, or the bucket's."""
    bucket, name = place_of(request.path, request.headers)
    wanted = operation(request)
    if not name or wanted not in {"GetObject", "GetObjectVersion", "PutObject"}:
        return
    if wanted != "PutObject":
        yield from read_key_uses(bucket, name)
        return
    key = _key(request.headers if ALGORITHM in request.headers else encryption_of_bucket(bucket))
    for action in ["kms:GenerateDataKey", *(["kms:Decrypt"] if "uploadId" in request.query else [])] if key else ():
        yield action, key, _context(bucket, name, keyed=uses_bucket_encryption(request.headers, bucket))


def uses_bucket_encryption(headers: Mapping[str, str], bucket: str) -> bool:
    """Whether a new object uses a bucket key: as the request says, else as the bucket is configured."""
    said = headers.get(BUCKET_KEY)
    return said == "true" if said else "<BucketKeyEnabled>true" in str(settings.get(bucket) or "")


def _context(bucket: str, name: str, *, keyed: bool) -> dict[str, Any]:
    """Return the encryption context that S3 sends to KMS; with a bucket key it names the bucket only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html, "Changes to note".
    """
    return {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}" + ("" if keyed else f"/{name}")}


def _key(said: Mapping[str, str]) -> str:
    return key_arn(str(said.get(KEY, ""))) if str(said.get(ALGORITHM, "")).startswith(KMS) else ""


def topic_key_uses(request: Request) -> Iterator[Need]:
    """The key permissions needed to publish to a topic."""
    if operation(request) not in {"Publish", "PublishBatch"}:
        return
    arn = (parse_qs(request.body.decode("utf-8", "replace")).get("TopicArn") or [""])[0]
    topic = topics.get(arn)
    key = key_arn(str(topic["attributes"].get("KmsMasterKeyId", ""))) if topic else ""
    if key:
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield action, key, {"kms:EncryptionContext:aws:sns:topicArn": arn}
