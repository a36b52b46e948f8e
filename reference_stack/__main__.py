"""The architecture: a queue takes the work in, a worker asks the model, a table keeps the answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pulumi
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.model_endpoint import ModelEndpoint, ModelEndpointArgs, log_group_of
from components.results_store import ResultsStore, ResultsStoreArgs
from components.work_queue import WorkQueue, WorkQueueArgs
from components.worker import Worker, WorkerArgs, archive
from place import Place
from settings import Settings

WORKER_CODE: Final = Path(__file__).resolve().parent.parent / "lambda_src" / "worker"
WORKER_TIMEOUT_SECONDS: Final = 30

place = Place.current()
settings = Settings.read(pulumi.Config(), stack=pulumi.get_stack(), region=place.region)
prefix = re.sub("[^a-z0-9]+", "-", f"{pulumi.get_project()}-{pulumi.get_stack()}".lower()).strip("-")
tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack(), "owner": settings.owner}
endpoint_name, worker_logs = f"{prefix}-model", f"/aws/lambda/{prefix}-worker"

key = EncryptionKey(
    "key",
    EncryptionKeyArgs(place=place, alias=prefix, log_groups=[worker_logs, log_group_of(endpoint_name)], tags=tags),
)
work = WorkQueue(
    "work",
    WorkQueueArgs(
        place=place,
        consumer_timeout_seconds=WORKER_TIMEOUT_SECONDS,
        key_alias=key.alias,
        alarm_actions=[settings.alarm_topic] if settings.alarm_topic else [],
        tags=tags,
    ),
)
results = ResultsStore(
    "results",
    ResultsStoreArgs(key_arn=key.arn, deletion_protection=settings.deletion_protection, tags=tags),
)
model = ModelEndpoint(
    "model",
    ModelEndpointArgs(
        place=place,
        endpoint_name=endpoint_name,
        image=settings.model_image,
        artefact=settings.model_artefact,
        instance_type=settings.model_instance_type,
        instances=settings.model_instances,
        key_arn=key.arn,
        log_retention_days=settings.log_retention_days,
        tags=tags,
    ),
)
worker = Worker(
    "worker",
    WorkerArgs(
        place=place,
        code=archive(WORKER_CODE),
        queue_name=work.name,
        endpoint_name=model.endpoint_name,
        table_name=results.name,
        key_alias=key.alias,
        key_arn=key.arn,
        log_group_name=worker_logs,
        log_retention_days=settings.log_retention_days,
        timeout_seconds=WORKER_TIMEOUT_SECONDS,
        concurrency=settings.worker_concurrency,
        tags=tags,
    ),
)

for name, value in {
    "queue_url": work.url,
    "queue_name": work.name,
    "queue_arn": work.arn,
    "dead_letter_queue_url": work.dead_letter_url,
    "dead_letter_queue_arn": work.dead_letter_arn,
    "results_table": results.name,
    "results_table_arn": results.arn,
    "endpoint_name": model.endpoint_name,
    "endpoint_arn": model.endpoint_arn,
    "endpoint_configuration_arn": model.configuration_arn,
    "model_arn": model.model_arn,
    "model_role_arn": model.role_arn,
    "model_log_group_arn": model.log_group_arn,
    "function_name": worker.function_name,
    "function_arn": worker.function_arn,
    "function_alias_arn": worker.alias_arn,
    "mapping_arn": worker.mapping_arn,
    "worker_role_arn": worker.role_arn,
    "worker_log_group": worker.log_group_name,
    "worker_log_group_arn": worker.log_group_arn,
    "key_arn": key.arn,
    "key_alias": key.alias,
}.items():
    pulumi.export(name, value)
