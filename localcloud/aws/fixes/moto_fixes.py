"""All changes to moto, applied when it is first imported."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final

from moto.applicationautoscaling import models, responses
from moto.cloudwatch import models as cloudwatch_models
from moto.cloudwatch import responses as cloudwatch_responses

from localcloud.aws.fixes import ec2_fixes
from localcloud.aws.patching import private, replace

Response = responses.ApplicationAutoScalingResponse
NEWER: Final = ("sagemaker:inference-component:DesiredCopyCount", "sagemaker:variant:DesiredProvisionedConcurrency")
"""Dimensions of SageMaker that moto does not know."""
TAGS: dict[str, dict[str, str]] = {}
"""Of scalable targets, by ARN."""


def apply() -> None:
    """Apply the changes."""
    _dimensions()
    _tags_of_targets()
    _policies_by_name()
    _composite_alarms()
    ec2_fixes.apply()


def _dimensions() -> None:
    """Moto does not allow scaling of serverless endpoints and inference components."""
    known = [*models.ScalableDimensionValueSet, *(SimpleNamespace(value=each) for each in NEWER)]
    for module in (models, responses):
        replace(module, "ScalableDimensionValueSet", known)


def _tags_of_targets() -> None:
    """Moto has no tags of scalable targets, and fails when they are requested."""
    register = private(Response, "register_scalable_target")

    def registered(self: Any) -> str:
        answer = str(register(self))
        arn = json.loads(answer)["ScalableTargetARN"]
        TAGS.setdefault(arn, {}).update(json.loads(self.body).get("Tags") or {})
        return answer

    def listed(self: Any) -> str:
        return json.dumps({"Tags": TAGS.get(json.loads(self.body)["ResourceARN"], {})})

    def tagged(self: Any) -> str:
        wanted = json.loads(self.body)
        TAGS.setdefault(wanted["ResourceARN"], {}).update(wanted["Tags"])
        return "{}"

    def untagged(self: Any) -> str:
        wanted = json.loads(self.body)
        kept = TAGS.get(wanted["ResourceARN"], {})
        TAGS[wanted["ResourceARN"]] = {key: value for key, value in kept.items() if key not in wanted["TagKeys"]}
        return "{}"

    replace(Response, "register_scalable_target", registered)
    added: Any = Response
    added.list_tags_for_resource, added.tag_resource, added.untag_resource = listed, tagged, untagged


def _policies_by_name() -> None:
    """DescribeScalingPolicies ignores the requested names."""
    describe = private(Response, "describe_scaling_policies")

    def described(self: Any) -> str:
        answer, names = json.loads(describe(self)), json.loads(self.body).get("PolicyNames")
        if names:
            answer["ScalingPolicies"] = [one for one in answer["ScalingPolicies"] if one["PolicyName"] in names]
        return json.dumps(answer)

    replace(Response, "describe_scaling_policies", described)


def _composite_alarms() -> None:
    """Moto stores composite alarms, but has no operation to create one, and does not return its rule."""
    added: Any = cloudwatch_responses.CloudWatchResponse
    added.put_composite_alarm = private(added, "put_metric_alarm")
    alarm: Any = cloudwatch_models.Alarm
    alarm.alarm_rule = property(lambda self: self.rule)
