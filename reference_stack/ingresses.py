"""How work items enter the stack: the configured ingress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.event_ingress import EventIngress, EventIngressArgs, rule_arn
from components.http_ingress import HttpIngress, HttpIngressArgs
from components.work_queue import Sender

if TYPE_CHECKING:
    from components.work_queue import WorkQueue
    from shared_resources import SharedResources

Ingress = EventIngress | HttpIngress


def queue_sender(shared: SharedResources) -> Sender | None:
    """The service that the queue policy allows to send: the rule of the event bus, named before the rule exists."""
    if shared.settings.ingress != "events":
        return None
    return Sender(service="events", sources=[rule_arn(shared.aws_env, shared.names.prefix)])


def ingress(shared: SharedResources, work: WorkQueue) -> Ingress | None:
    """The event bus or the HTTP API; None if senders use the queue directly."""
    match shared.settings.ingress:
        case "events":
            return EventIngress(
                "ingress",
                EventIngressArgs(
                    aws_env=shared.aws_env,
                    bus_name=shared.names.prefix,
                    queue_name=work.name,
                    key_alias=shared.key.alias,
                    key_arn=shared.key.arn,
                    alerting=shared.alerting,
                ),
            )
        case "http":
            return HttpIngress(
                "ingress",
                HttpIngressArgs(
                    aws_env=shared.aws_env,
                    queue_name=work.name,
                    queue_url=work.url,
                    key_alias=shared.key.alias,
                    key_arn=shared.key.arn,
                    log_group_name=shared.names.access_logs,
                    log_retention_days=shared.settings.log_retention_days,
                    alerting=shared.alerting,
                ),
            )
        case _:
            return None
