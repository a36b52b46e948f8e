"""The actions by which messages, records and events are sent to a service, and received from it."""

from __future__ import annotations

from typing import Final

SEND_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "events": ("events:PutEvents",),
    "firehose": ("firehose:PutRecord", "firehose:PutRecordBatch"),
    "kinesis": ("kinesis:PutRecord", "kinesis:PutRecords"),
    "lambda": ("lambda:InvokeFunction",),
    "s3": ("s3:PutObject",),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:SendMessage",),
    "states": ("states:StartExecution", "states:StartSyncExecution"),
}
"""By service, the actions each of which sends something to one of its resources. Service Authorization Reference."""

POLL_ACTIONS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "sqs": (("sqs:ReceiveMessage",), ("sqs:DeleteMessage",), ("sqs:GetQueueAttributes",)),
    "kinesis": (
        ("kinesis:GetRecords",),
        ("kinesis:GetShardIterator",),
        ("kinesis:DescribeStream", "kinesis:DescribeStreamSummary"),
    ),
    "dynamodb": (("dynamodb:GetRecords",), ("dynamodb:GetShardIterator",), ("dynamodb:DescribeStream",)),
}
"""By service, what Lambda and EventBridge Pipes need to poll a source: one action of each group. The first group
receives the messages or records.

Lambda developer guide, "Using Lambda with Amazon SQS: Execution role permissions", "Process Amazon Kinesis Data Streams
records with Lambda" and "Process DynamoDB records with Lambda".
"""

CONSUMER_ACTIONS: Final = frozenset(
    (
        *("sqs:receivemessage", "sqs:deletemessage", "sqs:changemessagevisibility", "sqs:getqueueattributes"),
        *("kinesis:getrecords", "kinesis:getsharditerator", "kinesis:describestream", "kinesis:describestreamsummary"),
        *("kinesis:liststreams", "kinesis:listshards", "kinesis:subscribetoshard"),
        *("dynamodb:getrecords", "dynamodb:getsharditerator", "dynamodb:describestream", "dynamodb:liststreams"),
    )
)
"""All that consumers of a queue or stream do, in lower case: the above, and what their own code may add."""
