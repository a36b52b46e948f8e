"""The functions: one that works on what the queue holds, and one for the answers of a model that answers later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi
from archive import archive
from components.async_answers import AsyncAnswers, AsyncAnswersArgs
from components.async_endpoint import AsyncEndpoint
from components.withdrawal import Withdrawal, WithdrawalArgs
from components.worker import RUNTIME, Worker, WorkerArgs
from documents import allow, use_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.idempotency_store import IdempotencyStore
    from components.results_store import ResultsStore
    from components.work_queue import WorkQueue
    from documents import Statement
    from endpoints import Endpoint
    from foundation import Foundation

CODE: Final = Path(__file__).resolve().parent.parent / "lambda_src" / "worker"
TIMEOUT_SECONDS: Final = 30
MODEL_TIMEOUT_SECONDS: Final = 6.0
"""Of one request to the model. It is made twice at most, and the stores need their time too."""
IDEMPOTENCY_DAYS: Final = 30
"""Longer than a message can live: 4 days in the queue and 14 in the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The two tables."""

    results: ResultsStore
    claims: IdempotencyStore


def worker(base: Foundation, work: WorkQueue, stores: Stores, model: Endpoint) -> Worker:
    """The function that empties the work queue."""
    later = isinstance(model, AsyncEndpoint)
    return _function(
        base,
        "worker",
        handler="submit.handle" if later else "predict.handle",
        queue=work,
        grants=[
            *work.consume,
            *model.ask,
            *stores.claims.claim,
            *([] if later else stores.results.keep),
            use_key(base.place, base.key.alias, ["sqs", "dynamodb"]),
        ],
        environment=_stores(base, stores)
        | {"ENDPOINT_NAME": model.endpoint_name, "MODEL_TIMEOUT_SECONDS": str(MODEL_TIMEOUT_SECONDS)}
        | ({"BATCH_BUCKET": model.bucket} if isinstance(model, AsyncEndpoint) else {}),
    )


def collector(base: Foundation, work: WorkQueue, stores: Stores, model: AsyncEndpoint) -> tuple[Worker, AsyncAnswers]:
    """The function that stores what the model answers later, and the queue that tells it of answers."""
    place = base.place
    answers = AsyncAnswers(
        "answers",
        AsyncAnswersArgs(
            place=place,
            success_topic=model.success_topic,
            error_topic=model.error_topic,
            consumer_timeout_seconds=TIMEOUT_SECONDS,
            key_alias=base.key.alias,
            alerting=base.alerting,
        ),
    )
    back = [place.queue(work.name), place.queue(work.dead_letter_name)]
    function = _function(
        base,
        "collector",
        handler="collect.handle",
        queue=answers.queue,
        grants=[
            *answers.queue.consume,
            *model.collect,
            *stores.claims.claim,
            *stores.results.keep,
            allow(["sqs:SendMessage"], back),
            use_key(place, base.key.alias, ["sqs"], ["kms:Decrypt", "kms:GenerateDataKey"]),
            use_key(place, base.key.alias, ["dynamodb", "s3"]),
        ],
        environment=_stores(base, stores)
        | {
            "BATCH_BUCKET": model.bucket,
            "WORK_QUEUE_URL": work.url,
            "DEAD_LETTER_QUEUE_URL": work.dead_letter_url,
        },
    )
    Withdrawal("model", WithdrawalArgs(endpoint=model, answers=answers, collector=function))
    return function, answers


def _function(
    base: Foundation,
    name: str,
    *,
    handler: str,
    queue: WorkQueue,
    grants: Sequence[Statement],
    environment: Mapping[str, pulumi.Input[str]],
) -> Worker:
    return Worker(
        name,
        WorkerArgs(
            place=base.place,
            code=archive(CODE, RUNTIME),
            handler=handler,
            queue_name=queue.name,
            grants=grants,
            environment=environment,
            key_arn=base.key.arn,
            log_group_name=base.names.function_logs(name),
            log_retention_days=base.settings.log_retention_days,
            alerting=base.alerting,
            timeout_seconds=TIMEOUT_SECONDS,
            concurrency=base.settings.worker_concurrency,
            reserved=base.settings.worker_reserved,
            inside=base.network.function if base.network else None,
        ),
        # Lambda refuses a mapping whose role the queue does not know yet
        pulumi.ResourceOptions(depends_on=[queue]),
    )


def _stores(base: Foundation, stores: Stores) -> dict[str, pulumi.Input[str]]:
    return {
        "RESULTS_TABLE": stores.results.name,
        "IDEMPOTENCY_TABLE": stores.claims.name,
        "CLAIM_SECONDS": str(TIMEOUT_SECONDS),
        "IDEMPOTENCY_DAYS": str(IDEMPOTENCY_DAYS),
        "RESULT_DAYS": str(base.settings.result_days),
    }
