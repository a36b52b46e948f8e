"""The architecture: a queue takes the work in, a worker asks the model, a table keeps the answers."""

from __future__ import annotations

import pulumi
from components.async_endpoint import AsyncEndpoint
from components.idempotency_store import IdempotencyStore
from components.observability import Observability, ObservabilityArgs
from components.results_store import ResultsStore
from components.table import StoreArgs
from components.work_queue import WorkQueue, WorkQueueArgs
from endpoints import artefact, endpoint
from exports import exports
from foundation import Foundation
from graphs import graphs
from ingresses import ingress, sender
from names import Names
from place import Place
from settings import Settings, SettingsError
from values import give_up
from workers import TIMEOUT_SECONDS, Stores, collector, worker

place = Place.current()
project, stack = pulumi.get_project(), pulumi.get_stack()
try:
    settings = Settings.read(pulumi.Config(), stack=stack, region=place.region)
except SettingsError as error:
    give_up(error)
names = Names.of(project, stack)
tags = {"project": project, "stack": stack, "owner": settings.owner}
base = Foundation.lay(place, settings, names, tags, stack)

work = WorkQueue(
    "work",
    WorkQueueArgs(
        place=place,
        consumer_timeout_seconds=TIMEOUT_SECONDS,
        key_alias=base.key.alias,
        alerting=base.alerting,
        sender=sender(base),
    ),
)
kept = StoreArgs(place=place, key_arn=base.key.arn, deletion_protection=settings.deletion_protection, tags=tags)
stores = Stores(results=ResultsStore("results", kept), claims=IdempotencyStore("claims", kept))
bundled = artefact(base)
model = endpoint(base, bundled)
functions = {"worker": worker(base, work, stores, model)}
answers = None
if isinstance(model, AsyncEndpoint):
    functions["collector"], answers = collector(base, work, stores, model)
door = ingress(base, work)
if settings.dashboard or settings.monthly_budget:
    Observability(
        "overview",
        ObservabilityArgs(
            place=place,
            dashboard_name=names.prefix,
            graphs=graphs(work, functions["worker"], model, [stores.results.name, stores.claims.name])
            if settings.dashboard
            else {},
            monthly_budget=settings.monthly_budget,
            topic=base.topic.arn,
            project=project,
            tags=tags,
        ),
    )

for name, value in exports(
    base,
    work=work,
    stores=stores,
    model=model,
    functions=functions,
    artefact=bundled,
    answers=answers,
    ingress=door,
).items():
    pulumi.export(name, value)
