"""Requests of types with regular APIs: type, operation, inputs."""

from __future__ import annotations

from typing import Any

VARIANT = {"modelName": "m", "variantName": "all", "initialVariantWeight": 1}


def canary(size: int) -> dict[str, Any]:
    """Make a deployment that goes by a canary."""
    routing = {
        "type": "CANARY",
        "waitIntervalInSeconds": 300,
        "canarySize": {"type": "CAPACITY_PERCENT", "value": size},
    }
    return {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": routing, "terminationWaitInSeconds": 0}}


REGULAR: list[tuple[str, str, dict[str, Any]]] = [
    (
        "aws:sagemaker/model:Model",
        "create_model",
        {
            "name": "m",
            "executionRoleArn": "arn:aws:iam::123456789012:role/r",
            "primaryContainer": {
                "image": "i",
                "environment": {"a": "b"},
                "modelDataSource": {
                    "s3DataSources": [{"compressionType": "None", "s3DataType": "S3Prefix", "s3Uri": "s3://b/k/"}]
                },
            },
            "vpcConfig": {"subnets": ["a", "b"], "securityGroupIds": ["c"]},
            "enableNetworkIsolation": True,
        },
    ),
    (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "create_endpoint_config",
        {
            "name": "c",
            "kmsKeyArn": "key",
            "productionVariants": [
                {
                    **VARIANT,
                    "instanceType": "ml.m5.large",
                    "initialInstanceCount": 2,
                    "volumeSizeInGb": 10,
                    "enableSsmAccess": False,
                    "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
                    "managedInstanceScaling": {"status": "ENABLED", "minInstanceCount": 1, "maxInstanceCount": 2},
                }
            ],
            "dataCaptureConfig": {
                "captureOptions": [{"captureMode": "Input"}, {"captureMode": "Output"}],
                "captureContentTypeHeader": {"csvContentTypes": ["text/csv"]},
                "destinationS3Uri": "s3://b/k",
                "initialSamplingPercentage": 50,
                "enableCapture": True,
            },
        },
    ),
    (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "create_endpoint_config",
        {
            "name": "c",
            "productionVariants": [
                {
                    **VARIANT,
                    "serverlessConfig": {"maxConcurrency": 5, "memorySizeInMb": 2048, "provisionedConcurrency": 1},
                }
            ],
        },
    ),
    (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "create_endpoint_config",
        {
            "name": "c",
            "productionVariants": [VARIANT],
            "asyncInferenceConfig": {
                "outputConfig": {
                    "s3OutputPath": "s3://b/k",
                    "s3FailurePath": "s3://b/f",
                    "kmsKeyId": "key",
                    "notificationConfig": {
                        "errorTopic": "e",
                        "successTopic": "s",
                        "includeInferenceResponseIns": ["ERROR_NOTIFICATION_TOPIC"],
                    },
                },
                "clientConfig": {"maxConcurrentInvocationsPerInstance": 4},
            },
        },
    ),
    (
        "aws:sagemaker/endpoint:Endpoint",
        "create_endpoint",
        {
            "name": "e",
            "endpointConfigName": "c",
            "deploymentConfig": {
                **canary(10),
                "autoRollbackConfiguration": {"alarms": [{"alarmName": "a"}]},
            },
        },
    ),
    (
        "aws:sagemaker/endpoint:Endpoint",
        "create_endpoint",
        {
            "name": "e",
            "endpointConfigName": "c",
            "deploymentConfig": {
                "rollingUpdatePolicy": {
                    "maximumBatchSize": {"type": "INSTANCE_COUNT", "value": 1},
                    "rollbackMaximumBatchSize": {"type": "INSTANCE_COUNT", "value": 1},
                    "waitIntervalInSeconds": 60,
                }
            },
        },
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "put_metric_alarm",
        {
            "name": "a",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "metricName": "m",
            "namespace": "n",
            "dimensions": {"A": "b"},
            "period": 60,
            "statistic": "Sum",
            "threshold": 0.5,
            "okActions": ["arn"],
            "evaluateLowSampleCountPercentiles": "ignore",
        },
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "put_metric_alarm",
        {
            "name": "a",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "metricQueries": [
                {"id": "r", "expression": "e / c", "label": "rate", "returnData": True},
                {
                    "id": "e",
                    "returnData": False,
                    "metric": {
                        "metricName": "Errors",
                        "namespace": "AWS/Lambda",
                        "period": 60,
                        "stat": "Sum",
                        "unit": "Count",
                        "dimensions": {"FunctionName": "f"},
                    },
                },
            ],
        },
    ),
    (
        "aws:cloudwatch/eventBus:EventBus",
        "create_event_bus",
        {
            "name": "b",
            "description": "all of it",
            "kmsKeyIdentifier": "key",
            "deadLetterConfig": {"arn": "dead"},
            "logConfig": {"includeDetail": "NONE", "level": "ERROR"},
        },
    ),
    (
        "aws:cloudwatch/eventArchive:EventArchive",
        "create_archive",
        {"name": "a", "eventSourceArn": "arn", "eventPattern": "{}", "retentionDays": 7, "kmsKeyIdentifier": "key"},
    ),
    (
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "put_composite_alarm",
        {
            "alarmName": "c",
            "alarmRule": "ALARM(a)",
            "actionsEnabled": False,
            "alarmActions": ["arn"],
            "alarmDescription": "d",
            "actionsSuppressor": {"alarm": "a", "extensionPeriod": 60, "waitPeriod": 120},
        },
    ),
]
