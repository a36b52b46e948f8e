"""How work comes in, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.event_ingress import EventIngress, EventIngressArgs, rule_arn
from components.http_ingress import HttpIngress, HttpIngressArgs
from components.work_queue import Sender

if TYPE_CHECKING:
    from components.work_queue import WorkQueue
    from foundation import Foundation

Ingress = EventIngress | HttpIngress


def sender(base: Foundation) -> Sender | None:
    """Whom the work queue lets in besides roles: the rule of the bus, which it has to know before the rule exists."""
    if base.settings.ingress != "events":
        return None
    return Sender(service="events", sources=[rule_arn(base.place, base.names.prefix)])


def ingress(base: Foundation, work: WorkQueue) -> Ingress | None:
    """The bus or the API; None where senders use the queue itself."""
    match base.settings.ingress:
        case "events":
            return EventIngress(
                "ingress",
                EventIngressArgs(
                    place=base.place,
                    bus_name=base.names.prefix,
                    queue_name=work.name,
                    key_alias=base.key.alias,
                    key_arn=base.key.arn,
                    alerting=base.alerting,
                ),
            )
        case "http":
            return HttpIngress(
                "ingress",
                HttpIngressArgs(
                    place=base.place,
                    queue_name=work.name,
                    queue_url=work.url,
                    key_alias=base.key.alias,
                    key_arn=base.key.arn,
                    log_group_name=base.names.access_logs,
                    log_retention_days=base.settings.log_retention_days,
                    alerting=base.alerting,
                ),
            )
        case _:
            return None
