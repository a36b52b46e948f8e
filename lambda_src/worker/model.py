"""A SageMaker real-time or serverless endpoint."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from csv_rows import CSV, decode_csv, encode_csv
from messages import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Runtime(Protocol):
    """The one operation of boto3's `sagemaker-runtime` client that is used."""

    def invoke_endpoint(self, *, EndpointName: str, ContentType: str, Accept: str, Body: bytes) -> Any:  # noqa: N803 - AWS's names
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""


class EndpointModel:
    """Predicts with a SageMaker endpoint that reads and writes CSV, as the built-in XGBoost container does.

    `seconds`: the duration of the last request.
    """

    def __init__(self, client: Runtime, endpoint: str) -> None:
        self._client, self.endpoint, self.seconds = client, endpoint, 0.0

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Predict all rows in one request. A value that is not a number becomes NaN. Raises UnavailableError."""
        started = time.monotonic()
        try:
            response = self._client.invoke_endpoint(
                EndpointName=self.endpoint, ContentType=CSV, Accept=CSV, Body=encode_csv(rows)
            )
            return decode_csv(response["Body"].read())
        except ClientError as error:
            raise UnavailableError(f"the model answers {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the model does not answer: {error}") from error
        finally:
            self.seconds = time.monotonic() - started
