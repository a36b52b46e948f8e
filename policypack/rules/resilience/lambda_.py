"""Functions that fail one message at a time, on a runtime that is still mended."""

from datetime import UTC, date, datetime

import msgspec

from policypack.model import EVENT_SOURCE_MAPPING, FUNCTION, Resource, Stack
from policypack.model.event_sources import event_source
from policypack.model.lambda_runtimes import DEPRECATED
from policypack.rule import Findings, Options, Severity, rule

_REPORTING = frozenset({"sqs", "kinesis", "dynamodb"})  # CreateEventSourceMapping, "FunctionResponseTypes"


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.MEDIUM,
    fix="Set function_response_types to ['ReportBatchItemFailures'] and let the handler return what failed.",
)
def event_source_mapping_reports_batch_item_failures(mapping: Resource, stack: Stack) -> Findings:
    """Without the report one bad message fails its whole batch, and the good ones in it are all worked on again."""
    if event_source(mapping, stack) not in _REPORTING or mapping.get("batchSize") == 1:
        return
    if "ReportBatchItemFailures" not in mapping.get("functionResponseTypes", ()):
        yield "fails a whole batch for one bad message", "functionResponseTypes"


class RuntimeOptions(Options):
    """The day to judge for: today, unless a run has to give the same answer tomorrow."""

    as_of: date = msgspec.field(default_factory=lambda: datetime.now(UTC).date())


@rule(on=FUNCTION, severity=Severity.MEDIUM, fix="Set runtime to a supported version, such as python3.13.")
def function_runtime_is_supported(function: Resource, options: RuntimeOptions) -> Findings:
    """A deprecated runtime gets no more security updates, and AWS later refuses to create or update functions on it."""
    runtime = function.get("runtime")  # none: a container image, which brings its own
    deprecated = DEPRECATED.get(runtime)
    if deprecated is not None and deprecated <= options.as_of:
        yield f"runs on {runtime}, which AWS deprecated on {deprecated}", "runtime"
