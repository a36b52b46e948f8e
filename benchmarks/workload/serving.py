"""The other half of a service: the model it asks, its key, its bucket, its logs and alarms."""

from __future__ import annotations

from typing import Any

from benchmarks.workload.wiring import ACCOUNT, AT, policy, tags


def key(n: str) -> dict[str, Any]:
    """The key that everything of the service is encrypted with."""
    owner = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    return {
        "description": f"service {n}",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "keyUsage": "ENCRYPT_DECRYPT",
        "isEnabled": True,
        "policy": policy({**owner, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
        **tags(n),
    }


def log_group(n: str) -> dict[str, Any]:
    """Where the worker logs."""
    return {
        "name": f"/aws/lambda/worker-{n}",
        "retentionInDays": 30,
        "kmsKeyId": f"arn:aws:kms:{AT}:key/{n}",
        **tags(n),
    }


def alarm(n: str) -> dict[str, Any]:
    """What wakes somebody up when jobs grow old."""
    return {
        "name": f"jobs-{n}-old",
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3,
        "metricName": "ApproximateAgeOfOldestMessage",
        "namespace": "AWS/SQS",
        "period": 60,
        "statistic": "Maximum",
        "threshold": 300.5,
        "actionsEnabled": True,
        "dimensions": {"QueueName": f"jobs-{n}"},
        "alarmActions": [f"arn:aws:sns:{AT}:alarms-{n}"],
        "treatMissingData": "notBreaching",
        **tags(n),
    }


def topic(n: str) -> dict[str, Any]:
    """Where alarms go."""
    return {"name": f"alarms-{n}", "kmsMasterKeyId": f"arn:aws:kms:{AT}:key/{n}", "fifoTopic": False, **tags(n)}


def topic_policy(n: str) -> dict[str, Any]:
    """Who may raise alarms."""
    arn = f"arn:aws:sns:{AT}:alarms-{n}"
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": arn}
    source = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    service = {"Service": "cloudwatch.amazonaws.com"}
    return {"arn": arn, "policy": policy({**publish, "Principal": service, "Condition": source})}


def subscription(n: str) -> dict[str, Any]:
    """Who reads alarms."""
    return {"topic": f"arn:aws:sns:{AT}:alarms-{n}", "protocol": "email", "endpoint": "team-a@example.org"}


def bucket(n: str) -> dict[str, Any]:
    """Where models are kept."""
    return {"bucket": f"models-{n}", "forceDestroy": False, "objectLockEnabled": False, **tags(f"models-{n}")}


def public_access_block(n: str) -> dict[str, Any]:
    """What keeps the bucket private."""
    return {
        "bucket": f"models-{n}",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


def model(n: str) -> dict[str, Any]:
    """The model."""
    container = {
        "image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/xgboost:1.7-1",
        "mode": "SingleModel",
        "modelDataUrl": f"s3://models-{n}/model.tar.gz",
    }
    return {
        "name": f"model-{n}",
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/model-{n}",
        "primaryContainer": container,
        "enableNetworkIsolation": True,
        "vpcConfig": {"securityGroupIds": [f"sg-{n}"], "subnets": [f"subnet-{n}a"]},
        **tags(f"model-{n}"),
    }


def endpoint_configuration(n: str) -> dict[str, Any]:
    """How the model is served."""
    variant = {"modelName": f"model-{n}", "initialInstanceCount": 2, "instanceType": "ml.m5.large"}
    return {
        "name": f"model-{n}",
        "productionVariants": [
            {**variant, "variantName": "all", "initialVariantWeight": 1},
            {**variant, "variantName": "next", "initialVariantWeight": 0},
        ],
        "kmsKeyArn": f"arn:aws:kms:{AT}:key/{n}",
        **tags(f"model-{n}"),
    }


def endpoint(n: str) -> dict[str, Any]:
    """Where the model answers."""
    return {"name": f"model-{n}", "endpointConfigName": f"model-{n}", **tags(n)}
