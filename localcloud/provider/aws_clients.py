"""Clients of the local AWS: loopback endpoints, fake credentials, bounded waiting."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from localcloud import checkout
from localcloud.provider import loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GONE: Final = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidFlowLogId.NotFound",
        "InvalidGroup.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidSecurityGroupRuleId.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcID.NotFound",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NoSuchKey",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NotFound",
        "NotFoundException",
        "ObjectNotFoundException",
        "OwnershipControlsNotFoundError",
        "QueueDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""Error codes for a resource that does not exist."""

GONE_IN_WORDS: Final = (
    ("KMSInvalidStateException", "is pending deletion"),
    ("ValidationException", "Could not find"),  # SageMaker
    ("ValidationException", "No scalable target found"),
    ("ValidationException", "No scaling policy found"),
)
"""Messages for a missing resource in errors with an ambiguous code."""

WAIT_SECONDS: Final = 120.0


class NoLocalAwsError(Exception):
    """No local AWS: no endpoint is configured, or it does not respond."""


class Cloud:
    """The clients of one configured provider; thread-safe."""

    def __init__(self, config: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        """Read endpoints, region and default tags.

        Raises ForeignEndpointError for an endpoint that is not on this machine.
        """
        self.endpoints = loopback.configured(config, environ)
        self.region = str(
            config.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or checkout.REGION
        )
        tags = (config.get("defaultTags") or {}).get("tags") or {}
        self.default_tags = {key: str(value) for key, value in tags.items()}
        self.account = checkout.ACCOUNT
        self.partition = checkout.PARTITION
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._session: Any = None

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a botocore client. Raises NoLocalAwsError without an endpoint."""
        where = (service, region or self.region)
        url = self.endpoints.get(loopback.key(service)) or self.endpoints.get("")
        if not url:
            raise NoLocalAwsError("no local AWS: AWS_ENDPOINT_URL is not set. Start one with: make up")
        with self._lock:
            if where not in self._clients:
                self._clients[where] = self._make(service, where[1], url)
            return self._clients[where]

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """Build an ARN in this account, for example arn("lambda", "function:x")."""
        return f"arn:{self.partition}:{service}:{region or self.region}:{self.account}:{resource}"

    def _make(self, service: str, region: str, url: str) -> Any:
        import boto3.session  # noqa: PLC0415 - previews need no AWS and should not pay for it
        from botocore.config import Config  # noqa: PLC0415 - the same

        if self._session is None:
            self._session = boto3.session.Session(
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - made up, as every local AWS takes it
                region_name=region,
            )
        config = Config(
            connect_timeout=3,
            read_timeout=60,
            retries={"total_max_attempts": 2, "mode": "standard"},
            max_pool_connections=32,
            proxies={},
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
        )
        client = self._session.client(service, region_name=region, endpoint_url=url, config=config)
        client.meta.events.register("before-send", _check_loopback)
        return client


def _check_loopback(request: Any, **_: Any) -> None:
    """Check each request again before it is sent, whatever built its URL."""
    scheme, _, rest = request.url.partition("://")
    origin = f"{scheme}://{rest.split('/', 1)[0].split('?', 1)[0]}"
    if not loopback.is_loopback(origin):
        raise loopback.ForeignEndpointError(origin, "a request's address")


def code(error: Exception) -> str:
    """Return the AWS error code; empty for another error."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def is_gone(error: Exception) -> bool:
    """Whether AWS reports that the resource does not exist."""
    return code(error) in GONE or any(code(error) == said and words in str(error) for said, words in GONE_IN_WORDS)


def explain(error: Exception) -> str:
    """Describe an error in one line for the user."""
    name = type(error).__name__
    if name in ("EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError", "ReadTimeoutError"):
        return f"the local AWS does not answer ({error}). Start it again with: make up"
    return " ".join(str(error).split()) or name


def wait(done: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    """Poll a condition at growing intervals. Raises TimeoutError after `seconds`."""
    end, pause = time.monotonic() + seconds, 0.05
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
