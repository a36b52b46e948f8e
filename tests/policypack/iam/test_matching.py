"""Action and resource patterns match as AWS's documentation says; comments quote the sentence for the next rows."""

from __future__ import annotations

import pytest

from policypack.iam.matching import (
    action_matches,
    covers_action,
    covers_resource,
    overlaps_action,
    overlaps_resource,
    resource_matches,
)

ACTION = 'IAM user guide, "IAM JSON policy elements: Action"'
RESOURCE = 'IAM user guide, "IAM JSON policy elements: Resource"'
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:work"


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        # "The prefix and the action name are case insensitive."
        ("iam:ListAccessKeys", "IAM:listaccesskeys", True),
        ("SQS:receivemessage", "sqs:ReceiveMessage", True),
        ("iam:ListAccessKeys", "iam:ListAccessKey", False),
        # the guide says: "You can use multi-character match wildcards (*) and single-character match wildcards (?)"
        ("*", "s3:GetObject", True),
        ("s3:*", "s3:GetObject", True),
        ("s3:*", "s3-object-lambda:GetObject", False),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:CreateUser", False),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?bject", "s3:GetOobject", False),
        ("s3:GetObject?", "s3:GetObject", False),
        # nothing but * and ? is a wildcard
        ("s3:[G]etObject", "s3:GetObject", False),
        ("s3:Get.*", "s3:GetObject", False),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("sqs:Get*Attributes", "sqs:GetQueueAttributes", True),
        ("sqs:Get*Attributes", "sqs:GetQueueUrl", False),
    ],
)
def test_actions(pattern: str, action: str, *, matches: bool) -> None:
    """Action patterns match as the IAM user guide says, ignoring case."""
    assert action_matches(pattern, action) is matches, ACTION


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("*", QUEUE, True),
        ("*", "*", True),
        (QUEUE, QUEUE, True),
        # actions without resource-level permissions are authorized on "*", which only "*" matches
        (QUEUE, "*", False),
        ("arn:aws:sqs:*:*:*", "*", False),
        # "In the Resource element, the IAM user name is case sensitive."
        ("arn:aws:iam::123456789012:user/Bob", "arn:aws:iam::123456789012:user/bob", False),
        ("arn:aws:iam::123456789012:user/Bob", "arn:aws:iam::123456789012:user/Bob", True),
        # the guide says: "You can use wildcard characters (* and ?) within the individual segments of an ARN"
        ("arn:aws:sqs:*:123456789012:work", QUEUE, True),
        ("arn:aws:sqs:eu-*:123456789012:w?rk", QUEUE, True),
        ("arn:aws:sqs:us-*:123456789012:work", QUEUE, False),
        ("arn:aws:sqs:*:work", "arn:aws:sqs:eu-west-1:123456789012:other", False),
        ("arn:*:sqs:*:*:work", "arn:aws-cn:sqs:cn-north-1:123456789012:work", True),
        ("arn:aws:sqs:*:*:work", "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:work", False),
        # a wildcard in one segment does not match the next segment
        ("arn:aws:sns:*:111122223333:t", "arn:aws:sns:eu-west-1:999999999999:x:111122223333:t", False),
        ("arn:aws:s3:?:?:b", "arn:aws:s3:::b", False),
        # "If the * wildcard is the last character of a resource ARN segment, it can expand ... beyond the colon"
        ("arn:aws:s3:*", "arn:aws:s3:::bucket/key", True),
        ("arn:aws:*", QUEUE, True),
        ("arn:aws:s3*", QUEUE, False),
        ("arn:aws:sqs:eu-west-1:1234*", QUEUE, True),
        ("arn:aws:sqs:eu-west-1:9*", QUEUE, False),
        # the guide says: "The asterisk (*) character can expand to replace everything within a segment"
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3/object.jpg", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b//test/object.jpg", True),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1-test/object.jpg", False),
        ("arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/test", False),
        # the last segment may contain colons
        ("arn:aws:logs:*:*:log-group:/aws/lambda/w:*", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/w:s:x", True),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/w", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/w:s", False),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key", False),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::buck[e]t", "arn:aws:s3:::bucket", False),
        # a pattern that is neither an ARN nor "*" matches no ARN
        ("work", QUEUE, False),
        ("", QUEUE, False),
        ("arn:aws:sqs", QUEUE, False),
    ],
)
def test_resources(pattern: str, resource: str, *, matches: bool) -> None:
    """Resource patterns match as the IAM user guide says: case-sensitive and segment by segment."""
    assert resource_matches(pattern, resource) is matches, RESOURCE


@pytest.mark.parametrize(
    ("pattern", "other", "covers"),
    [
        ("*", QUEUE, True),
        ("*", "*", True),
        (QUEUE, "*", False),
        ("arn:aws:sqs:*:*:*", QUEUE, True),
        ("arn:aws:sqs:*:*:*", "arn:aws:sqs:*", True),
        ("arn:aws:sqs:*", "arn:aws:sqs:*:*:*", True),
        ("arn:aws:sqs:eu-west-1:*:*", "arn:aws:sqs:*", False),
        ("arn:aws:sqs:*:*:*", "*", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", True),
        ("arn:aws:s3:::b/x/*", "arn:aws:s3:::b/*", False),
        # a policy variable may have any value; identical patterns match the same resources
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", True),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/x/*", False),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/*", True),
        ("arn:aws:s3:::b/x*", "arn:aws:s3:::b/${aws:username}", False),
        ("arn:aws:s3:::b/x", "arn:aws:s3:::b/${*}", False),
    ],
)
def test_covers_resource(pattern: str, other: str, *, covers: bool) -> None:
    """A pattern covers another one if it matches all its resources for every request."""
    assert covers_resource(pattern, other) is covers


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("*", QUEUE, True),
        ("arn:aws:sqs:eu-west-1:*:*", "arn:aws:sqs:*:*:work", True),
        ("arn:aws:sqs:eu-west-1:*:*", "arn:aws:sqs:us-*:*:work", False),
        ("arn:aws:s3:::b/x/*", "arn:aws:s3:::b/*/y", True),
        ("arn:aws:s3:::b/x", "arn:aws:s3:::b/y*", False),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/anna", True),
        ("arn:aws:sqs:*", QUEUE, True),
        ("arn:aws:sns:*", QUEUE, False),
    ],
)
def test_overlaps_resource(one: str, other: str, *, overlap: bool) -> None:
    """Two patterns overlap if they match a common resource; the order does not matter."""
    assert overlaps_resource(one, other) is overlap
    assert overlaps_resource(other, one) is overlap


def test_actions_are_compared_as_patterns() -> None:
    """Covering and overlapping of action patterns ignore case."""
    assert covers_action("S3:Get*", "s3:getobject*")
    assert not covers_action("s3:Get*", "s3:*Object")
    assert overlaps_action("s3:Get*", "s3:*Object")
    assert not overlaps_action("s3:Get*", "s3:Put*")
