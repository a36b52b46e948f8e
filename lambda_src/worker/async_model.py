"""A SageMaker asynchronous inference endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from async_batches import manifest_key
from botocore.exceptions import BotoCoreError, ClientError
from csv_rows import CSV, encode_csv
from messages import UnavailableError

if TYPE_CHECKING:
    from async_batches import SubmittedBatch
    from mypy_boto3_s3 import S3Client


class AsyncRuntime(Protocol):
    """The one operation of boto3's `sagemaker-runtime` client that is used."""

    def invoke_endpoint_async(self, **parameters: str) -> Any:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html."""


class AsyncEndpointModel:
    """Submits batches to an asynchronous endpoint through a bucket."""

    def __init__(self, runtime: AsyncRuntime, s3: S3Client, endpoint: str, bucket: str) -> None:
        self._runtime, self._s3, self.endpoint, self._bucket = runtime, s3, endpoint, bucket

    def submit(self, batch: SubmittedBatch) -> None:
        """Upload a batch and invoke the endpoint. Raises UnavailableError."""
        try:
            self._put_object(manifest_key(batch.id), batch.manifest(), "application/json")
            self._put_object(batch.input_key, encode_csv([item.features for item in batch.items]), CSV)
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

    def _put_object(self, key: str, body: bytes, content_type: str) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
