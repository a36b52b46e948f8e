"""Functions that retry only what failed, and that run on a supported runtime."""

from datetime import UTC, date, datetime

import msgspec

from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, Resource, Stack
from policypack.model.event_sources import event_source
from policypack.model.lambda_runtimes import DEPRECATED
from policypack.rule import Findings, Options, Severity, rule

_PARTIAL_BATCH_SOURCES = frozenset({"sqs", "kinesis", "dynamodb"})  # CreateEventSourceMapping, "FunctionResponseTypes"


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.MEDIUM,
    fix="Set function_response_types to ['ReportBatchItemFailures'], and return the IDs of the failed messages as "
    "batchItemFailures from the handler.",
    terms=(
        "ESM",
        "poison message",
        "poison pill",
        "partial batch failure",
        "idempotency",
        "batch size",
        "duplicate processing",
    ),
)
def event_source_mapping_reports_batch_item_failures(mapping: Resource, stack: Stack) -> Findings:
    """Without partial batch responses, one message that fails makes Lambda retry the whole batch.

    Messages that were processed successfully are then processed again. The rule judges mappings of SQS queues, Kinesis
    streams and DynamoDB streams whose batches may have more than one message (Lambda developer guide, "Handling errors
    for an SQS event source in Lambda").
    """
    if event_source(mapping, stack) not in _PARTIAL_BATCH_SOURCES or mapping.get("batchSize") == 1:
        return
    if "ReportBatchItemFailures" not in mapping.get("functionResponseTypes", ()):
        yield "retries the whole batch when one message fails", "functionResponseTypes"


class RuntimeOptions(Options):
    """`as_of`: the date to judge for, by default today. Set it where later runs have to give the same result."""

    as_of: date = msgspec.field(default_factory=lambda: datetime.now(UTC).date())


@rule(
    on=FUNCTION,
    severity=Severity.MEDIUM,
    fix="Set runtime to a supported version, such as python3.13.",
    terms=("EOL", "end of life", "end of support", "outdated"),
)
def function_runtime_is_supported(function: Resource, options: RuntimeOptions) -> Findings:
    """A deprecated runtime gets no security updates, and AWS later refuses to create or update functions that use it.

    Container images bring their own runtime and pass (Lambda developer guide, "Lambda runtimes": "Runtime deprecation
    policy").
    """
    runtime = function.get("runtime")  # none: a container image, which brings its own
    deprecated = DEPRECATED.get(runtime)
    if deprecated is not None and deprecated <= options.as_of:
        yield f"runs on {runtime}, which AWS deprecated on {deprecated}", "runtime"
