"""Half of a service: a queue, the function that works it off, the table it writes to, and what they are allowed."""

from __future__ import annotations

import json
from typing import Any, Final

ACCOUNT: Final = "123456789012"
AT: Final = f"eu-west-1:{ACCOUNT}"


def policy(*statements: dict[str, Any]) -> str:
    """An IAM policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def tags(name: str) -> dict[str, Any]:
    """The tags that an organization wants on everything."""
    return {"tags": {"Name": name, "owner": "team-a", "cost-centre": "1234", "environment": "production"}}


def role(n: str) -> dict[str, Any]:
    """The worker's role."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    return {
        "name": f"worker-{n}",
        "assumeRolePolicy": policy(trust),
        "description": "The worker's own role",
        "maxSessionDuration": 3600,
        "path": "/",
        **tags(f"worker-{n}"),
    }


def role_policy(n: str) -> dict[str, Any]:
    """What the worker may do, and no more."""
    take = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    keep, log = ["dynamodb:PutItem", "dynamodb:GetItem"], ["logs:CreateLogStream", "logs:PutLogEvents"]
    logs = f"arn:aws:logs:{AT}:log-group:/aws/lambda/worker-{n}:*"
    trace = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    return {
        "name": f"worker-{n}",
        "role": f"worker-{n}",
        "policy": policy(
            {"Sid": "Take", "Effect": "Allow", "Action": take, "Resource": f"arn:aws:sqs:{AT}:jobs-{n}"},
            {"Sid": "Keep", "Effect": "Allow", "Action": keep, "Resource": f"arn:aws:dynamodb:{AT}:table/results-{n}"},
            {"Sid": "Log", "Effect": "Allow", "Action": log, "Resource": logs},
            {"Sid": "Trace", "Effect": "Allow", "Action": trace, "Resource": "*"},
            {"Sid": "Drop", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{AT}:dead-{n}"},
        ),
    }


def attachment(n: str) -> dict[str, Any]:
    """What the network team lets every worker do."""
    return {
        "role": f"worker-{n}",
        "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/worker-{n}",
    }


def function(n: str) -> dict[str, Any]:
    """The worker."""
    variables = {"RESULTS_TABLE": f"results-{n}", "ENDPOINT_NAME": f"model-{n}", "LOG_LEVEL": "info"}
    return {
        "name": f"worker-{n}",
        "role": f"arn:aws:iam::{ACCOUNT}:role/worker-{n}",
        "runtime": "python3.13",
        "handler": "handler.handle",
        "s3Bucket": f"models-{n}",
        "s3Key": "worker.zip",
        "architectures": ["arm64"],
        "memorySize": 512,
        "timeout": 30,
        "packageType": "Zip",
        "reservedConcurrentExecutions": 100,
        "environment": {"variables": variables},
        "deadLetterConfig": {"targetArn": f"arn:aws:sqs:{AT}:dead-{n}"},
        "tracingConfig": {"mode": "Active"},
        "loggingConfig": {"logFormat": "JSON", "logGroup": f"/aws/lambda/worker-{n}"},
        "ephemeralStorage": {"size": 512},
        "vpcConfig": {"securityGroupIds": [f"sg-{n}"], "subnetIds": [f"subnet-{n}a", f"subnet-{n}b"]},
        **tags(f"worker-{n}"),
    }


def permission(n: str) -> dict[str, Any]:
    """Who may call the worker."""
    return {
        "statementId": "topic",
        "action": "lambda:InvokeFunction",
        "function": f"worker-{n}",
        "principal": "sns.amazonaws.com",
        "sourceArn": f"arn:aws:sns:{AT}:alarms-{n}",
    }


def mapping(n: str) -> dict[str, Any]:
    """What takes messages from the queue to the worker."""
    return {
        "eventSourceArn": f"arn:aws:sqs:{AT}:jobs-{n}",
        "functionName": f"arn:aws:lambda:{AT}:function:worker-{n}",
        "batchSize": 10,
        "enabled": True,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "scalingConfig": {"maximumConcurrency": 50},
        **tags(n),
    }


def table(n: str) -> dict[str, Any]:
    """Where results go."""
    return {
        "name": f"results-{n}",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}, {"name": "processed_at", "type": "S"}],
        "globalSecondaryIndexes": [{"name": "by-time", "hashKey": "processed_at", "projectionType": "ALL"}],
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": f"arn:aws:kms:{AT}:key/{n}"},
        "ttl": {"enabled": True, "attributeName": "expires"},
        "deletionProtectionEnabled": True,
        **tags(f"results-{n}"),
    }


def queue(n: str) -> dict[str, Any]:
    """Where jobs come from."""
    return {
        "name": f"jobs-{n}",
        "visibilityTimeoutSeconds": 180,
        "messageRetentionSeconds": 345600,
        "maxMessageSize": 262144,
        "delaySeconds": 0,
        "receiveWaitTimeSeconds": 20,
        "kmsMasterKeyId": f"arn:aws:kms:{AT}:key/{n}",
        "redrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{AT}:dead-{n}", "maxReceiveCount": 5}),
        **tags(f"jobs-{n}"),
    }


def queue_policy(n: str) -> dict[str, Any]:
    """Who may send to the queue."""
    arn = f"arn:aws:sqs:{AT}:jobs-{n}"
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    source = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{AT}:alarms-{n}"}}
    return {
        "queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs-{n}",
        "policy": policy({**send, "Principal": {"Service": "sns.amazonaws.com"}, "Condition": source}),
    }
