"""Notifications of an asynchronous endpoint, and the results that it writes to the bucket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

from async_batches import BATCHES, INPUT, OUTPUT, SubmittedBatch, batch_id, manifest_key
from botocore.exceptions import BotoCoreError, ClientError
from csv_rows import decode_csv
from messages import InvalidMessageError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

COMPLETED: Final = "Completed"
MISSING: Final = "NoSuchKey"


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification about one batch. output: the key of the result object; reason: why there is none."""

    batch: str
    output: str
    reason: str

    @staticmethod
    def of(body: str, bucket: str) -> Notification:
        """Parse what SageMaker publishes. Raises InvalidMessageError unless it is about a batch of this stack.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
        """
        try:
            fields = json.loads(body)
            input_url = urlparse(fields["requestParameters"]["inputLocation"])
            output_url = urlparse((fields.get("responseParameters") or {}).get("outputLocation") or "")
            completed = fields["invocationStatus"] == COMPLETED
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InvalidMessageError("the message is no notification of an endpoint") from None
        name = input_url.path.removeprefix(f"/{INPUT}")
        if (
            (input_url.scheme, input_url.netloc) != ("s3", bucket)
            or name == input_url.path
            or not name.endswith(".csv")
        ):
            raise InvalidMessageError("the notification is about nothing that was handed in")
        output = output_url.path.lstrip("/")
        if completed and (output_url.netloc != bucket or not output.startswith(OUTPUT)):
            raise InvalidMessageError("the notification names an answer that is not where answers are")
        reason = "" if completed else str(fields.get("failureReason") or f"the batch is {fields['invocationStatus']}")
        return Notification(name.removesuffix(".csv"), output, reason)


class AsyncResults:
    """Reads submitted batches and their results from the bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self.bucket = s3, bucket

    def open_batches(self) -> Iterator[str]:
        """The ids of all submitted batches that are not completed. Raises UnavailableError."""
        more: dict[str, str] = {}
        while True:
            try:
                page = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=BATCHES, **more)  # type: ignore[arg-type] # one token
            except (BotoCoreError, ClientError) as error:
                raise UnavailableError(f"the batches cannot be listed: {error}") from error
            yield from (batch_id(found["Key"]) for found in page.get("Contents", []))
            if not page.get("NextContinuationToken"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def find_batch(self, id_: str) -> SubmittedBatch | None:
        """The submitted batch; None if it is completed already. Raises UnavailableError."""
        found = self._get(manifest_key(id_), MISSING)
        return None if found is None else SubmittedBatch.of(id_, found)

    def delete_batch(self, id_: str) -> None:
        """Delete the manifest of a completed batch. Raises UnavailableError."""
        try:
            self._s3.delete_object(Bucket=self.bucket, Key=manifest_key(id_))
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError(f"batch {id_} cannot be forgotten: {error}") from error

    def predictions(self, key: str) -> list[float]:
        """Read a result object. A value that is not a number becomes NaN. Raises UnavailableError."""
        return decode_csv(self._get(key) or b"")

    def _get(self, key: str, expected_error: str = "") -> bytes | None:
        """Read an object; None for the expected error code. Raises UnavailableError for any other."""
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if (code := error.response["Error"]["Code"]) == expected_error:
                return None
            raise UnavailableError(f"{key} cannot be read: {code}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"{key} cannot be read: {error}") from error
