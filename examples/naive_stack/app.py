"""The functions of the naive stack."""

import json
import os
from decimal import Decimal
from typing import Any

import boto3

runtime = boto3.client("sagemaker-runtime")
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def predict(features: list[float]) -> float:
    response = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"],
        ContentType="text/csv",
        Body=",".join(str(feature) for feature in features),
    )
    return float(response["Body"].read())


def predict_now(event: dict[str, Any], _context: object) -> dict[str, Any]:
    # called through the function URL: ask the model, save the answer, send it back
    job = json.loads(event["body"])
    prediction = predict(job["features"])
    table.put_item(Item={"id": job["id"], "prediction": Decimal(str(prediction))})
    return {"statusCode": 200, "body": json.dumps({"prediction": prediction})}


def work_on_queue(event: dict[str, Any], _context: object) -> None:
    # called with messages from the queue
    for record in event["Records"]:
        job = json.loads(record["body"])
        prediction = predict(job["features"])
        table.put_item(Item={"id": job["id"], "prediction": Decimal(str(prediction))})
