"""The results table, against moto's DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from messages import RefusedError, Result, UnavailableError
from moto import mock_aws
from store import ResultsTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

FIRST = Result("item-000001", 0.25, "model", "2026-01-02T03:04:05+00:00")


pytestmark = pytest.mark.usefixtures("credentials")


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    """DynamoDB with an empty results table."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="results",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield dynamodb


def test_a_result_is_stored_as_its_readers_expect_it(client: DynamoDBClient) -> None:
    """The prediction is a number, everything else text."""
    ResultsTable(client, "results").keep(FIRST)
    assert client.scan(TableName="results")["Items"] == [
        {
            "id": {"S": "item-000001"},
            "prediction": {"N": "0.25"},
            "endpoint": {"S": "model"},
            "processed_at": {"S": "2026-01-02T03:04:05+00:00"},
        }
    ]


def test_the_second_result_of_an_item_is_dropped_without_a_fault(client: DynamoDBClient) -> None:
    """The message was worked on before: its second delivery is done, too."""
    table = ResultsTable(client, "results")
    table.keep(FIRST)
    table.keep(Result(FIRST.id, 0.75, "model", "2026-01-02T03:09:05+00:00"))
    stored = client.scan(TableName="results")["Items"]
    assert [item["prediction"] for item in stored] == [{"N": "0.25"}]


@pytest.mark.parametrize("prediction", [1e-7, -1.5e30, 123456789.123456789])
def test_numbers_come_back_as_they_were(client: DynamoDBClient, prediction: float) -> None:
    """Exponents and all digits are kept."""
    ResultsTable(client, "results").keep(Result("a", prediction, "model", "now"))
    assert float(client.scan(TableName="results")["Items"][0]["prediction"]["N"]) == prediction


def test_a_result_that_dynamodb_refuses_is_refused_alone(client: DynamoDBClient) -> None:
    """Such as an empty key, which the message check keeps out: the table itself is well."""
    with pytest.raises(RefusedError, match="the store refuses the result"):
        ResultsTable(client, "results").keep(Result("", 1.0, "model", "now"))


def test_a_table_that_is_not_there_is_an_outage(client: DynamoDBClient) -> None:
    """Every message waits until somebody brings the table back."""
    with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
        ResultsTable(client, "elsewhere").keep(FIRST)


def test_a_store_that_cannot_be_reached_is_an_outage() -> None:
    """No connection, no result, no crash."""
    nowhere = boto3.client(
        "dynamodb", endpoint_url="http://127.0.0.1:1", config=Config(retries={"total_max_attempts": 1})
    )
    with pytest.raises(UnavailableError, match="the store does not answer"):
        ResultsTable(nowhere, "results").keep(FIRST)
