"""The Lambda functions: the worker, and the collector for an asynchronous endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi
from code_archive import code_archive
from components.async_answers import AsyncAnswers, AsyncAnswersArgs
from components.async_endpoint import AsyncEndpoint
from components.queue_function import RUNTIME, Worker, WorkerArgs
from components.withdrawal import Withdrawal, WithdrawalArgs
from policy_documents import allow, allow_key_use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.idempotency_store import IdempotencyStore
    from components.results_store import ResultsStore
    from components.work_queue import WorkQueue
    from endpoints import Endpoint
    from policy_documents import Statement
    from shared_resources import SharedResources

CODE: Final = Path(__file__).resolve().parent.parent / "lambda_src" / "worker"
TIMEOUT_SECONDS: Final = 30
MODEL_TIMEOUT_SECONDS: Final = 6.0
"""Timeout of one request to the model; two attempts and the writes to the tables must fit into the function's."""
IDEMPOTENCY_DAYS: Final = 30
"""Longer than a message can exist: 4 days in the queue and 14 in the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The results table and the idempotency table."""

    results: ResultsStore
    claims: IdempotencyStore


def worker(shared: SharedResources, work: WorkQueue, stores: Stores, model: Endpoint) -> Worker:
    """The function that consumes the work queue."""
    asynchronous = isinstance(model, AsyncEndpoint)
    return _function(
        shared,
        "worker",
        handler="submit.handle" if asynchronous else "predict.handle",
        queue=work,
        grants=[
            *work.consume_grants,
            *model.invoke_grants,
            *stores.claims.claim_grants,
            *([] if asynchronous else stores.results.write_grants),
            allow_key_use(shared.aws_env, shared.key.alias, ["sqs", "dynamodb"]),
        ],
        environment=_stores(shared, stores)
        | {"ENDPOINT_NAME": model.endpoint_name, "MODEL_TIMEOUT_SECONDS": str(MODEL_TIMEOUT_SECONDS)}
        | ({"BATCH_BUCKET": model.bucket} if isinstance(model, AsyncEndpoint) else {}),
    )


def collector(
    shared: SharedResources, work: WorkQueue, stores: Stores, model: AsyncEndpoint
) -> tuple[Worker, AsyncAnswers]:
    """The function that stores the results of an asynchronous endpoint, and the queue of its notifications."""
    aws_env = shared.aws_env
    async_answers = AsyncAnswers(
        "answers",
        AsyncAnswersArgs(
            aws_env=aws_env,
            success_topic=model.success_topic,
            error_topic=model.error_topic,
            consumer_timeout_seconds=TIMEOUT_SECONDS,
            key_alias=shared.key.alias,
            alerting=shared.alerting,
        ),
    )
    back = [aws_env.queue_arn(work.name), aws_env.queue_arn(work.dead_letter_name)]
    function = _function(
        shared,
        "collector",
        handler="collect.handle",
        queue=async_answers.queue,
        grants=[
            *async_answers.queue.consume_grants,
            *model.collect_grants,
            *stores.claims.claim_grants,
            *stores.results.write_grants,
            allow(["sqs:SendMessage"], back),
            allow_key_use(aws_env, shared.key.alias, ["sqs"], ["kms:Decrypt", "kms:GenerateDataKey"]),
            allow_key_use(aws_env, shared.key.alias, ["dynamodb", "s3"]),
        ],
        environment=_stores(shared, stores)
        | {
            "BATCH_BUCKET": model.bucket,
            "WORK_QUEUE_URL": work.url,
            "DEAD_LETTER_QUEUE_URL": work.dead_letter_url,
        },
    )
    Withdrawal("model", WithdrawalArgs(endpoint=model, async_answers=async_answers, collector=function))
    return function, async_answers


def _function(
    shared: SharedResources,
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
            aws_env=shared.aws_env,
            code=code_archive(CODE, RUNTIME),
            handler=handler,
            queue_name=queue.name,
            grants=grants,
            environment=environment,
            key_arn=shared.key.arn,
            log_group_name=shared.names.function_logs(name),
            log_retention_days=shared.settings.log_retention_days,
            alerting=shared.alerting,
            timeout_seconds=TIMEOUT_SECONDS,
            concurrency=shared.settings.worker_concurrency,
            reserved=shared.settings.worker_reserved,
            vpc_placement=shared.network.function if shared.network else None,
        ),
        # Lambda rejects a mapping whose role has no access to the queue yet
        pulumi.ResourceOptions(depends_on=[queue]),
    )


def _stores(shared: SharedResources, stores: Stores) -> dict[str, pulumi.Input[str]]:
    return {
        "RESULTS_TABLE": stores.results.name,
        "IDEMPOTENCY_TABLE": stores.claims.name,
        "CLAIM_SECONDS": str(TIMEOUT_SECONDS),
        "IDEMPOTENCY_DAYS": str(IDEMPOTENCY_DAYS),
        "RESULT_DAYS": str(shared.settings.result_days),
    }
