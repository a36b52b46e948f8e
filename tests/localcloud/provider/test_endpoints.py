"""The provider talks to this machine only, whatever it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.provider import loopback
from localcloud.provider.aws_clients import Cloud, NoLocalAwsError
from localcloud.provider.loopback import ForeignEndpointError
from tests.localcloud.provider.provider_client import ProviderClient

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = ["http://127.0.0.1:4566", "http://127.0.0.1", "https://127.9.9.9:1/", "http://localhost:80", "http://[::1]:80"]
FOREIGN = [
    "https://sqs.eu-west-1.amazonaws.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://127.0.0.1:80@example.com",
    "http://example.com#127.0.0.1",
    "http://example.com/127.0.0.1",
    "http://localhost.example.com",
    "http://0.0.0.0:4566",
    "http://10.0.0.1",
    "http://169.254.169.254",
    "http://[::ffff:127.0.0.1]",
    "http://2130706433",
    "http://0x7f000001",
    "http://127.1",
    "http://127.0.0.1:4566\\@example.com",
    "http://127.0.0.1 .example.com",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "127.0.0.1:4566",
    "localhost",
    "http://",
    "http://127.0.0.1:80/path",
    "http://127.0.0.1?x=http://example.com",
]
QUEUE = "aws:sqs/queue:Queue"


@pytest.mark.parametrize("url", LOCAL)
def test_loopback_is_allowed(url: str) -> None:
    """127.0.0.0/8, ::1 and localhost."""
    assert loopback.is_loopback(url)


@pytest.mark.parametrize("url", FOREIGN)
def test_everything_else_is_refused(url: str) -> None:
    """Also what only looks like loopback."""
    assert not loopback.is_loopback(url)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_only_hosts_of_this_machine_pass(text: str) -> None:
    """Whatever passes has a loopback host by another parser's reading too."""
    url = f"http://{text}"
    if loopback.is_loopback(url):
        host = urlsplit(url).hostname or ""
        assert host in ("localhost", "::1", "0:0:0:0:0:0:0:1") or host.startswith("127.") or "::" in host


@pytest.fixture
def caller() -> Any:
    """Give a function that makes callers, which are closed at the end."""
    made: list[ProviderClient] = []

    def make(environ: dict[str, str], settings: dict[str, Any] | None = None) -> ProviderClient:
        made.append(ProviderClient(environ, settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("environ", "settings", "where"),
    [
        ({"AWS_ENDPOINT_URL": "https://aws.example.com"}, {}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "https://aws.example.com"}, {}, "AWS_ENDPOINT_URL_DYNAMODB"),
        ({}, {"endpoints": json.dumps([{"sqs": "https://aws.example.com"}])}, "the provider's endpoints.sqs"),
        ({}, {"endpoints": [{"sqs": "https://aws.example.com"}]}, "the provider's endpoints.sqs"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            {"endpoints": [{"lambda": "http://127.0.0.1:1", "s3": "http://10.0.0.1"}]},
            "the provider's endpoints.s3",
        ),
    ],
)
def test_a_foreign_endpoint_stops_everything(
    caller: Callable[..., ProviderClient], environ: dict[str, str], settings: dict[str, Any], where: str
) -> None:
    """At configuration, and at whatever else is asked."""
    one = caller(environ, settings)
    for ask in (one.configure, lambda: one.create(QUEUE, {})):
        with pytest.raises(grpc.RpcError) as caught:
            ask()
        if ask == one.configure:
            assert where in str(caught.value.details())
            assert "this machine only" in str(caught.value.details())


def test_every_service_can_have_an_endpoint_of_its_own() -> None:
    """Settings win over the environment, a service's over the general one; spellings do not matter."""
    cloud = Cloud(
        {"endpoints": [{"sns": "http://127.0.0.1:1"}]},
        {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:2",
            "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:3",
            "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": "http://127.0.0.1:4",
            "AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:5",
        },
    )
    urls = {service: cloud.client(service).meta.endpoint_url for service in ("sns", "dynamodb", "sqs")}
    assert urls == {"sns": "http://127.0.0.1:1", "dynamodb": "http://localhost:5", "sqs": "http://127.0.0.1:2"}


def test_without_an_endpoint_there_is_a_hint(offline: ProviderClient) -> None:
    """Previews work; a deployment says what to run."""
    with pytest.raises(grpc.RpcError) as caught:
        offline.create(QUEUE, offline.checked(QUEUE, {}))
    assert "make up" in str(caught.value.details())
    with pytest.raises(NoLocalAwsError):
        Cloud({}, {}).client("sqs")


def test_a_dead_endpoint_is_told_and_does_not_hang(caller: Callable[..., ProviderClient]) -> None:
    """Nobody listens on port 9 of this machine."""
    one = caller({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "eu-west-1"})
    one.configure()
    with pytest.raises(grpc.RpcError) as caught:
        one.create(QUEUE, one.checked(QUEUE, {}))
    assert "make up" in str(caught.value.details())


def test_each_request_is_looked_at_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever builds a request's address, it does not leave this machine. Proxies are not used either."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:1")
    client = Cloud({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).client("sqs")
    client.meta.events.register("before-sign", lambda request, **_: setattr(request, "url", "https://aws.example.com/"))
    with pytest.raises(ForeignEndpointError):
        client.list_queues()


def test_credentials_are_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones in the environment are not used."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    client = Cloud({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).client("sqs")
    used = client._request_signer._credentials
    assert (used.access_key, used.secret_key, used.token) == ("test", "test", None)
