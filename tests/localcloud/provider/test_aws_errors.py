"""When AWS has a bad moment, or somebody presses Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from localcloud.checkout import PYTHON, ROOT
from localcloud.provider import wire
from localcloud.provider.aws_clients import wait
from tests.localcloud.provider.provider_client import ProviderClient, urn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.localcloud.provider.fault_injection import Faults

QUEUE = "aws:sqs/queue:Queue"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
TABLE = "aws:dynamodb/table:Table"


def trailing(error: grpc.RpcError) -> dict[str, Any]:
    """Return what came after an answer."""
    metadata: Any = error.trailing_metadata()
    return {each.key: each.value for each in metadata}


def half_made(error: grpc.RpcError) -> Any:
    """Return what a failure says of the resource that exists all the same."""
    status = status_pb2.Status()
    status.ParseFromString(trailing(error)["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail


@pytest.mark.parametrize(
    ("token", "inputs", "service", "action", "corrected"),
    [
        (GROUP, {"retentionInDays": 7}, "logs", "PutRetentionPolicy", ("retentionInDays", 7)),
        ("aws:sns/topic:Topic", {"displayName": "x"}, "sns", "SetTopicAttributes", ("displayName", "x")),
        ("aws:kms/key:Key", {"enableKeyRotation": True}, "kms", "EnableKeyRotation", ("enableKeyRotation", True)),
        (
            TABLE,
            {
                "attributes": [{"name": "id", "type": "S"}],
                "hashKey": "id",
                "billingMode": "PAY_PER_REQUEST",
                "ttl": {"attributeName": "expires", "enabled": True},
                "pointInTimeRecovery": {"enabled": True},
            },
            "dynamodb",
            "UpdateContinuousBackups",
            ("pointInTimeRecovery", {"enabled": True, "recoveryPeriodInDays": 35}),
        ),
    ],
)
def test_a_half_made_resource_is_recorded_and_mended(  # noqa: PLR0917 - the columns of the table above
    aws: ProviderClient,
    fault: Faults,
    token: str,
    inputs: dict[str, Any],
    service: str,
    action: str,
    corrected: tuple[str, Any],
) -> None:
    """It exists, so the engine must know its id; the next update does what was left."""
    checked = aws.checked(token, inputs)
    fault(service=service, action=action, status=500)
    with pytest.raises(grpc.RpcError) as caught:
        aws.create(token, checked)
    detail = half_made(caught.value)
    assert detail.id
    assert detail.reasons
    state, kept = wire.decode(detail.properties)[0], wire.decode(detail.inputs)[0]
    assert kept == checked
    fault.end()
    outputs = aws.update(token, detail.id, kept, state, checked)
    assert outputs[corrected[0]] == corrected[1]
    aws.delete(token, detail.id, outputs, checked)


def test_a_failed_creation_is_one_line(aws: ProviderClient, fault: Faults) -> None:
    """Nothing exists, nothing is recorded."""
    fault(service="sqs", action="CreateQueue", status=400)
    with pytest.raises(grpc.RpcError) as caught:
        aws.create(QUEUE, aws.checked(QUEUE, {}))
    assert "CreateQueue" in str(caught.value.details())
    assert "\n" not in str(caught.value.details())
    assert "grpc-status-details-bin" not in trailing(caught.value)


def test_a_refused_delete_is_not_taken_for_gone(aws: ProviderClient, fault: Faults) -> None:
    """The resource is still there, and stays in the state."""
    inputs = aws.checked(QUEUE, {})
    identity, outputs = aws.create(QUEUE, inputs)
    fault(service="sqs", action="DeleteQueue", status=403, times=1)
    with pytest.raises(grpc.RpcError, match="DeleteQueue"):
        aws.delete(QUEUE, identity, outputs, inputs)
    assert aws.read(QUEUE, identity, outputs, inputs)[0] == identity
    aws.delete(QUEUE, identity, outputs, inputs)
    assert not aws.read(QUEUE, identity, outputs, inputs)[0]


def test_a_protected_table_refuses_to_go(aws: ProviderClient) -> None:
    """As on AWS: first the protection has to go."""
    inputs = aws.checked(
        TABLE,
        {
            "attributes": [{"name": "id", "type": "S"}],
            "hashKey": "id",
            "billingMode": "PAY_PER_REQUEST",
            "deletionProtectionEnabled": True,
        },
    )
    identity, outputs = aws.create(TABLE, inputs)
    with pytest.raises(grpc.RpcError):
        aws.delete(TABLE, identity, outputs, inputs)
    free = aws.checked(TABLE, {**inputs, "deletionProtectionEnabled": False})
    outputs = aws.update(TABLE, identity, inputs, outputs, free)
    aws.delete(TABLE, identity, outputs, free)


def test_waiting_ends() -> None:
    """A wait that never comes true fails with what it waited for."""
    with pytest.raises(TimeoutError, match="the moon: not within 0 s"):
        wait(lambda: False, "the moon", seconds=0.01)


@pytest.fixture
def process(local_aws: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Give a provider in a process of its own, as the engine starts it, and a stub for it."""
    plugin = subprocess.Popen(
        [PYTHON, "-m", "localcloud.provider", "127.0.0.1:1"],
        cwd=ROOT,
        env={"AWS_ENDPOINT_URL": local_aws, "AWS_REGION": "eu-west-1", "AWS_PROFILE": "not-there"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert plugin.stdout is not None
    channel = grpc.insecure_channel(f"127.0.0.1:{plugin.stdout.readline().strip()}")
    yield plugin, provider_pb2_grpc.ResourceProviderStub(channel)
    channel.close()
    plugin.kill()
    plugin.communicate()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_idle_provider_leaves_when_told(
    process: tuple[subprocess.Popen[str], Any], signal_number: signal.Signals
) -> None:
    """After Cancel it still answers: the engine asks first and signals later."""
    plugin, stub = process
    stub.Cancel(empty_pb2.Empty())
    assert stub.GetPluginInfo(empty_pb2.Empty()).version
    plugin.send_signal(signal_number)
    assert plugin.wait(timeout=30) == 0


def test_a_creation_under_way_is_finished(
    process: tuple[subprocess.Popen[str], Any], fault: Faults, aws: ProviderClient
) -> None:
    """Ctrl-C reaches provider and engine alike: the resource must be in the state."""
    plugin, stub = process
    inputs = aws.checked(QUEUE, {"name": "under-way"})
    fault(service="sqs", action="CreateQueue", latency_ms=1000)
    answers: list[Any] = []

    def create() -> None:
        request = provider_pb2.CreateRequest(urn=urn(QUEUE), properties=wire.encode(inputs))
        answers.append(stub.Create(request, wait_for_ready=True))

    thread = threading.Thread(target=create)
    thread.start()
    wait(lambda: bool(stub.GetPluginInfo(empty_pb2.Empty()).version), "answers")
    thread.join(timeout=0.5)
    plugin.send_signal(signal.SIGINT)
    thread.join(timeout=30)
    assert plugin.wait(timeout=30) == 0
    assert answers[0].id.endswith("/under-way")
    aws.delete(QUEUE, answers[0].id, {}, inputs)


def test_an_update_leaves_alone_what_aws_computed(aws: ProviderClient) -> None:
    """An import tells more than the program says; the next update must not take that away."""
    given = aws.checked(QUEUE, {"name": "imported"})
    identity, _ = aws.create(QUEUE, given)
    _, state, inputs = aws.read(QUEUE, identity)
    assert inputs["kmsDataKeyReusePeriodSeconds"] == 300
    wanted = aws.checked(QUEUE, {"name": "imported", "delaySeconds": 3})
    assert aws.update(QUEUE, identity, inputs, state, wanted)["delaySeconds"] == 3
    aws.delete(QUEUE, identity, state, wanted)


def test_default_tags_are_no_drift(local_aws: str) -> None:
    """AWS has them among the others; they are not the resource's own."""
    settings = {"defaultTags": '{"tags": {"team": "a", "owner": "b"}}'}
    caller = ProviderClient({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": local_aws}, settings)
    try:
        caller.configure()
        inputs = caller.checked(QUEUE, {"name": "tagged", "tags": {"owner": "c"}})
        identity, outputs = caller.create(QUEUE, inputs)
        assert outputs["tags"] == {"owner": "c"}
        assert outputs["tagsAll"] == {"owner": "c", "team": "a"}
        _, outputs, fresh = caller.read(QUEUE, identity, outputs, inputs)
        assert fresh == inputs
        assert not caller.diff(QUEUE, fresh, outputs, inputs).changed
        caller.delete(QUEUE, identity, outputs, inputs)
    finally:
        caller.close()
