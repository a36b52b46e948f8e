"""Names: made as the official provider makes them, kept, and given by prefixes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.provider import wire
from tests.localcloud.provider.provider_client import SEED, ProviderClient, urn

QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"


@pytest.mark.parametrize(
    ("token", "given", "pattern"),
    [
        (QUEUE, {}, r"Thing-[0-9a-f]{7}"),
        (QUEUE, {"fifoQueue": True}, r"Thing-[0-9a-f]{7}\.fifo"),
        ("aws:kms/alias:Alias", {"targetKeyId": "k"}, r"alias/Thing-[0-9a-f]{7}"),
        ("aws:sns/topic:Topic", {"fifoTopic": True}, r"Thing-[0-9a-f]{7}\.fifo"),
    ],
)
def test_names_are_made_of_the_logical_name(
    offline: ProviderClient, token: str, given: dict[str, Any], pattern: str
) -> None:
    """The same for the same seed, so that preview and deployment agree under a plan."""
    first, second = (offline.checked(token, given, name="Thing")["name"] for _ in range(2))
    assert re.fullmatch(pattern, first)
    assert first == second


def test_names_of_buckets_and_objects(offline: ProviderClient) -> None:
    """Buckets are lower case; an object's key is the logical name as it is."""
    assert re.fullmatch(r"thing-[0-9a-f]{7}", offline.checked("aws:s3/bucket:Bucket", {}, name="Thing")["bucket"])
    assert (
        offline.checked("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": "b"}, name="a/B.json")["key"] == "a/B.json"
    )


def test_a_made_name_is_kept(offline: ProviderClient) -> None:
    """An update keeps the name that Check made; a name the program gave and dropped is not kept."""
    old = offline.checked(QUEUE, {})
    kept, _ = offline.check(QUEUE, {"delaySeconds": 5}, old, name="other")
    assert kept["name"] == old["name"]
    given = offline.checked(QUEUE, {"name": "mine"})
    fresh, _ = offline.check(QUEUE, {}, given)
    assert fresh["name"] != "mine"


def test_a_prefix_leaves_the_name_to_aws(offline: ProviderClient) -> None:
    """The name is made when the resource is."""
    assert "name" not in offline.checked(QUEUE, {"namePrefix": "work-"})


def test_too_long_names_are_refused(offline: ProviderClient) -> None:
    """The official provider does not shorten names either."""
    _, failures = offline.check(ROLE, {"assumeRolePolicy": "{}"}, name="r" * 60)
    assert "longer than maximum length 64" in failures["name"]


def test_pulumis_autonaming_configuration_is_followed(offline: ProviderClient) -> None:
    """The engine proposes a name where the project configures names."""
    request = provider_pb2.CheckRequest(urn=urn(QUEUE), news=wire.encode({"fifoQueue": True}), randomSeed=SEED)
    request.autonaming.proposed_name = "prod-thing"
    assert wire.decode(offline.stub.Check(request).inputs)[0]["name"] == "prod-thing.fifo"


def test_inline_policies_are_named(offline: ProviderClient) -> None:
    """Each another name, and the same one every time."""
    given = {"assumeRolePolicy": "{}", "inlinePolicies": [{"policy": "{}"}, {"policy": "{}"}, {"name": "mine"}]}
    first, second = (offline.checked(ROLE, given)["inlinePolicies"] for _ in range(2))
    assert first == second
    assert len({each["name"] for each in first}) == 3
    assert first[2]["name"] == "mine"
