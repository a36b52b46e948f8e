"""The real engine with every type: preview, deploy, refresh, import, mend, change, destroy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import pytest

from localcloud.provider import registry
from localcloud.provider.cloud import Cloud
from localcloud.provider.wire import Asset
from tests.localcloud.provider.life import Project, Resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.localcloud.provider.caller import Caller

IMPORTED_AS: dict[str, Callable[[Resource], str]] = {
    "aws:apigatewayv2/integration:Integration": lambda it: f"{it.inputs['apiId']}/{it.id}",
    "aws:apigatewayv2/route:Route": lambda it: f"{it.inputs['apiId']}/{it.id}",
    "aws:apigatewayv2/stage:Stage": lambda it: f"{it.inputs['apiId']}/{it.id}",
    "aws:appautoscaling/policy:Policy": lambda it: "/".join(
        ["sagemaker", it.inputs["resourceId"], it.inputs["scalableDimension"], it.id]
    ),
    "aws:appautoscaling/target:Target": lambda it: f"sagemaker/{it.id}/{it.inputs['scalableDimension']}",
    "aws:cloudwatch/eventTarget:EventTarget": lambda it: "/".join(
        it.outputs[prop] for prop in ("eventBusName", "rule", "targetId")
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": lambda it: (
        f"{it.inputs['subnetId']}/{it.inputs['routeTableId']}"
    ),
    "aws:lambda/alias:Alias": lambda it: f"{it.inputs['functionName']}/{it.inputs['name']}",
    "aws:lambda/invocation:Invocation": lambda it: it.id.replace("_", ","),
    "aws:lambda/permission:Permission": lambda it: f"{it.inputs['function']}/{it.id}",
}
"""Where the official provider's import id is not the id."""
WRITE_ONLY = {"code", "source", "deletionWindowInDays", "forceDestroy", "publish"}
WRITE_ONLY |= {"input", "lifecycleScope", "terraformKey"}  # of an invocation
"""What AWS cannot tell an import."""


@dataclass
class Life:
    """What each stage left."""

    said: dict[str, str] = field(default_factory=dict)
    made: list[Resource] = field(default_factory=list)
    text: str = ""
    imported: dict[str, set[str]] = field(default_factory=dict)
    refreshed: list[Resource] = field(default_factory=list)
    mended: list[Resource] = field(default_factory=list)
    changed: list[Resource] = field(default_factory=list)
    left: list[Resource] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def life(
    make_pulumi_env: Callable[[Path], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
    local_aws: str,
    aws: Caller,
) -> Life:
    """Live it."""
    environ = make_pulumi_env(tmp_path_factory.mktemp("life")) | {"AWS_ENDPOINT_URL": local_aws}
    project, seen = Project(tmp_path_factory.mktemp("program"), environ), Life()
    without = {key: value for key, value in environ.items() if key != "AWS_ENDPOINT_URL"}
    seen.said["preview"] = project.run("preview", "--diff", environ=without)
    project.up()
    seen.made, seen.text = project.resources(), project.text()
    seen.said["again"] = project.up("--expect-no-changes")
    seen.said["refresh"] = project.refresh("--expect-no-changes")
    for each in seen.made:
        seen.imported[each.urn] = _imported(aws, each)
    _meddle(local_aws, seen.made)
    project.refresh()
    seen.refreshed = project.resources()
    seen.said["change"] = project.up("--config", "everything:variant=changed")
    seen.changed = project.resources()
    seen.said["changed again"] = project.up("--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    seen.left = project.resources()
    for each in seen.changed:
        seen.gone[each.urn] = _gone(aws, each)
    return seen


def _imported(aws: Caller, resource: Resource) -> set[str]:
    """Import a resource by its id; return what would differ if the program that made it were run on it."""
    place = IMPORTED_AS[resource.token](resource) if resource.token in IMPORTED_AS else resource.id
    identity, outputs, inputs = aws.read(resource.token, place)
    assert identity == resource.id
    checked, failures = aws.check(resource.token, inputs, inputs, name=resource.name)
    assert not failures.keys() - {"code", "input"}
    return {"code", *aws.diff(resource.token, {**checked, **inputs}, outputs, resource.inputs).changed}


def _gone(aws: Caller, resource: Resource) -> str:
    """Read a resource that is gone, and delete it again; return what is wrong with the answers."""
    try:
        found = aws.read(resource.token, resource.id, resource.outputs, resource.inputs)[0]
        aws.delete(resource.token, resource.id, resource.outputs, resource.inputs)
    except grpc.RpcError as error:
        return str(error)
    return found


def _meddle(url: str, made: list[Resource]) -> None:
    """Do behind the engine's back what it should find out: change a queue, delete an alarm."""
    cloud = Cloud({}, {"AWS_ENDPOINT_URL": url})
    cloud.client("sqs").set_queue_attributes(
        QueueUrl=_one(made, "sqs/queue", "dead").id, Attributes={"VisibilityTimeout": "77", "DelaySeconds": "7"}
    )
    cloud.client("cloudwatch").delete_alarms(AlarmNames=[_one(made, "metricAlarm", "errors").id])


def _one(resources: list[Resource], token: str, name: str) -> Resource:
    return next(each for each in resources if token in each.token and each.name == name)


def test_every_type_is_deployed(life: Life) -> None:
    """The program uses every type there is."""
    assert {each.token for each in life.made} == set(registry.MODULES)


def test_the_preview_needs_no_aws(life: Life) -> None:
    """Names are known in it, ARNs are not."""
    said = life.said["preview"]
    assert f"{len(life.made) + 1} to create" in said
    assert re.search(r'name +: "results-[0-9a-f]{7}"', said)
    assert "arn:aws:dynamodb" not in said


def test_outputs_have_everything_the_sdk_promises(life: Life) -> None:
    """A property that programs may use is there; those that only exist in special cases aside."""
    special = {"mfa", "signingJobArn", "beginningArchiveTime", "lastProcessingResult"}
    special |= {"stateTransitionReason", "websiteDomain", "websiteEndpoint"}
    for each in life.made:
        kind = registry.kind(each.token)
        promised = {prop for prop in kind.schema.outputs if not prop.startswith("checksum")} - special
        assert promised <= each.outputs.keys(), each.urn


def test_nothing_changes_without_a_reason(life: Life) -> None:
    """Neither when deployed again nor when refreshed."""
    assert f"{len(life.made) + 1} unchanged" in life.said["again"]
    assert f"{len(life.made) + 1} unchanged" in life.said["refresh"]
    assert "unchanged" in life.said["changed again"]


def test_secrets_are_not_in_the_state(life: Life) -> None:
    """Neither in inputs nor in outputs; deciphered they are there."""
    assert "hush-hush" not in life.text
    function = _one(life.made, "lambda/function", "worker")
    for properties in (function.inputs, function.outputs):
        assert properties["environment"]["variables"]["SECRET"] == "hush-hush"


def test_everything_can_be_imported(life: Life) -> None:
    """An import by id finds all that the program said, but for what AWS does not tell."""
    differs = {urn: paths - WRITE_ONLY for urn, paths in life.imported.items() if paths - WRITE_ONLY}
    assert not differs


def test_a_refresh_finds_what_others_did(life: Life) -> None:
    """A changed queue and a deleted alarm."""
    queue = _one(life.refreshed, "sqs/queue", "dead")
    assert queue.inputs["visibilityTimeoutSeconds"] == 77
    assert queue.outputs["delaySeconds"] == 7
    assert not [each for each in life.refreshed if "metricAlarm" in each.token and each.name == "errors"]
    assert len(life.refreshed) == len(life.made) - 1


def test_a_change_mends_and_changes(life: Life) -> None:
    """Drift goes, changes come, and what must be replaced is, the new one first."""
    queue = _one(life.changed, "sqs/queue", "dead")
    assert queue.outputs["visibilityTimeoutSeconds"] == 30
    assert queue.outputs["delaySeconds"] == 0
    assert _one(life.changed, "metricAlarm", "errors")
    before, after = (_one(each, "sagemaker/endpointConfiguration", "model") for each in (life.made, life.changed))
    assert before.id != after.id
    assert _one(life.changed, "sagemaker/endpoint:", "model").outputs["endpointConfigName"] == after.id
    assert _one(life.changed, "lambda/function", "worker").outputs["version"] == "2"
    assert _one(life.changed, "lambda/alias", "live").outputs["functionVersion"] == "2"
    table = _one(life.changed, "dynamodb/table", "results").outputs
    assert table["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 14}
    assert table["onDemandThroughput"] == {"maxReadRequestUnits": 100, "maxWriteRequestUnits": 200}


def test_an_invocation_tells_the_function_what_is_done_with_it(life: Life) -> None:
    """And what it was told before; what the function answers is the result."""
    made, changed = (_one(each, "lambda/invocation", "worker").outputs["result"] for each in (life.made, life.changed))
    small, large = {"size": "small"}, {"size": "large"}
    assert json.loads(made) == small | {"life": {"action": "create", "prev_input": None}}
    assert json.loads(changed) == large | {"life": {"action": "update", "prev_input": small}}


def test_a_change_keeps_ids_and_names(life: Life) -> None:
    """Nothing else was replaced."""
    replaced = {"aws:sagemaker/endpointConfiguration:EndpointConfiguration"}
    before, after = (
        {each.urn: each.id for each in stage if each.token not in replaced} for stage in (life.made, life.changed)
    )
    alarm = _one(life.made, "metricAlarm", "errors").urn
    assert {urn: identity for urn, identity in before.items() if urn != alarm} == {
        urn: identity for urn, identity in after.items() if urn != alarm
    }


def test_nothing_is_left(life: Life) -> None:
    """A read finds nothing; a second delete is fine."""
    assert not life.left
    assert set(life.gone) == {each.urn for each in life.changed}
    assert not {urn: wrong for urn, wrong in life.gone.items() if wrong}


def test_assets_are_told_as_they_were_given(life: Life) -> None:
    """The state keeps code with its hash, so that the next change is seen."""
    function = _one(life.made, "lambda/function", "worker")
    assert function.outputs["code"]["hash"]
    assert function.outputs["code"] == function.inputs["code"]
    assert not isinstance(function.outputs["code"], Asset)
