"""The graphs of the dashboard, in the order in which work flows: from the queue to the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.async_endpoint import AsyncEndpoint
from components.hosting import VARIANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi
    from components.observability import Series
    from components.queue_function import Worker
    from components.work_queue import WorkQueue
    from endpoints import Endpoint

    Dimensions = dict[str, pulumi.Input[str]]

SQS, LAMBDA, SAGEMAKER, OWN, DYNAMODB = "AWS/SQS", "AWS/Lambda", "AWS/SageMaker", "DecoupledAI", "AWS/DynamoDB"


def dashboard_graphs(
    work: WorkQueue, worker: Worker, model: Endpoint, tables: Sequence[pulumi.Output[str]]
) -> dict[str, list[Series]]:
    """Metric lines by the title of their graph."""
    queue, dead_letter_queue = {"QueueName": work.name}, {"QueueName": work.dead_letter_name}
    function, own = {"FunctionName": worker.function_name}, {"Function": worker.function_name}
    endpoint: Dimensions = {"EndpointName": model.endpoint_name, "VariantName": VARIANT}
    return {
        "Work that waits": [
            ("waiting", SQS, "ApproximateNumberOfMessagesVisible", queue, "Maximum"),
            ("in hand", SQS, "ApproximateNumberOfMessagesNotVisible", queue, "Maximum"),
            ("set aside", SQS, "ApproximateNumberOfMessagesVisible", dead_letter_queue, "Maximum"),
        ],
        "Age of the oldest work, seconds": [
            ("oldest", SQS, "ApproximateAgeOfOldestMessage", queue, "Maximum"),
        ],
        "Items": [
            ("received", OWN, "Items", own, "Sum"),
            ("stored", OWN, "Stored", own, "Sum"),
            ("done before", OWN, "Duplicates", own, "Sum"),
            ("put back", OWN, "PutBack", own, "Sum"),
            ("poison", OWN, "Poison", own, "Sum"),
        ],
        "Batches": [
            ("at a time", LAMBDA, "ConcurrentExecutions", function, "Maximum"),
            ("failed", LAMBDA, "Errors", function, "Sum"),
            ("turned away", LAMBDA, "Throttles", function, "Sum"),
        ],
        "Time of a batch, milliseconds": [
            ("half of them", LAMBDA, "Duration", function, "p50"),
            ("99 of 100", LAMBDA, "Duration", function, "p99"),
            ("the model, as the worker sees it", OWN, "ModelLatency", own, "p99"),
        ],
        **(_async_graphs(model, endpoint) if isinstance(model, AsyncEndpoint) else _realtime_graphs(endpoint)),
        "Throttled by the tables": [
            ("writes", DYNAMODB, "WriteThrottleEvents", {"TableName": table}, "Sum") for table in tables
        ],
    }


def _realtime_graphs(endpoint: Dimensions) -> dict[str, list[Series]]:
    """Graphs of a real-time or serverless endpoint."""
    return {
        "The model's answers": [("requests", SAGEMAKER, "Invocations", endpoint, "Sum"), *_errors(endpoint)],
        "The model's time, microseconds": [
            ("99 of 100", SAGEMAKER, "ModelLatency", endpoint, "p99"),
            ("on the way to it", SAGEMAKER, "OverheadLatency", endpoint, "p99"),
        ],
    }


def _async_graphs(model: AsyncEndpoint, endpoint: Dimensions) -> dict[str, list[Series]]:
    """Graphs of an asynchronous endpoint, which publishes neither Invocations nor OverheadLatency.

    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    """
    endpoint_only: Dimensions = {"EndpointName": model.endpoint_name}
    return {
        "Batches at the model": [
            ("waiting or in hand", SAGEMAKER, "ApproximateBacklogSize", endpoint_only, "Maximum"),
            ("of one instance", SAGEMAKER, "ApproximateBacklogSizePerInstance", endpoint_only, "Maximum"),
            *_errors(endpoint),
            ("failed for any reason", SAGEMAKER, "InvocationFailures", endpoint, "Sum"),
        ],
        "Age of the oldest batch, seconds": [
            ("oldest", SAGEMAKER, "ApproximateAgeOfOldestRequest", endpoint_only, "Maximum"),
        ],
        "The model's time, microseconds": [
            ("99 of 100", SAGEMAKER, "ModelLatency", endpoint, "p99"),
            ("waiting", SAGEMAKER, "TimeInBacklog", endpoint, "p99"),
        ],
    }


def _errors(endpoint: Dimensions) -> list[Series]:
    return [
        ("refused", SAGEMAKER, "Invocation4XXErrors", endpoint, "Sum"),
        ("failed", SAGEMAKER, "Invocation5XXErrors", endpoint, "Sum"),
    ]
