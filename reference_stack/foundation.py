"""What all parts of the stack stand on: where it is, what it is called, its key, its alarms and its network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi_aws as aws
from components.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.alarms import Alerting
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.hosting import log_group_of
from components.network import ZONES, Network, NetworkArgs
from settings import DISPOSABLE_STACK

if TYPE_CHECKING:
    import pulumi
    from names import Names
    from place import Place
    from settings import Settings

SERVERLESS, ASYNC = "serverless", "async"
OLD: Final = ("use1-az3",)
"""A zone that several services and newer instances leave out, such as Amazon MSK and Fargate on ARM. It has another
name in each account: https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html."""


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Made once, and handed to whatever makes the rest. network: None where the stack is in none."""

    place: Place
    settings: Settings
    names: Names
    key: EncryptionKey
    topic: AlarmTopic
    alerting: Alerting
    network: Network | None
    disposable: bool

    @staticmethod
    def lay(place: Place, settings: Settings, names: Names, tags: dict[str, str], stack: str) -> Foundation:
        """Make key, topic and network."""
        key = EncryptionKey(
            "key",
            EncryptionKeyArgs(
                place=place,
                alias=names.prefix,
                log_groups=_log_groups(settings, names),
                senders=_senders(settings),
                tags=tags,
            ),
        )
        topic = AlarmTopic(
            "alarms", AlarmTopicArgs(place=place, key_alias=key.alias, email=settings.alarm_email, tags=tags)
        )
        return Foundation(
            place=place,
            settings=settings,
            names=names,
            key=key,
            topic=topic,
            alerting=Alerting(topics=[topic.arn], tags=tags),
            network=_network(place, settings, names, key, tags) if settings.vpc else None,
            disposable=stack == DISPOSABLE_STACK,
        )


def _network(place: Place, settings: Settings, names: Names, key: EncryptionKey, tags: dict[str, str]) -> Network:
    return Network(
        "network",
        NetworkArgs(
            place=place,
            zones=settings.availability_zones or _zones(),
            with_model=settings.endpoint_shape != SERVERLESS,
            log_group_name=names.flow_logs,
            log_retention_days=settings.log_retention_days,
            key_arn=key.arn,
            tags=tags,
        ),
    )


def _zones() -> list[str]:
    """The first two Availability Zones of the region: not local zones, none that has to be opted into, none of OLD."""
    kind = aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"])
    found = aws.get_availability_zones(state="available", filters=[kind], exclude_zone_ids=list(OLD))
    return sorted(found.names)[:ZONES]


def _log_groups(settings: Settings, names: Names) -> list[pulumi.Input[str]]:
    """All that there may be for these settings: the key lets CloudWatch Logs in for no others."""
    groups: list[pulumi.Input[str]] = [
        names.function_logs("worker"),
        log_group_of(names.endpoint(settings.endpoint_shape, settings.runs_on)),
    ]
    if settings.endpoint_shape == ASYNC:
        groups.append(names.function_logs("collector"))
    if settings.ingress == "http":
        groups.append(names.access_logs)
    if settings.vpc:
        groups.append(names.flow_logs)
    return groups


def _senders(settings: Settings) -> list[str]:
    """The services that write to what is encrypted without anybody's role."""
    senders = ["cloudwatch"]
    if settings.monthly_budget:
        senders.append("budgets")
    if settings.endpoint_shape == ASYNC:
        senders.append("sns")
    if settings.ingress == "events":
        senders.append("events")
    return senders
