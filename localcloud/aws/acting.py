"""AWS's own services acting for a role: real requests to this AWS, signed by a session in which the role acts."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from localcloud.aws import access
from localcloud.aws.record import HOST
from localcloud.checkout import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

THREADS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="acting")
"""Threads of their own: they wait for this very server, which must not wait for one of them."""
LOCK: Final = threading.Lock()
CLIENTS: Final[dict[tuple[str, str, str], Any]] = {}


async def in_thread(function: Callable[..., Answer], *arguments: object) -> Answer:
    """Run what uses a client, away from the event loop."""
    return await asyncio.get_running_loop().run_in_executor(THREADS, function, *arguments)


def client(role: str, session: str, service: str) -> Any:
    """Return a client of boto3's for a role. It blocks: to be used in threads, never on the server's event loop."""
    import boto3.session  # noqa: PLC0415 - a third of a second, which most starts never need
    from botocore.config import Config  # noqa: PLC0415 - the same

    key, secret, token = access.role_session(role, session)
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
