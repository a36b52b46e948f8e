"""The SageMaker endpoint."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from messages import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

CSV: Final = "text/csv"
SEPARATOR: Final = re.compile(r",|\r?\n")


class Runtime(Protocol):
    """The one operation of boto3's `sagemaker-runtime` client that is used."""

    def invoke_endpoint(self, *, EndpointName: str, ContentType: str, Accept: str, Body: bytes) -> Any:  # noqa: N803 - AWS's names
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html."""


class EndpointModel:
    """Predicts with a SageMaker endpoint that reads and writes CSV, as the built-in XGBoost container does."""

    def __init__(self, client: Runtime, endpoint: str) -> None:
        self._client, self.endpoint = client, endpoint

    def predict(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Send all rows in one request. A prediction that is no number comes back as NaN."""
        body = "\n".join(",".join(map(repr, row)) for row in rows).encode()
        try:
            answer = self._client.invoke_endpoint(EndpointName=self.endpoint, ContentType=CSV, Accept=CSV, Body=body)
            text = answer["Body"].read().decode(errors="replace").strip()
        except ClientError as error:
            raise UnavailableError(f"the model answers {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the model does not answer: {error}") from error
        return [_number(cell) for cell in SEPARATOR.split(text)] if text else []


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
