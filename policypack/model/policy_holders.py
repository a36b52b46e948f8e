"""Which resources hold the policy of another resource. Source: the schema of pulumi-aws 7.51.1."""

from __future__ import annotations

from typing import Final, NamedTuple

from policypack.model.types import (
    BUCKET,
    BUCKET_POLICY,
    FUNCTION,
    FUNCTION_POLICY,
    KEY,
    KEY_POLICY,
    PERMISSION,
    QUEUE,
    QUEUE_POLICY,
    REPOSITORY,
    REPOSITORY_POLICY,
    SECRET,
    SECRET_POLICY,
    STREAM,
    STREAM_POLICY,
    TABLE,
    TABLE_POLICY,
    TOPIC,
    TOPIC_POLICY,
)


class PolicyHolder(NamedTuple):
    """`path`: the property that names the resource whose policy is held; `target`: the type of that resource.

    `read_back`: whether the provider also reads the policy into the `policy` property of the resource itself.
    """

    path: str
    target: str
    read_back: bool = False


POLICY_HOLDERS: Final[dict[str, PolicyHolder]] = {
    QUEUE_POLICY: PolicyHolder("queueUrl", QUEUE, read_back=True),
    TOPIC_POLICY: PolicyHolder("arn", TOPIC, read_back=True),
    KEY_POLICY: PolicyHolder("keyId", KEY, read_back=True),
    BUCKET_POLICY: PolicyHolder("bucket", BUCKET, read_back=True),
    SECRET_POLICY: PolicyHolder("secretArn", SECRET, read_back=True),
    STREAM_POLICY: PolicyHolder("resourceArn", STREAM),
    TABLE_POLICY: PolicyHolder("resourceArn", TABLE),
    REPOSITORY_POLICY: PolicyHolder("repository", REPOSITORY),
    FUNCTION_POLICY: PolicyHolder("resourceArn", FUNCTION),
}
"""The resource types that hold a whole policy, in their property `policy`."""

STATEMENT_HOLDERS: Final[dict[str, PolicyHolder]] = {PERMISSION: PolicyHolder("function", FUNCTION)}
"""The resource types that add one statement to the policy of another resource."""
