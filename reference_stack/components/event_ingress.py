"""Work that comes in as events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import allow_service, document, refuse_plain_http
from pulumi_aws import cloudwatch, sqs

from components.dead_letters import dead_letters, watch_dead_letters

if TYPE_CHECKING:
    from place import Place

    from components.alarms import Alerting

RETRY_HOURS: Final = 24
RETRIES: Final = 185
"""EventBridge's own most, within 24 hours: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html."""


@dataclass(frozen=True, kw_only=True)
class EventIngressArgs:
    """Which events are work, and where it goes.

    bus_name: of the bus that is made, and of its rule. detail_type: of the events that are work; their detail is the
    message. queue_name: of the work queue, which has to let in what `rule_arn` says. key_alias (with `alias/`),
    key_arn: of the key.
    """

    place: Place
    bus_name: str
    queue_name: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    alerting: Alerting
    detail_type: str = "item"


class EventIngress(pulumi.ComponentResource):
    """An encrypted EventBridge bus, and a rule that puts each event's detail into the work queue.

    What cannot be delivered within a day goes to a dead-letter queue of its own. Roles of the account send with
    events:PutEvents on the bus. `bus_name` is known at preview, `bus_arn` and `dead_letter_url` once they exist.
    """

    bus_name: pulumi.Output[str]
    bus_arn: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]

    def __init__(self, name: str, args: EventIngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:ingress:EventIngress", name, None, opts)
        child, tags, place = pulumi.ResourceOptions(parent=self), args.alerting.tags, args.place
        aside = dead_letters(f"{name}-dead-letters", args.key_alias, tags, self)
        aside_arn, sources = place.queue(aside.name), [rule_arn(place, args.bus_name), _bus_arn(place, args.bus_name)]
        policy = sqs.QueuePolicy(
            f"{name}-dead-letters",
            queue_url=aside.url,
            policy=document(
                refuse_plain_http("sqs:*", aside_arn),
                allow_service("events", ["sqs:SendMessage"], aside_arn, {"ArnEquals": {"aws:SourceArn": sources}}),
            ),
            opts=child,
        )
        watch_dead_letters(f"{name}-dead-letters", aside, RETRY_HOURS // 24, args.alerting, self)
        bus = cloudwatch.EventBus(
            name,
            name=args.bus_name,
            description="Work for the queue",
            kms_key_identifier=args.key_arn,
            dead_letter_config=cloudwatch.EventBusDeadLetterConfigArgs(arn=aside_arn),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        rule = cloudwatch.EventRule(
            name,
            name=args.bus_name,
            description="Each event's detail is a message in the work queue",
            event_bus_name=bus.name,
            event_pattern=json.dumps({"detail-type": [args.detail_type]}),
            tags=tags,
            opts=child,
        )
        cloudwatch.EventTarget(
            name,
            rule=rule.name,
            event_bus_name=bus.name,
            target_id="work",
            arn=place.queue(args.queue_name),
            input_path="$.detail",
            retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RETRY_HOURS * 3_600, maximum_retry_attempts=RETRIES
            ),
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=aside_arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.bus_name, self.bus_arn = bus.name, bus.arn
        self.dead_letter_arn, self.dead_letter_url = aside.arn, aside.url
        self.register_outputs(
            {
                "bus_name": self.bus_name,
                "bus_arn": self.bus_arn,
                "dead_letter_arn": self.dead_letter_arn,
                "dead_letter_url": self.dead_letter_url,
            }
        )


def rule_arn(place: Place, bus_name: str) -> pulumi.Output[str]:
    """The ARN of the rule of a bus, which the policies of the queues name."""
    return place.arn("events", f"rule/{bus_name}/{bus_name}")


def _bus_arn(place: Place, bus_name: str) -> pulumi.Output[str]:
    return place.arn("events", f"event-bus/{bus_name}")
