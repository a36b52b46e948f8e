"""What an endpoint that answers later tells of a batch, and what it has made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

from batches import BATCHES, INPUT, OUTPUT, Submitted, batch_of, manifest_key
from botocore.exceptions import BotoCoreError, ClientError
from messages import InvalidMessageError, UnavailableError
from rows import values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

COMPLETED: Final = "Completed"
MISSING: Final = "NoSuchKey"


@dataclass(frozen=True, slots=True)
class Notification:
    """What the endpoint tells of a batch. output: the key of the answer; reason: why there is none."""

    batch: str
    output: str
    reason: str

    @staticmethod
    def of(body: str, bucket: str) -> Notification:
        """Read what SageMaker sends to its topics. Raises InvalidMessageError for what is no answer to this stack."""
        try:
            told = json.loads(body)
            asked = urlparse(told["requestParameters"]["inputLocation"])
            answer = urlparse((told.get("responseParameters") or {}).get("outputLocation") or "")
            completed = told["invocationStatus"] == COMPLETED
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InvalidMessageError("the message is no notification of an endpoint") from None
        name = asked.path.removeprefix(f"/{INPUT}")
        if (asked.scheme, asked.netloc) != ("s3", bucket) or name == asked.path or not name.endswith(".csv"):
            raise InvalidMessageError("the notification is about nothing that was handed in")
        output = answer.path.lstrip("/")
        if completed and (answer.netloc != bucket or not output.startswith(OUTPUT)):
            raise InvalidMessageError("the notification names an answer that is not where answers are")
        reason = "" if completed else str(told.get("failureReason") or f"the batch is {told['invocationStatus']}")
        return Notification(name.removesuffix(".csv"), output, reason)


class Answers:
    """Reads batches and the answers to them out of a bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self.bucket = s3, bucket

    def open(self) -> Iterator[str]:
        """The batches that were handed in and are not settled. Raises UnavailableError."""
        more: dict[str, str] = {}
        while True:
            try:
                page = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=BATCHES, **more)  # type: ignore[arg-type] # one token
            except (BotoCoreError, ClientError) as error:
                raise UnavailableError(f"the batches cannot be listed: {error}") from error
            yield from (batch_of(found["Key"]) for found in page.get("Contents", []))
            if not page.get("NextContinuationToken"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def submitted(self, id_: str) -> Submitted | None:
        """Find a batch that was handed in; None when it is settled. Raises UnavailableError."""
        found = self._get(manifest_key(id_), MISSING)
        return None if found is None else Submitted.of(id_, found)

    def settled(self, id_: str) -> None:
        """Forget a batch of which nothing is left to do. Raises UnavailableError."""
        try:
            self._s3.delete_object(Bucket=self.bucket, Key=manifest_key(id_))
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError(f"batch {id_} cannot be forgotten: {error}") from error

    def predictions(self, key: str) -> list[float]:
        """Read an answer. A prediction that is no number comes back as NaN. Raises UnavailableError."""
        return values_of(self._get(key) or b"")

    def _get(self, key: str, harmless: str = "") -> bytes | None:
        """Read an object; None for an error with a harmless code. Raises UnavailableError."""
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if (code := error.response["Error"]["Code"]) == harmless:
                return None
            raise UnavailableError(f"{key} cannot be read: {code}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"{key} cannot be read: {error}") from error
