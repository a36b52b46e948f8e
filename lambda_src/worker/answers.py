"""What an endpoint that answers later tells of a batch, and what it has made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

from batches import INPUT, OUTPUT, Submitted, manifest_key
from botocore.exceptions import BotoCoreError, ClientError
from messages import InvalidMessageError, UnavailableError
from rows import values_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COMPLETED: Final = "Completed"


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

    def submitted(self, id_: str) -> Submitted:
        """Find a batch that was handed in. Raises UnavailableError."""
        return Submitted.of(id_, self._get(manifest_key(id_)))

    def predictions(self, key: str) -> list[float]:
        """Read an answer. A prediction that is no number comes back as NaN. Raises UnavailableError."""
        return values_of(self._get(key))

    def _get(self, key: str) -> bytes:
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise UnavailableError(f"{key} cannot be read: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"{key} cannot be read: {error}") from error
