"""The resources and settings that all components share: key, alarm topic, network, names."""

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
    from aws_environment import AwsEnvironment
    from names import Names
    from settings import Settings

SERVERLESS, ASYNC = "serverless", "async"
EXCLUDED_ZONE_IDS: Final = ("use1-az3",)
"""A zone that several services do not support, such as Amazon MSK and Fargate on ARM. It has another
name in each account: https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html."""


@dataclass(frozen=True, kw_only=True)
class SharedResources:
    """Created once and passed to all components. network: None if the stack has no VPC."""

    aws_env: AwsEnvironment
    settings: Settings
    names: Names
    key: EncryptionKey
    topic: AlarmTopic
    alerting: Alerting
    network: Network | None
    disposable: bool

    @staticmethod
    def create(
        aws_env: AwsEnvironment, settings: Settings, names: Names, tags: dict[str, str], stack: str
    ) -> SharedResources:
        """Create key, topic and network."""
        key = EncryptionKey(
            "key",
            EncryptionKeyArgs(
                aws_env=aws_env,
                alias=names.prefix,
                log_groups=_log_groups(settings, names),
                senders=_senders(settings),
                tags=tags,
            ),
        )
        topic = AlarmTopic(
            "alarms", AlarmTopicArgs(aws_env=aws_env, key_alias=key.alias, email=settings.alarm_email, tags=tags)
        )
        return SharedResources(
            aws_env=aws_env,
            settings=settings,
            names=names,
            key=key,
            topic=topic,
            alerting=Alerting(topics=[topic.arn], tags=tags),
            network=_network(aws_env, settings, names, key, tags) if settings.vpc else None,
            disposable=stack == DISPOSABLE_STACK,
        )


def _network(
    aws_env: AwsEnvironment, settings: Settings, names: Names, key: EncryptionKey, tags: dict[str, str]
) -> Network:
    return Network(
        "network",
        NetworkArgs(
            aws_env=aws_env,
            zones=settings.availability_zones or _zones(),
            with_model=settings.endpoint_shape != SERVERLESS,
            log_group_name=names.flow_logs,
            log_retention_days=settings.log_retention_days,
            key_arn=key.arn,
            tags=tags,
        ),
    )


def _zones() -> list[str]:
    """The first two Availability Zones of the region, without local zones, opt-in zones and EXCLUDED_ZONE_IDS."""
    kind = aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"])
    found = aws.get_availability_zones(state="available", filters=[kind], exclude_zone_ids=list(EXCLUDED_ZONE_IDS))
    return sorted(found.names)[:ZONES]


def _log_groups(settings: Settings, names: Names) -> list[pulumi.Input[str]]:
    """The log groups that may use the key with these settings: the key policy names them."""
    groups: list[pulumi.Input[str]] = [
        names.function_logs("worker"),
        log_group_of(names.endpoint(settings.endpoint_shape, settings.endpoint_instance_type)),
    ]
    if settings.endpoint_shape == ASYNC:
        groups.append(names.function_logs("collector"))
    if settings.ingress == "http":
        groups.append(names.access_logs)
    if settings.vpc:
        groups.append(names.flow_logs)
    return groups


def _senders(settings: Settings) -> list[str]:
    """The services that use the key on their own behalf, not on behalf of a role."""
    senders = ["cloudwatch"]
    if settings.monthly_budget:
        senders.append("budgets")
    if settings.endpoint_shape == ASYNC:
        senders.append("sns")
    if settings.ingress == "events":
        senders.append("events")
    return senders
