"""Changes to ministack's S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import s3

from localcloud.aws import s3_sns_encryption
from localcloud.aws.patching import private, replace

if TYPE_CHECKING:
    from collections.abc import Mapping


def apply() -> None:
    """Ministack forgets that an object uses a bucket key."""
    resolve, stored = private(s3, "_resolve_sse_write_headers"), private(s3, "_SSE_STORED_HEADERS")

    def resolved(headers: Mapping[str, str], bucket: str) -> tuple[dict[str, str] | None, Any]:
        found, error = resolve(headers, bucket)
        if (
            found
            and found.get(s3_sns_encryption.ALGORITHM) == s3_sns_encryption.KMS
            and s3_sns_encryption.uses_bucket_encryption(headers, bucket)
        ):
            found[s3_sns_encryption.BUCKET_KEY] = "true"
        return found, error

    replace(s3, "_resolve_sse_write_headers", resolved)
    replace(s3, "_SSE_STORED_HEADERS", (*stored, s3_sns_encryption.BUCKET_KEY))
