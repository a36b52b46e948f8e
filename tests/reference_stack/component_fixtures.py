"""Shared arguments for the tests of single components, and accessors for the resources that a component creates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_environment import AwsEnvironment
from components.alarms import Alerting

from policypack.testing import UNKNOWN

if TYPE_CHECKING:
    from policypack.model import Resource, Stack

CHINA = AwsEnvironment(partition="aws-cn", dns_suffix="amazonaws.com.cn", region="cn-north-1", account="210987654321")
"""Another partition than AWS's first: what builds ARNs by hand shows."""
HERE = "cn-north-1:210987654321"
TAGS = {"project": "test", "owner": "team-a"}
TOPIC = f"arn:aws-cn:sns:{HERE}:alarms"
ALERTING = Alerting(topics=[TOPIC], tags=TAGS)
KEY = UNKNOWN
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model@sha256:" + "a" * 64

POLICY = "aws:iam/rolePolicy:RolePolicy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def only(stack: Stack, type_: str, name: str = "it") -> Resource:
    """The one resource of a type and a name."""
    (found,) = [resource for resource in stack.of_type(type_) if resource.name == name]
    return found


def statements(resource: Resource, path: str = "policy") -> list[dict[str, Any]]:
    """The statements of a policy document."""
    found: list[dict[str, Any]] = json.loads(resource.get(path))["Statement"]
    return found


def granted(resource: Resource) -> dict[str, list[str]]:
    """The resources that a policy allows, by action."""
    found: dict[str, list[str]] = {}
    for statement in statements(resource):
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            found.setdefault(action, []).extend(statement["Resource"])
    return found


def watched(stack: Stack) -> dict[str, tuple[str, float]]:
    """Metric and threshold of each alarm by name; all alarms notify the same topic."""
    alarms = stack.of_type(ALARM)
    assert all(alarm.get("alarmActions") == [TOPIC] for alarm in alarms)
    return {alarm.name: (alarm.get("metricName"), alarm.get("threshold")) for alarm in alarms}
