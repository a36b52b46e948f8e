"""The SageMaker endpoint that answers at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from messages import UnavailableError
from rows import CSV, rows_of, values_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class Runtime(Protocol):
    """The one operation of boto3's `sagemaker-runtime` client that is used."""

    def invoke_endpoint(self, *, EndpointName: str, ContentType: str, Accept: str, Body: bytes) -> Any:  # noqa: N803 - AWS's names
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""


class EndpointModel:
    """Predicts with a SageMaker endpoint that reads and writes CSV, as the built-in XGBoost container does.

    `seconds`: how long the last answer took.
    """

    def __init__(self, client: Runtime, endpoint: str) -> None:
        self._client, self.endpoint, self.seconds = client, endpoint, 0.0

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Send all rows in one request. A prediction that is no number comes back as NaN."""
        began = time.monotonic()
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self.endpoint, ContentType=CSV, Accept=CSV, Body=rows_of(rows)
            )
            return values_of(answer["Body"].read())
        except ClientError as error:
            raise UnavailableError(f"the model answers {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the model does not answer: {error}") from error
        finally:
            self.seconds = time.monotonic() - began
