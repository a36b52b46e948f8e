"""The stack's outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference_stack.conftest import Deploy

COMMON = {
    *("queue_url", "queue_name", "queue_arn", "dead_letter_queue_url", "dead_letter_queue_arn", "results_table"),
    *("results_table_arn", "idempotency_table", "idempotency_table_arn", "endpoint_name", "endpoint_arn"),
    *("endpoint_configuration_arn", "model_arn", "model_role_arn", "function_name", "function_arn"),
    *("function_alias_arn", "worker_role_arn", "key_arn", "alarm_topic_arn", "endpoint_shape", "ingress"),
}


@pytest.mark.parametrize(
    ("values", "further"),
    [
        ({}, {"model_bucket_arn", "model_artefact", "capture_bucket"}),
        ({"ingress": "events"}, {"event_bus_name", "event_bus_arn", "undelivered_queue_arn", "undelivered_queue_url"}),
        ({"ingress": "http"}, {"api_url", "api_arn", "ingress_role_arn", "access_log_group_arn"}),
        (
            {"endpointShape": "async"},
            {
                *("batch_bucket", "success_topic_arn", "error_topic_arn", "answers_queue_arn", "answers_queue_url"),
                *("answers_dead_letter_queue_arn", "collector_function_arn", "collector_role_arn"),
            },
        ),
        ({"vpc": "true"}, {"vpc_id", "flow_log_role_arn", "flow_log_group_arn"}),
    ],
)
def test_exports_for_callers_and_other_stacks(
    deploy: Deploy, exports: dict[str, Any], values: dict[str, str], further: set[str]
) -> None:
    """URLs, names and ARNs; outputs of other shapes are not exported."""
    deploy(**values)
    assert set(exports) >= COMMON | further
    assert ("api_url" in exports) == (values.get("ingress") == "http")
    assert ("capture_bucket" in exports) == (values.get("endpointShape") != "async")
    assert ("batch_bucket" in exports) == (values.get("endpointShape") == "async")
