"""A local AWS for the tests of this folder, on a free port and with state of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localcloud.aws.calling_function import FUNCTION_CODE, CallingFunction
from tests.localcloud.aws.cloud import Cloud, allow, command
from tests.localcloud.aws.recording_consumer import CONSUMER_CODE, POLLING_ACTIONS, RecordingConsumer

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
def actor(cloud: Cloud) -> CallingFunction:
    """A function whose role grants nothing yet."""
    role = cloud.role()
    return CallingFunction(cloud, role, cloud.function(FUNCTION_CODE, role))


@pytest.fixture
def feed(cloud: Cloud) -> Iterator[Callable[..., RecordingConsumer]]:
    """Make queues with recording consumers; their mappings are deleted afterwards."""
    made: list[RecordingConsumer] = []

    def make(*, seconds: float = 0.0, timeout: int = 5, attributes: dict[str, str] | None = None) -> RecordingConsumer:
        url, queue = cloud.queue(**({"VisibilityTimeout": "30"} | (attributes or {})))
        table = cloud.table()
        put = allow("dynamodb:PutItem", f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}")
        role = cloud.role(allow(POLLING_ACTIONS, queue), put)
        variables = {"Variables": {"TABLE": table, "SECONDS": str(seconds)}}
        function = cloud.function(CONSUMER_CODE, role, Timeout=timeout, Environment=variables)
        made.append(RecordingConsumer(cloud, url, queue, role, function, table))
        return made[-1]

    yield make
    for one in made:
        if one.uuid:
            cloud("lambda").delete_event_source_mapping(UUID=one.uuid)
