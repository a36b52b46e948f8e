"""Event source mappings of queues: one poller per mapping, on the server's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc, sqs

from localcloud.aws import authorization, encryption
from localcloud.aws.functions.batch import failed_messages, record, return_messages
from localcloud.aws.functions.pool import POOL
from localcloud.aws.patching import private
from localcloud.aws.settings import SETTINGS

if TYPE_CHECKING:
    from localcloud.aws.functions.batch import Stored

LOGGER = logging.getLogger("poller")

mappings = private(lambda_svc, "_esms")
functions = private(lambda_svc, "_functions")
version_of = private(lambda_svc, "_get_func_record_for_qualifier")
filtered = private(lambda_svc, "_apply_filter_criteria")
take_slot = private(lambda_svc, "_acquire_execution_slot")
give_slot = private(lambda_svc, "_release_execution_slot")
trace_header = private(lambda_svc, "_xray_trace_id_for_invocation")
queue_by_arn = private(sqs, "_queue_by_arn")
receive = private(sqs, "_receive_messages_for_esm")
delete = private(sqs, "_delete_messages_for_esm")

NEEDS: Final = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
"""The actions on the queue that the function's role has to allow."""
RECEIVED: Final = 10  # messages one ReceiveMessage returns at most
BATCH_BYTES: Final = 5 * 1024 * 1024  # a batch this large is invoked with, 6 MB being the most a function takes
IDLE_SECONDS: Final = 1.0  # between two looks at a queue that nobody sends to
BUSY_SECONDS: Final = 0.2  # between two looks at a queue whose messages are all being worked on
PROBLEM_SECONDS: Final = 1.0  # between two tries of something that was refused


class Pollers:
    """All pollers. Queues call `set` after a send: ministack's name for waking its poller."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pollers: dict[str, Poller] = {}

    def watch(self, uuid: str) -> None:
        """Start the poller of a mapping unless it is running."""
        self._loop = asyncio.get_running_loop()
        if uuid not in self._pollers:
            self._pollers[uuid] = poller = Poller(uuid)
            task = self._loop.create_task(poller.run(), context=Context())
            task.add_done_callback(lambda _done: self._pollers.pop(uuid, None))
            poller.task = task

    def set(self) -> None:
        """Wake all pollers, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for poller in self._pollers.values():
            poller.wake.set()


class Poller:
    """The poller of one mapping, until the mapping is deleted."""

    def __init__(self, uuid: str) -> None:
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._uuid = uuid
        self._running: dict[asyncio.Task[None], int] = {}

    async def run(self) -> None:
        """Poll, invoke, settle."""
        while (mapping := mappings.get(self._uuid)) is not None:
            try:
                await self._round(mapping)
            except Exception:
                LOGGER.exception("polling for mapping %s failed", self._uuid)
                await asyncio.sleep(PROBLEM_SECONDS)

    async def _round(self, mapping: dict[str, Any]) -> None:
        version, config = version_of(mapping["FunctionName"], mapping.get("Qualifier"))
        queue = queue_by_arn(mapping["EventSourceArn"])
        if not mapping.get("Enabled", True) or version is None or queue is None:
            await self._sleep(IDLE_SECONDS)
            return
        refusal = missing_permission(config, queue)
        if refusal is not None:
            mapping["LastProcessingResult"] = f"PROBLEM: {refusal}"
            await asyncio.sleep(PROBLEM_SECONDS)
            return
        deliveries = SETTINGS.deliveries
        if self._running and sum(self._running.values()) + deliveries > max_parallel_batches(mapping, queue):
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return
        messages = await self._batch(mapping, queue)
        if messages:
            task = asyncio.create_task(self._work(mapping, queue, messages, deliveries))
            self._running[task] = deliveries
            task.add_done_callback(self._running.pop)

    async def _batch(self, mapping: dict[str, Any], queue: dict[str, Any]) -> list[Stored]:
        """Receive until the batch is full or its window is over; nothing where the queue has nothing."""
        size, window = int(mapping["BatchSize"]), float(mapping["MaximumBatchingWindowInSeconds"])
        found: list[Stored] = []
        until = 0.0
        while True:
            found += receive(queue["url"], min(RECEIVED, size - len(found)))
            until = until or (time.monotonic() + window if found else 0.0)
            full = len(found) >= size or sum(len(message["body"]) for message in found) > BATCH_BYTES
            left = until - time.monotonic()
            if full or (found and left <= 0):
                return found
            if not found:
                await self._sleep(BUSY_SECONDS if queue["messages"] else IDLE_SECONDS)
                return []
            await self._sleep(min(left, BUSY_SECONDS))

    async def _work(
        self, mapping: dict[str, Any], queue: dict[str, Any], messages: list[Stored], deliveries: int
    ) -> None:
        handles = {message["id"]: message["receipt_handle"] for message in messages}
        records = [record(message, mapping["EventSourceArn"]) for message in messages]
        wanted = filtered(records, mapping)
        left = set(handles)
        try:
            left = await self._delivered(mapping, wanted, deliveries) if wanted else set()
        except Exception:
            LOGGER.exception("mapping %s could not invoke", self._uuid)
        done = {handle for name, handle in handles.items() if name not in left}
        with contextlib.suppress(private(sqs, "_Err")):  # the queue may be gone by now
            delete(queue["url"], done)
        if left and SETTINGS.failed_return_seconds is not None:
            return_messages(
                [message for message in messages if message["id"] in left], handles, SETTINGS.failed_return_seconds
            )

    async def _delivered(self, mapping: dict[str, Any], records: list[dict[str, Any]], deliveries: int) -> set[str]:
        """Hand the records over so often at the same time; what one invocation has done is done."""
        copies = (self._invoked(mapping, records) for _ in range(deliveries))
        return set.intersection(*await asyncio.gather(*copies))

    async def _invoked(self, mapping: dict[str, Any], records: list[dict[str, Any]]) -> set[str]:
        """Invoke the function with the records; return the ids of the messages that stay in the queue."""
        ids = {found["messageId"] for found in records}
        version, config = version_of(mapping["FunctionName"], mapping.get("Qualifier"))
        slot, _limit = take_slot(functions.get(mapping["FunctionName"]), config) if version else (None, None)
        if slot is None:  # throttled: as on AWS, the messages come back when their visibility timeout is over
            mapping["LastProcessingResult"] = "PROBLEM: Function call failed: throttled"
            await asyncio.sleep(PROBLEM_SECONDS)
            return ids
        try:
            result = await POOL.invoke(
                version, {"Records": records}, str(uuid4()), mapping["FunctionArn"], trace_header(config)
            )
        finally:
            give_slot(slot)
        partial = "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or [])
        left = ids if result.get("error") else failed_messages(ids, result.get("body"), partial=partial)
        mapping["LastProcessingResult"] = "PROBLEM: Function call failed" if result.get("error") else "OK"
        return left

    async def _sleep(self, seconds: float) -> None:
        """Sleep until something was sent, now or since the last sleep; everybody looks at the queue after it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), seconds)
        self.wake.clear()


def missing_permission(config: dict[str, Any], queue: dict[str, Any]) -> str | None:
    """Return the permission that a function's role lacks to consume a queue; None if it has all."""
    key, target = execution_credentials(config)["AWS_ACCESS_KEY_ID"], queue["attributes"]["QueueArn"]
    for name in NEEDS:
        if authorization.denial(key, f"sqs:{name}", target):
            return f"The provided execution role does not have permissions to call {name} on SQS"
    kms = encryption.queue_key(queue)
    if kms:
        context = encryption.service_context("sqs", kms) | {"kms:EncryptionContext:aws:sqs:arn": target}
        if authorization.denial(key, "kms:Decrypt", kms, context):
            return f"The provided execution role does not have permissions to call Decrypt on KMS key {kms}"
    return None


def max_parallel_batches(mapping: dict[str, Any], queue: dict[str, Any]) -> int:
    """Return the maximum number of concurrent invocations of a mapping."""
    if queue["is_fifo"]:
        return 1  # the messages of a group stay in order
    most = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
    return max(1, min(int(most or SETTINGS.parallel_batches), SETTINGS.parallel_batches))


POLLERS = Pollers()
