"""Clients for AWS services that act with a role: real requests to this AWS, signed by a role session."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from localcloud.aws import authorization
from localcloud.aws.server_record import HOST
from localcloud.checkout import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

THREADS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="role-client")
"""A pool of its own: its threads wait for this server, which must never wait for them."""
LOCK: Final = threading.Lock()
CLIENTS: Final[dict[tuple[str, str, str], Any]] = {}


async def in_thread(function: Callable[..., Answer], *arguments: object) -> Answer:
    """Run a function that uses a client, outside of the event loop."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, function, *arguments)


def role_client(role: str, session: str, service: str) -> Any:
    """Return a boto3 client that acts with a role. It blocks: use it in threads, never on the event loop."""
    import boto3.session  # noqa: PLC0415 - a third of a second, which most starts never need
    from botocore.config import Config  # noqa: PLC0415 - the same

    key, secret, token = authorization.role_session(role, session)
    place = (role, session, service)
    with LOCK:
        if place not in CLIENTS:
            made = boto3.session.Session(
                aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name=REGION
            )
            config = Config(
                connect_timeout=3,
                read_timeout=60,
                retries={"total_max_attempts": 3},
                max_pool_connections=16,
                proxies={},
                s3={"addressing_style": "path"},
            )
            url = f"http://{HOST}:{os.environ['GATEWAY_PORT']}"
            CLIENTS[place] = made.client(service, endpoint_url=url, config=config)  # type: ignore[call-overload] # by name
        return CLIENTS[place]
