"""Event source mappings whose concurrency is limited to what the rest of the system can handle."""

from policypack.model import EVENT_SOURCE_MAPPING, Resource, Stack
from policypack.model.event_sources import event_source
from policypack.rule import Findings, Severity, rule


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.MEDIUM,
    fix="Set scaling_config.maximum_concurrency (2 to 1000), no higher than the function's reserved concurrency.",
    terms=(
        "ESM",
        "throttling",
        "backpressure",
        "TooManyRequestsException",
        "concurrency limit",
    ),
)
def event_source_mapping_sets_maximum_concurrency(mapping: Resource, stack: Stack) -> Findings:
    """Without a maximum concurrency, a backlog of messages can use up the Lambda concurrency of the whole account.

    It also overloads what the function calls, such as a table or an endpoint. The rule judges mappings of SQS queues.
    Reserved concurrency of the function is no substitute: the pollers ignore it, and messages whose invocations are
    throttled often enough go to the dead-letter queue without having been processed (Lambda developer guide,
    "Configuring scaling behavior for SQS event source mappings").
    """
    if event_source(mapping, stack) != "sqs":
        return
    if not mapping.has("scalingConfig.maximumConcurrency") and not mapping.has(
        "provisionedPollerConfig.maximumPollers"
    ):
        yield "has no maximum concurrency", "scalingConfig"
