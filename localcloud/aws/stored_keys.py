"""Customer keys of what is stored or sent: objects in S3, topics of SNS.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from ministack.services import s3, sns

from localcloud.aws.access import key_arn
from localcloud.aws.operations import operation
from localcloud.aws.pins import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud.aws.wire import Request

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


def of_stored(bucket: str, name: str) -> Iterator[Need]:
    """What reading an object takes, that is stored."""
    kept = (buckets.get(bucket) or {"objects": {}})["objects"].get(name)
    said = encryption_of_object(kept) if kept else {}
    if key := _key(said):
        yield "kms:Decrypt", key, _context(bucket, name, keyed=BUCKET_KEY in said)


def of_object(request: Request) -> Iterator[Need]:
    """What reading or writing an object takes: of the object's key, of the one the request names, of the bucket's."""
    bucket, name = place_of(request.path, request.headers)
    wanted = operation(request)
    if not name or wanted not in {"GetObject", "GetObjectVersion", "PutObject"}:
        return
    if wanted != "PutObject":
        yield from of_stored(bucket, name)
        return
    key = _key(request.headers if ALGORITHM in request.headers else encryption_of_bucket(bucket))
    for action in ["kms:GenerateDataKey", *(["kms:Decrypt"] if "uploadId" in request.query else [])] if key else ():
        yield action, key, _context(bucket, name, keyed=by_bucket(request.headers, bucket))


def by_bucket(headers: Mapping[str, str], bucket: str) -> bool:
    """Whether a new object goes by the key of its bucket: the request's word, else the bucket's."""
    said = headers.get(BUCKET_KEY)
    return said == "true" if said else "<BucketKeyEnabled>true" in str(settings.get(bucket) or "")


def _context(bucket: str, name: str, *, keyed: bool) -> dict[str, Any]:
    """Return what S3 tells KMS of an object: with a bucket key it names the bucket only.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html, "Changes to note".
    """
    return {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}" + ("" if keyed else f"/{name}")}


def _key(said: Mapping[str, str]) -> str:
    return key_arn(str(said.get(KEY, ""))) if str(said.get(ALGORITHM, "")).startswith(KMS) else ""


def of_topic(request: Request) -> Iterator[Need]:
    """What publishing to a topic takes."""
    if operation(request) not in {"Publish", "PublishBatch"}:
        return
    arn = (parse_qs(request.body.decode("utf-8", "replace")).get("TopicArn") or [""])[0]
    topic = topics.get(arn)
    key = key_arn(str(topic["attributes"].get("KmsMasterKeyId", ""))) if topic else ""
    if key:
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield action, key, {"kms:EncryptionContext:aws:sns:topicArn": arn}
