"""Where services send what they could not process: dead-letter queues and on-failure destinations.

Source: the schema of pulumi-aws 7.51.1. A redrive policy is JSON with the ARN of the dead-letter queue in it.
"""

from __future__ import annotations

from typing import Final

from policypack.model.types import (
    EVENT_SOURCE_MAPPING,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_EVENT_INVOKE_CONFIG,
    PIPE,
    QUEUE,
    REDRIVE_POLICY,
    SCHEDULE,
    TOPIC_SUBSCRIPTION,
)

FAILURE_DESTINATIONS: Final[dict[str, tuple[str, ...]]] = {
    QUEUE: ("redrivePolicy",),
    REDRIVE_POLICY: ("redrivePolicy",),
    TOPIC_SUBSCRIPTION: ("redrivePolicy",),
    FUNCTION: ("deadLetterConfig.targetArn",),
    FUNCTION_EVENT_INVOKE_CONFIG: ("destinationConfig.onFailure.destination",),
    EVENT_SOURCE_MAPPING: ("destinationConfig.onFailure.destinationArn",),
    EVENT_TARGET: ("deadLetterConfig.arn",),
    SCHEDULE: ("target.deadLetterConfig.arn",),
    PIPE: (
        "sourceParameters.dynamodbStreamParameters.deadLetterConfig.arn",
        "sourceParameters.kinesisStreamParameters.deadLetterConfig.arn",
    ),
}
"""By type, the properties that name where messages and events go that could not be processed."""

SUCCESS_DESTINATIONS: Final[dict[str, tuple[str, ...]]] = {
    FUNCTION_EVENT_INVOKE_CONFIG: ("destinationConfig.onSuccess.destination",)
}
"""By type, the properties that name where the results go of what was processed."""
