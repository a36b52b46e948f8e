"""Work items that arrive as EventBridge events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import allow_service, deny_insecure_transport, document
from pulumi_aws import cloudwatch, sqs

from components.dead_letter_queue import alarm_on_dead_letters, make_dead_letter_queue

if TYPE_CHECKING:
    from aws_environment import AwsEnvironment

    from components.alarms import Alerting

RETRY_HOURS: Final = 24
RETRIES: Final = 185
"""EventBridge's maximum, within 24 hours: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html."""


@dataclass(frozen=True, kw_only=True)
class EventIngressArgs:
    """The events that are work items, and the queue that receives them.

    bus_name: of the bus to create, and of its rule. detail_type: of the matching events; their detail becomes the
    message. queue_name: of the work queue, whose policy must admit `rule_arn`. key_alias (with `alias/`), key_arn: of
    the key.
    """

    aws_env: AwsEnvironment
    bus_name: str
    queue_name: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    alerting: Alerting
    detail_type: str = "item"


class EventIngress(pulumi.ComponentResource):
    """An encrypted EventBridge bus, and a rule that sends each event's detail to the work queue.

    Events that cannot be delivered within a day go to a dead-letter queue of its own. Roles of the account need
    events:PutEvents on the bus. `bus_name` is known at preview, `bus_arn` and `dead_letter_url` once they exist.
    """

    bus_name: pulumi.Output[str]
    bus_arn: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]

    def __init__(self, name: str, args: EventIngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:ingress:EventIngress", name, None, opts)
        child, tags, aws_env = pulumi.ResourceOptions(parent=self), args.alerting.tags, args.aws_env
        dead_letter_queue = make_dead_letter_queue(f"{name}-dead-letters", args.key_alias, tags, self)
        aside_arn, sources = (
            aws_env.queue_arn(dead_letter_queue.name),
            [rule_arn(aws_env, args.bus_name), _bus_arn(aws_env, args.bus_name)],
        )
        policy = sqs.QueuePolicy(
            f"{name}-dead-letters",
            queue_url=dead_letter_queue.url,
            policy=document(
                deny_insecure_transport("sqs:*", aside_arn),
                allow_service("events", ["sqs:SendMessage"], aside_arn, {"ArnEquals": {"aws:SourceArn": sources}}),
            ),
            opts=child,
        )
        alarm_on_dead_letters(f"{name}-dead-letters", dead_letter_queue, RETRY_HOURS // 24, args.alerting, self)
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
            arn=aws_env.queue_arn(args.queue_name),
            input_path="$.detail",
            retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=RETRY_HOURS * 3_600, maximum_retry_attempts=RETRIES
            ),
            dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=aside_arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.bus_name, self.bus_arn = bus.name, bus.arn
        self.dead_letter_arn, self.dead_letter_url = dead_letter_queue.arn, dead_letter_queue.url
        self.register_outputs(
            {
                "bus_name": self.bus_name,
                "bus_arn": self.bus_arn,
                "dead_letter_arn": self.dead_letter_arn,
                "dead_letter_url": self.dead_letter_url,
            }
        )


def rule_arn(aws_env: AwsEnvironment, bus_name: str) -> pulumi.Output[str]:
    """The ARN of the rule of a bus, for queue policies."""
    return aws_env.arn("events", f"rule/{bus_name}/{bus_name}")


def _bus_arn(aws_env: AwsEnvironment, bus_name: str) -> pulumi.Output[str]:
    return aws_env.arn("events", f"event-bus/{bus_name}")
