"""The way in to an endpoint that answers later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from batches import manifest_key
from botocore.exceptions import BotoCoreError, ClientError
from messages import UnavailableError
from rows import CSV, rows_of

if TYPE_CHECKING:
    from batches import Submitted
    from mypy_boto3_s3 import S3Client


class AsyncRuntime(Protocol):
    """The one operation of boto3's `sagemaker-runtime` client that is used."""

    def invoke_endpoint_async(self, **asked: str) -> Any:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html."""


class HandingIn:
    """Hands batches to an endpoint, by a bucket."""

    def __init__(self, runtime: AsyncRuntime, s3: S3Client, endpoint: str, bucket: str) -> None:
        self._runtime, self._s3, self.endpoint, self._bucket = runtime, s3, endpoint, bucket

    def submit(self, batch: Submitted) -> None:
        """Hand a batch in. Raises UnavailableError."""
        try:
            self._put(manifest_key(batch.id), batch.manifest(), "application/json")
            self._put(batch.input_key, rows_of([item.features for item in batch.items]), CSV)
            self._runtime.invoke_endpoint_async(
                EndpointName=self.endpoint,
                ContentType=CSV,
                Accept=CSV,
                InputLocation=f"s3://{self._bucket}/{batch.input_key}",
                InferenceId=batch.id,
            )
        except ClientError as error:
            raise UnavailableError(f"the model does not take the batch: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the model does not answer: {error}") from error

    def _put(self, key: str, body: bytes, content_type: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
