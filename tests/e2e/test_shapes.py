"""The endpoint in each shape, and from each to each other, and to other instances: in this order, on one cloud."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest

from localcloud.aws.sagemaker import xgboost_json
from tests.e2e.account_inventory import added, inventory
from tests.e2e.deployment import DONE, ENDPOINT, STARTED, Deployment, ItemSender, assert_no_changes, deployed
from tests.e2e.flow import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cloud import Cloud, Copy

SMALL: Final = "ml.c5.large"
INSTANCE, SERVERLESS, ASYNC, LARGER = "instance-c5-large", "serverless", "async-c5-large", "async-m5-xlarge"
"""Endpoints, by what their names end in: the shape, and the type of the instances."""
CHAIN: Final = (INSTANCE, ASYNC, INSTANCE, SERVERLESS, ASYNC, LARGER, SERVERLESS, INSTANCE)
"""Every shape to every other, and one to instances of another type, one change after the other."""
SHORT: Final = 2
"""How many changes are not long: after them the endpoint is again what it was at the beginning."""
CHANGES: Final = [
    pytest.param(
        *(old, new, new not in CHAIN[: place + 1]),
        id=f"{old}-{new}",
        marks=() if place < SHORT else pytest.mark.long,
    )
    for place, (old, new) in enumerate(pairwise(CHAIN))
]
"""Old, new, and whether the new one is deployed for the first time."""
HELD, ALONG = 20, 10
"""Items that wait in the queue during a change, and items that somebody works on when it begins."""
KEPT: Final = {
    "aws:sqs/queue:Queue": {"work", "work-dead-letters"},
    "aws:dynamodb/table:Table": {"results", "claims"},
    "aws:kms/key:Key": {"key"},
    "aws:kms/alias:Alias": {"key"},
    "aws:s3/bucket:Bucket": {"models"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"models"},
    "aws:lambda/function:Function": {"worker"},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {"worker"},
}
"""What there is whatever the shape."""
CONFIGURATION: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
INVOCATION: Final = "aws:lambda/invocation:Invocation"
MODEL: Final = "reference_stack/default_model/model.tar.gz"


@pytest.fixture(scope="module")
def empty(cloud: Cloud, copy: Copy) -> dict[str, set[str]]:
    """What the account holds before anything is deployed."""
    assert copy.cloud is cloud
    return inventory(cloud)


@pytest.fixture(scope="module")
def items(copy: Copy) -> ItemSender:
    """The way in to the first shape and the way out."""
    copy.cloud.control("settings", {"failed_return_seconds": 1.0})
    found = ItemSender(copy)
    found.deployment = Deployment.of(copy, settings(CHAIN[0]))
    return found


def settings(ending: str) -> dict[str, str]:
    """The settings that make the endpoint whose name ends so."""
    shape, _, size = ending.partition("-")
    return {"endpointShape": shape, "modelInstanceType": f"ml.{size.replace('-', '.')}" if size else SMALL}


def another_model(copy: Copy) -> bytes:
    """A model of the same kind from less data."""
    train = "import sys; from default_model.train import pack, train; sys.stdout.buffer.write(pack(train(200)))"
    folder = copy.folder / "reference_stack"
    return subprocess.run([sys.executable, "-c", train], cwd=folder, check=True, capture_output=True).stdout


def test_a_wrong_setting_is_three_lines_and_nothing_else(cloud: Cloud, copy: Copy, empty: dict[str, set[str]]) -> None:
    """What is wrong, what is allowed, and what to paste; the update fails before it begins."""
    copy.configure(endpointShape="instnace")
    done = copy.pulumi("up", "--yes", "--skip-preview")
    assert done.returncode != 0
    told = done.stdout.partition("Diagnostics:\n")[2].partition("\nResources:")[0].splitlines()
    assert [line.strip() for line in told if line.strip()] == [
        "pulumi:pulumi:Stack (decoupled-ai-local):",
        'error: stack configuration decoupled-ai:endpointShape is "instnace"',
        "use one of: instance, serverless, async",
        "pulumi config set decoupled-ai:endpointShape instance",
    ]
    assert "Traceback" not in done.stdout
    assert deployed(copy) == {}
    assert added(empty, inventory(cloud)) == {}


@contextlib.contextmanager
def under_way(copy: Copy, items: ItemSender, tag: str, *, later: bool) -> Iterator[dict[str, Any]]:
    """Items of which one batch is at the model, which does not answer yet, and the others in the queue; none is done.

    A model that answers at once does so within this time or later; one that answers later never does, for it has no
    instance.
    """
    if later:
        none = [{"VariantName": "main", "DesiredInstanceCount": 0}]
        copy.cloud.client("sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=items.outputs["endpoint_name"], DesiredWeightsAndCapacities=none
        )
    else:
        copy.cloud.control(
            "faults", {"service": "sagemaker", "action": "InvokeEndpoint", "latency_ms": 5_000, "times": 3}
        )
    along = items.send(f"{tag}-along", ALONG)
    if later:
        eventually(lambda: list(items.claims(along).values()) == ["submitted"] * ALONG, "all are handed in")
    else:
        eventually(lambda: len(items.claims(along)) == ALONG, "all are being worked on")
    items.poll(on=False)
    held = items.send(f"{tag}-held", HELD)
    assert not items.results([*along, *held])
    yield {"along": along, "held": held}
    copy.cloud.control("faults", method="DELETE")


@pytest.mark.parametrize(("old", "new", "first"), CHANGES)
def test_one_endpoint_becomes_another_and_no_item_is_lost(
    copy: Copy, items: ItemSender, old: str, new: str, *, first: bool
) -> None:
    """The new endpoint is there before the old one goes; what is not the model's stays; every item has its result.

    Where it is new here, it is deployed again and looked at, and nothing differs.
    """
    before, leaving = items.deployment.ids, items.outputs["endpoint_name"]
    with under_way(copy, items, f"{old}-{new}", later=old.startswith("async")) as sent:
        items.deployment = change = Deployment.of(copy, settings(new), pack=first)
        coming = items.outputs["endpoint_name"]
        assert not items.results(sent["held"])
        assert items.depth("queue_url") >= HELD

    assert (leaving, coming) == (f"decoupled-ai-local-{old}", f"decoupled-ai-local-{new}")
    same = settings(old)["endpointShape"] == settings(new)["endpointShape"]
    create, delete = ("create-replacement", "delete-replaced") if same else ("create", "delete")
    created = change.at(DONE, create, ENDPOINT, coming)
    deleted = change.at(STARTED, delete, ENDPOINT, leaving)
    assert created < change.at(DONE, "update", "aws:lambda/function:Function") < deleted
    assert created < change.at(DONE, "update", "aws:lambda/alias:Alias") < deleted
    if old.startswith("async"):
        assert change.at(DONE, delete, INVOCATION) < deleted

    for type_, names in KEPT.items():
        for name in names:
            assert before[type_, name] == change.ids[type_, name]
            assert change.touched(type_).get(name, set()) <= {"update"}
    for type_ in ("aws:sqs/queue:Queue", "aws:dynamodb/table:Table", "aws:s3/bucketObjectv2:BucketObjectv2"):
        assert not KEPT[type_] & change.touched(type_).keys()

    items.poll(on=True)
    everything = [*sent["held"], *sent["along"]]
    eventually(lambda: len(items.results(everything)) == len(everything), "every item has its result")
    assert {endpoint for _, endpoint in items.results(sent["held"]).values()} == {coming}
    assert {endpoint for _, endpoint in items.results(sent["along"]).values()} <= {coming, leaving}
    eventually(lambda: items.depth("queue_url") == 0, "the queue is empty")
    assert items.depth("dead_letter_queue_url") == 0
    assert set(items.claims(everything).values()) == {"done"}
    if first:
        assert_no_changes(copy)


def test_another_model_takes_over_in_place_and_no_item_is_lost(copy: Copy, items: ItemSender) -> None:
    """Another configuration is made, the endpoint goes over to it, the one before is deleted; items flow all along."""
    before, archive = items.deployment.ids, copy.folder / MODEL
    old, new = xgboost_json.unpack(archive.read_bytes()), another_model(copy)
    archive.write_bytes(new)
    during: dict[str, tuple[float, ...]] = {}
    with ThreadPoolExecutor(1) as aside:
        running = aside.submit(Deployment.of, copy, settings(CHAIN[-1]), pack=False)
        while not running.done():
            during |= items.send(f"during-{len(during)}", 5)
            time.sleep(0.2)
    change, since = running.result(), items.send("since", ALONG)
    after = change.ids

    created = change.at(DONE, "create-replacement", CONFIGURATION, after[CONFIGURATION, "model"])
    updated = change.at(DONE, "update", ENDPOINT)
    deleted = change.at(STARTED, "delete-replaced", CONFIGURATION, before[CONFIGURATION, "model"])
    assert created < updated < deleted
    assert change.touched(ENDPOINT) == {"model": {"update"}}
    assert before[ENDPOINT, "model"] == after[ENDPOINT, "model"]
    assert before[CONFIGURATION, "model"] != after[CONFIGURATION, "model"]
    assert change.touched("aws:lambda/function:Function") == {}

    everything = during | since
    eventually(lambda: len(items.results(everything)) == len(everything), "every item has its result")
    models = (old, xgboost_json.unpack(new))
    by_model = [dict(zip(everything, model.predict(list(everything.values())), strict=True)) for model in models]
    predicted = {id_: prediction for id_, (prediction, _) in items.results(everything).items()}
    assert all(predicted[id_] in {told[id_] for told in by_model} for id_ in during)
    assert {id_: predicted[id_] for id_ in since} == {id_: by_model[1][id_] for id_ in since}
    assert all(by_model[0][id_] != by_model[1][id_] for id_ in since)
    eventually(lambda: items.depth("queue_url") == 0, "the queue is empty")
    assert items.depth("dead_letter_queue_url") == 0


def test_destroy_leaves_nothing(cloud: Cloud, copy: Copy, empty: dict[str, set[str]]) -> None:
    """No service of the account holds anything that it did not hold before."""
    copy.destroy()
    assert added(empty, inventory(cloud)) == {}
    assert deployed(copy) == {}
