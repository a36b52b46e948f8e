"""Functions that take no more work than the system behind them can bear."""

from policypack.model import EVENT_SOURCE_MAPPING, Resource, Stack
from policypack.model.event_sources import event_source
from policypack.rule import Findings, Severity, rule


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.MEDIUM,
    fix="Set scaling_config.maximum_concurrency (2 to 1000), no higher than the function's reserved concurrency.",
)
def event_source_mapping_sets_maximum_concurrency(mapping: Resource, stack: Stack) -> Findings:
    """Without a bound a full queue takes all concurrency of the account, and floods the table and the endpoint behind.

    The function's own reserved concurrency is no such bound: the pollers ignore it, and messages that are throttled
    often enough end in the dead-letter queue without ever having been tried.
    """
    if event_source(mapping, stack) != "sqs":
        return
    if not mapping.has("scalingConfig.maximumConcurrency") and not mapping.has(
        "provisionedPollerConfig.maximumPollers"
    ):
        yield "has no maximum concurrency", "scalingConfig"
