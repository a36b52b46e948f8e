"""Event source mappings from queues: what is read back, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow
from tests.localcloud.aws.recording_consumer import POLLING_ACTIONS, RecordingConsumer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.aws.cloud import Cloud


def test_a_mapping_is_read_back(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """Every setting, on an alias; then changed, disabled and deleted."""
    one, client = feed(), cloud("lambda")
    client.publish_version(FunctionName=one.function)
    alias = client.create_alias(FunctionName=one.function, Name="live", FunctionVersion="1")["AliasArn"]
    one.function = alias
    wanted: dict[str, Any] = {
        "BatchSize": 20,
        "MaximumBatchingWindowInSeconds": 2,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 3},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["a"]}})}]},
        "MetricsConfig": {"Metrics": ["EventCount"]},
    }
    one.map(**wanted, Tags={"owner": "me"})
    found = client.get_event_source_mapping(UUID=one.uuid)
    assert wanted.items() <= found.items()
    assert (found["FunctionArn"], found["EventSourceArn"], found["State"]) == (alias, one.queue, "Enabled")
    assert client.list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == {"owner": "me"}
    changed = {"BatchSize": 5, "MaximumBatchingWindowInSeconds": 0, "ScalingConfig": {"MaximumConcurrency": 2}}
    client.update_event_source_mapping(UUID=one.uuid, Enabled=False, **changed)
    found = client.get_event_source_mapping(UUID=one.uuid)
    assert changed.items() <= found.items()
    assert found["State"] == "Disabled"
    listed = client.list_event_source_mappings(EventSourceArn=one.queue)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [one.uuid]
    client.delete_event_source_mapping(UUID=one.uuid)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.get_event_source_mapping(UUID=one.uuid)
    one.uuid = ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ({"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 1}, "must be between 1 and 10000"),
        ({"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:nobody"}, "NonExistentQueue"),
        ({"FunctionName": "nobody"}, "Function not found"),
    ],
)
def test_what_a_mapping_may_not_be(
    feed: Callable[..., RecordingConsumer], cloud: Cloud, options: dict[str, Any], message: str
) -> None:
    """Refused as Lambda refuses it, at creation and, where it applies, at an update."""
    one, client = feed(), cloud("lambda")
    wanted = {"FunctionName": one.function, "EventSourceArn": one.queue} | options
    with pytest.raises(ClientError, match=message):
        client.create_event_source_mapping(**wanted)
    if "EventSourceArn" not in options:
        one.map()
        with pytest.raises(ClientError, match=message):
            client.update_event_source_mapping(UUID=one.uuid, **options)


def test_a_queue_has_to_hide_messages_long_enough(feed: Callable[..., RecordingConsumer]) -> None:
    """As long as the function may take, at least."""
    with pytest.raises(ClientError, match="visibility timeout: 4 seconds is less than Function timeout: 5 seconds"):
        feed(attributes={"VisibilityTimeout": "4"}).map()
    feed(attributes={"VisibilityTimeout": "5"}).map()


@pytest.mark.parametrize("missing", POLLING_ACTIONS)
def test_a_role_has_to_let_lambda_read_the_queue(
    feed: Callable[..., RecordingConsumer], cloud: Cloud, missing: str
) -> None:
    """Each of the three permissions, on this very queue."""
    one = feed()
    cloud.grant(
        one.role,
        allow([name for name in POLLING_ACTIONS if name != missing], one.queue),
        allow(missing, one.queue + "2"),
    )
    with pytest.raises(ClientError, match=f"does not have permissions to call {missing.removeprefix('sqs:')} on SQS"):
        one.map()


def test_a_key_has_to_be_the_roles_too(feed: Callable[..., RecordingConsumer], cloud: Cloud) -> None:
    """kms:Decrypt for a queue with a customer key."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    one = feed(attributes={"KmsMasterKeyId": key})
    with pytest.raises(ClientError, match="permissions to call Decrypt on KMS"):
        one.map()
    cloud.grant(one.role, allow("kms:Decrypt", key), name="key")
    one.map()


def test_the_same_mapping_twice(feed: Callable[..., RecordingConsumer]) -> None:
    """A conflict that names the first."""
    one = feed()
    one.map()
    with pytest.raises(ClientError, match=f"ResourceConflictException.*{one.uuid}"):
        RecordingConsumer(one.cloud, one.url, one.queue, one.role, one.function, one.table).map()
