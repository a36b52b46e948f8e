"""The results table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from messages import RefusedError, UnavailableError

if TYPE_CHECKING:
    from messages import Result
    from mypy_boto3_dynamodb import DynamoDBClient

STORED_BEFORE: Final = "ConditionalCheckFailedException"
NOT_STORABLE: Final = "ValidationException"  # such as a number outside DynamoDB's range


class ResultsTable:
    """Keeps the first result of each item in a DynamoDB table whose key is `id`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def keep(self, result: Result) -> None:
        """Store a result unless its item has one: a message delivered twice must not count twice."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    "id": {"S": result.id},
                    "prediction": {"N": repr(result.prediction)},
                    "endpoint": {"S": result.endpoint},
                    "processed_at": {"S": result.processed_at},
                },
                ConditionExpression="attribute_not_exists(id)",
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == STORED_BEFORE:
                return
            if code == NOT_STORABLE:
                raise RefusedError(f"the store refuses the result: {error}") from error
            raise UnavailableError(f"the store answers {code}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"the store does not answer: {error}") from error
