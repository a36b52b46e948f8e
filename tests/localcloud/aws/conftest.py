"""A local AWS for the tests of this folder, on a free port and with state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localcloud.aws.actor import CALLER, Actor
from tests.localcloud.aws.cloud import Cloud, allow, command
from tests.localcloud.aws.feed import FEED, RECORDER, Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS that all tests share."""
    local_dir = tmp_path_factory.mktemp("localcloud")
    started = command(local_dir, "start")
    assert started.returncode == 0, started.stderr
    yield Cloud(started.stdout.strip(), local_dir)
    command(local_dir, "stop")


@pytest.fixture(scope="module")
def actor(cloud: Cloud) -> Actor:
    """A function whose role grants nothing yet."""
    role = cloud.role()
    return Actor(cloud, role, cloud.function(CALLER, role))


@pytest.fixture
def feed(cloud: Cloud) -> Iterator[Callable[..., Feed]]:
    """Make feeds; their mappings are deleted afterwards."""
    made: list[Feed] = []

    def make(*, seconds: float = 0.0, timeout: int = 5, attributes: dict[str, str] | None = None) -> Feed:
        url, queue = cloud.queue(**({"VisibilityTimeout": "30"} | (attributes or {})))
        table = cloud.table()
        put = allow("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}")
        role = cloud.role(allow(FEED, queue), put)
        variables = {"Variables": {"TABLE": table, "SECONDS": str(seconds)}}
        function = cloud.function(RECORDER, role, Timeout=timeout, Environment=variables)
        made.append(Feed(cloud, url, queue, role, function, table))
        return made[-1]

    yield make
    for one in made:
        if one.uuid:
            cloud("lambda").delete_event_source_mapping(UUID=one.uuid)
