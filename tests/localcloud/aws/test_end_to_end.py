"""The whole flow: queue, function, model, table, dead-letter queue, each with a customer key where AWS has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.localcloud.aws.cloud import allow, eventually

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

WORKER = """
import json, os, boto3

TABLE, MODEL = boto3.client("dynamodb"), boto3.client("sagemaker-runtime")

def handle(event, context):
    good, failed = [], []
    for record in event["Records"]:
        try:
            item = json.loads(record["body"])
            good.append((record["messageId"], item["id"], [float(value) for value in item["features"]]))
        except (ValueError, KeyError, TypeError):
            failed.append({"itemIdentifier": record["messageId"]})
    if good:
        rows = "\\n".join(",".join(map(str, features)) for _, _, features in good)
        answer = MODEL.invoke_endpoint(EndpointName=os.environ["ENDPOINT"], ContentType="text/csv", Body=rows.encode())
        scores = answer["Body"].read().decode().split("\\n")
        for (message, name, _), score in zip(good, scores, strict=True):
            try:
                TABLE.put_item(
                    TableName=os.environ["TABLE"],
                    Item={"id": {"S": name}, "prediction": {"N": score}},
                    ConditionExpression="attribute_not_exists(id)",
                )
            except TABLE.exceptions.ConditionalCheckFailedException:
                pass
    return {"batchItemFailures": failed}
"""


def test_fifty_messages_two_of_them_poison(cloud: Cloud) -> None:
    """Every good message has one result, and every poison message ends in the dead-letter queue."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    dead_url, dead_arn = cloud.queue(KmsMasterKeyId=key)
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, queue = cloud.queue(VisibilityTimeout="30", KmsMasterKeyId=key, RedrivePolicy=redrive)
    table = cloud.table(SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    endpoint = cloud.endpoint()
    role = cloud.role(
        allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue),
        allow("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}"),
        allow("sagemaker:InvokeEndpoint", f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{endpoint}"),
        allow("kms:Decrypt", key, Condition={"StringLike": {"kms:ViaService": "*.eu-west-1.amazonaws.com"}}),
    )
    variables = {"Variables": {"TABLE": table, "ENDPOINT": endpoint}}
    name = cloud.function(WORKER, role, Timeout=10, Environment=variables)
    mapping = cloud("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=queue,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
    )
    cloud.control("settings", {"failed_return_seconds": 0.5})  # the poison does not stay hidden for 30 s
    good = [json.dumps({"id": f"item-{i}", "features": [i, 2.0, 3.0, 4.0]}) for i in range(48)]
    cloud.send(url, *good[:24], "not json", *good[24:], json.dumps({"id": "no-features"}))

    eventually(lambda: len(cloud.items(table)) == 48, seconds=40)
    eventually(lambda: cloud.depth(dead_url) == (2, 0), seconds=40)
    cloud.control("settings", {"failed_return_seconds": None})

    assert cloud.depth(url) == (0, 0)
    assert {item["id"]["S"] for item in cloud.items(table)} == {f"item-{i}" for i in range(48)}
    assert all(0 < float(item["prediction"]["N"]) < 1 for item in cloud.items(table))
    cloud("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
