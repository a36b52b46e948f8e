"""A queue receives work items, a worker sends them to a SageMaker model, and a table stores the results."""

from __future__ import annotations

import pulumi
from aws_environment import AwsEnvironment
from components.async_endpoint import AsyncEndpoint
from components.dynamodb_table import StoreArgs
from components.idempotency_store import IdempotencyStore
from components.observability import Observability, ObservabilityArgs
from components.results_store import ResultsStore
from components.work_queue import WorkQueue, WorkQueueArgs
from config_reader import exit_with_error
from dashboard_graphs import dashboard_graphs
from endpoints import artefact, endpoint
from exports import exports
from functions import TIMEOUT_SECONDS, Stores, collector, worker
from ingresses import ingress, queue_sender
from names import Names
from settings import Settings, SettingsError
from shared_resources import SharedResources

aws_env = AwsEnvironment.current()
project, stack = pulumi.get_project(), pulumi.get_stack()
try:
    settings = Settings.read(pulumi.Config(), stack=stack, region=aws_env.region)
except SettingsError as error:
    exit_with_error(error)
names = Names.of(project, stack)
tags = {"project": project, "stack": stack, "owner": settings.owner}
shared = SharedResources.create(aws_env, settings, names, tags, stack)

work = WorkQueue(
    "work",
    WorkQueueArgs(
        aws_env=aws_env,
        consumer_timeout_seconds=TIMEOUT_SECONDS,
        key_alias=shared.key.alias,
        alerting=shared.alerting,
        sender=queue_sender(shared),
    ),
)
store_args = StoreArgs(
    aws_env=aws_env, key_arn=shared.key.arn, deletion_protection=settings.deletion_protection, tags=tags
)
stores = Stores(results=ResultsStore("results", store_args), claims=IdempotencyStore("claims", store_args))
bundled = artefact(shared)
model = endpoint(shared, bundled)
functions = {"worker": worker(shared, work, stores, model)}
async_answers = None
if isinstance(model, AsyncEndpoint):
    functions["collector"], async_answers = collector(shared, work, stores, model)
ingress_component = ingress(shared, work)
if settings.dashboard or settings.monthly_budget:
    Observability(
        "overview",
        ObservabilityArgs(
            aws_env=aws_env,
            dashboard_name=names.prefix,
            graphs=dashboard_graphs(work, functions["worker"], model, [stores.results.name, stores.claims.name])
            if settings.dashboard
            else {},
            monthly_budget=settings.monthly_budget,
            topic=shared.topic.arn,
            project=project,
            tags=tags,
        ),
    )

for name, value in exports(
    shared,
    work=work,
    stores=stores,
    model=model,
    functions=functions,
    artefact=bundled,
    async_answers=async_answers,
    ingress=ingress_component,
).items():
    pulumi.export(name, value)
