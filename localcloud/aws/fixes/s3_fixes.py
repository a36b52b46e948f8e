"""Changes to ministack's S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import s3

from localcloud.aws import stored_keys
from localcloud.aws.pins import private, replace

if TYPE_CHECKING:
    from collections.abc import Mapping


def apply() -> None:
    """Make the change: ministack forgets that an object goes by the key of its bucket."""
    resolve, stored = private(s3, "_resolve_sse_write_headers"), private(s3, "_SSE_STORED_HEADERS")

    def resolved(headers: Mapping[str, str], bucket: str) -> tuple[dict[str, str] | None, Any]:
        found, error = resolve(headers, bucket)
        if found and found.get(stored_keys.ALGORITHM) == stored_keys.KMS and stored_keys.by_bucket(headers, bucket):
            found[stored_keys.BUCKET_KEY] = "true"
        return found, error

    replace(s3, "_resolve_sse_write_headers", resolved)
    replace(s3, "_SSE_STORED_HEADERS", (*stored, stored_keys.BUCKET_KEY))
