"""The stack's outputs: URLs and names for callers, ARNs for the policies of other stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.async_endpoint import AsyncEndpoint
from components.event_ingress import EventIngress
from components.http_ingress import HttpIngress
from components.instance_endpoint import InstanceEndpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi
    from components.async_answers import AsyncAnswers
    from components.model_artefact import ModelArtefact
    from components.queue_function import Worker
    from components.work_queue import WorkQueue
    from endpoints import Endpoint
    from functions import Stores
    from ingresses import Ingress
    from shared_resources import SharedResources

Exports = dict[str, "pulumi.Input[str]"]


def exports(
    shared: SharedResources,
    *,
    work: WorkQueue,
    stores: Stores,
    model: Endpoint,
    functions: Mapping[str, Worker],
    artefact: ModelArtefact | None,
    async_answers: AsyncAnswers | None,
    ingress: Ingress | None,
) -> Exports:
    """All outputs by name. Outputs of other shapes and ingresses are left out."""
    found: Exports = {
        "endpoint_shape": shared.settings.endpoint_shape,
        "ingress": shared.settings.ingress,
        "key_arn": shared.key.arn,
        "key_alias": shared.key.alias,
        "alarm_topic_arn": shared.topic.arn,
        "queue_url": work.url,
        "queue_name": work.name,
        "queue_arn": work.arn,
        "dead_letter_queue_url": work.dead_letter_url,
        "dead_letter_queue_arn": work.dead_letter_arn,
        "results_table": stores.results.name,
        "results_table_arn": stores.results.arn,
        "idempotency_table": stores.claims.name,
        "idempotency_table_arn": stores.claims.arn,
        "endpoint_name": model.endpoint_name,
        "endpoint_arn": model.endpoint_arn,
        "endpoint_configuration_arn": model.configuration_arn,
        "model_arn": model.model_arn,
        "model_role_arn": model.role_arn,
        "model_log_group_arn": model.log_group_arn,
    }
    for name, worker in functions.items():
        prefix = "function" if name == "worker" else f"{name}_function"
        found |= {
            f"{prefix}_name": worker.function_name,
            f"{prefix}_arn": worker.function_arn,
            f"{prefix}_alias_arn": worker.alias_arn,
            "mapping_arn" if name == "worker" else f"{name}_mapping_arn": worker.mapping_arn,
            f"{name}_role_arn": worker.role_arn,
            f"{name}_log_group": worker.log_group_name,
            f"{name}_log_group_arn": worker.log_group_arn,
        }
    if artefact is not None:
        found |= {"model_bucket_arn": artefact.bucket_arn, "model_artefact": artefact.url}
    if isinstance(model, InstanceEndpoint):
        found |= {"capture_bucket": model.bucket}
    if isinstance(model, AsyncEndpoint):
        found |= {
            "batch_bucket": model.bucket,
            "success_topic_arn": model.success_topic,
            "error_topic_arn": model.error_topic,
        }
    if async_answers is not None:
        found |= {
            "answers_queue_url": async_answers.queue.url,
            "answers_queue_arn": async_answers.queue.arn,
            "answers_dead_letter_queue_url": async_answers.queue.dead_letter_url,
            "answers_dead_letter_queue_arn": async_answers.queue.dead_letter_arn,
        }
    if shared.network is not None:
        found |= {
            "vpc_id": shared.network.vpc_id,
            "flow_log_role_arn": shared.network.flow_logs.role_arn,
            "flow_log_group_arn": shared.network.flow_logs.log_group_arn,
        }
    return found | _ingress_exports(ingress)


def _ingress_exports(ingress: Ingress | None) -> Exports:
    if isinstance(ingress, EventIngress):
        return {
            "event_bus_name": ingress.bus_name,
            "event_bus_arn": ingress.bus_arn,
            "undelivered_queue_url": ingress.dead_letter_url,
            "undelivered_queue_arn": ingress.dead_letter_arn,
        }
    if isinstance(ingress, HttpIngress):
        return {
            "api_url": ingress.url,
            "api_arn": ingress.api_arn,
            "ingress_role_arn": ingress.role_arn,
            "access_log_group_arn": ingress.log_group_arn,
        }
    return {}
