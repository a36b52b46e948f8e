"""The real engine with every type: preview, deploy, refresh, import, repair of drift, update, destroy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import pytest

from localcloud.provider import registry
from localcloud.provider.aws_clients import Cloud
from localcloud.provider.wire import Asset
from tests.localcloud.provider.engine_project import Project, Resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.localcloud.provider.provider_client import ProviderClient

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
"""Types whose import id in pulumi-aws is not the resource's id."""
WRITE_ONLY = {"code", "source", "deletionWindowInDays", "forceDestroy", "publish"}
WRITE_ONLY |= {"input", "lifecycleScope", "terraformKey"}  # of an invocation
"""Inputs that AWS does not return, so an import cannot know them."""


@dataclass
class Stages:
    """Outputs and resources after each stage of the stack's life cycle."""

    output: dict[str, str] = field(default_factory=dict)
    created: list[Resource] = field(default_factory=list)
    exported: str = ""
    imported: dict[str, set[str]] = field(default_factory=dict)
    refreshed: list[Resource] = field(default_factory=list)
    repaired: list[Resource] = field(default_factory=list)
    changed: list[Resource] = field(default_factory=list)
    remaining: list[Resource] = field(default_factory=list)
    errors_after_destroy: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def stages(
    make_pulumi_env: Callable[[Path], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
    local_aws: str,
    aws: ProviderClient,
) -> Stages:
    """Run every stage once."""
    environ = make_pulumi_env(tmp_path_factory.mktemp("life")) | {"AWS_ENDPOINT_URL": local_aws}
    project, seen = Project(tmp_path_factory.mktemp("program"), environ), Stages()
    without = {key: value for key, value in environ.items() if key != "AWS_ENDPOINT_URL"}
    seen.output["preview"] = project.run("preview", "--diff", environ=without)
    project.up()
    seen.created, seen.exported = project.resources(), project.text()
    seen.output["again"] = project.up("--expect-no-changes")
    seen.output["refresh"] = project.refresh("--expect-no-changes")
    for each in seen.created:
        seen.imported[each.urn] = _imported(aws, each)
    _change_outside_pulumi(local_aws, seen.created)
    project.refresh()
    seen.refreshed = project.resources()
    seen.output["change"] = project.up("--config", "all_types:variant=changed")
    seen.changed = project.resources()
    seen.output["changed again"] = project.up("--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    seen.remaining = project.resources()
    for each in seen.changed:
        seen.errors_after_destroy[each.urn] = _read_and_delete_again(aws, each)
    return seen


def _imported(aws: ProviderClient, resource: Resource) -> set[str]:
    """Import a resource by its id; return what would differ if the program that made it were run on it."""
    place = IMPORTED_AS[resource.token](resource) if resource.token in IMPORTED_AS else resource.id
    identity, outputs, inputs = aws.read(resource.token, place)
    assert identity == resource.id
    checked, failures = aws.check(resource.token, inputs, inputs, name=resource.name)
    assert not failures.keys() - {"code", "input"}
    return {"code", *aws.diff(resource.token, {**checked, **inputs}, outputs, resource.inputs).changed}


def _read_and_delete_again(aws: ProviderClient, resource: Resource) -> str:
    """Read a resource that is gone, and delete it again; return what is wrong with the answers."""
    try:
        found = aws.read(resource.token, resource.id, resource.outputs, resource.inputs)[0]
        aws.delete(resource.token, resource.id, resource.outputs, resource.inputs)
    except grpc.RpcError as error:
        return str(error)
    return found


def _change_outside_pulumi(url: str, created: list[Resource]) -> None:
    """Cause drift that a refresh must detect: change a queue, delete an alarm."""
    cloud = Cloud({}, {"AWS_ENDPOINT_URL": url})
    cloud.client("sqs").set_queue_attributes(
        QueueUrl=_one(created, "sqs/queue", "dead").id, Attributes={"VisibilityTimeout": "77", "DelaySeconds": "7"}
    )
    cloud.client("cloudwatch").delete_alarms(AlarmNames=[_one(created, "metricAlarm", "errors").id])


def _one(resources: list[Resource], token: str, name: str) -> Resource:
    return next(each for each in resources if token in each.token and each.name == name)


def test_every_type_is_deployed(stages: Stages) -> None:
    """The program uses every type there is."""
    assert {each.token for each in stages.created} == set(registry.MODULES)


def test_the_preview_needs_no_aws(stages: Stages) -> None:
    """Names are known in it, ARNs are not."""
    output = stages.output["preview"]
    assert f"{len(stages.created) + 1} to create" in output
    assert re.search(r'name +: "results-[0-9a-f]{7}"', output)
    assert "arn:aws:dynamodb" not in output


def test_outputs_have_everything_the_sdk_promises(stages: Stages) -> None:
    """A property that programs may use is there; those that only exist in special cases aside."""
    special = {"mfa", "signingJobArn", "beginningArchiveTime", "lastProcessingResult"}
    special |= {"stateTransitionReason", "websiteDomain", "websiteEndpoint"}
    for each in stages.created:
        kind = registry.kind(each.token)
        promised = {prop for prop in kind.schema.outputs if not prop.startswith("checksum")} - special
        assert promised <= each.outputs.keys(), each.urn


def test_nothing_changes_without_a_reason(stages: Stages) -> None:
    """Neither when deployed again nor when refreshed."""
    assert f"{len(stages.created) + 1} unchanged" in stages.output["again"]
    assert f"{len(stages.created) + 1} unchanged" in stages.output["refresh"]
    assert "unchanged" in stages.output["changed again"]


def test_secrets_are_not_in_the_state(stages: Stages) -> None:
    """Neither in inputs nor in outputs; deciphered they are there."""
    assert "hush-hush" not in stages.exported
    function = _one(stages.created, "lambda/function", "worker")
    for properties in (function.inputs, function.outputs):
        assert properties["environment"]["variables"]["SECRET"] == "hush-hush"


def test_everything_can_be_imported(stages: Stages) -> None:
    """An import by id finds all that the program said, but for what AWS does not tell."""
    differs = {urn: paths - WRITE_ONLY for urn, paths in stages.imported.items() if paths - WRITE_ONLY}
    assert not differs


def test_a_refresh_finds_what_others_did(stages: Stages) -> None:
    """A changed queue and a deleted alarm."""
    queue = _one(stages.refreshed, "sqs/queue", "dead")
    assert queue.inputs["visibilityTimeoutSeconds"] == 77
    assert queue.outputs["delaySeconds"] == 7
    assert not [each for each in stages.refreshed if "metricAlarm" in each.token and each.name == "errors"]
    assert len(stages.refreshed) == len(stages.created) - 1


def test_a_change_mends_and_changes(stages: Stages) -> None:
    """Drift goes, changes come, and what must be replaced is, the new one first."""
    queue = _one(stages.changed, "sqs/queue", "dead")
    assert queue.outputs["visibilityTimeoutSeconds"] == 30
    assert queue.outputs["delaySeconds"] == 0
    assert _one(stages.changed, "metricAlarm", "errors")
    before, after = (
        _one(each, "sagemaker/endpointConfiguration", "model") for each in (stages.created, stages.changed)
    )
    assert before.id != after.id
    assert _one(stages.changed, "sagemaker/endpoint:", "model").outputs["endpointConfigName"] == after.id
    assert _one(stages.changed, "lambda/function", "worker").outputs["version"] == "2"
    assert _one(stages.changed, "lambda/alias", "live").outputs["functionVersion"] == "2"
    table = _one(stages.changed, "dynamodb/table", "results").outputs
    assert table["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 14}
    assert table["onDemandThroughput"] == {"maxReadRequestUnits": 100, "maxWriteRequestUnits": 200}


def test_an_invocation_tells_the_function_what_is_done_with_it(stages: Stages) -> None:
    """And what it was told before; what the function answers is the result."""
    created, changed = (
        _one(each, "lambda/invocation", "worker").outputs["result"] for each in (stages.created, stages.changed)
    )
    small, large = {"size": "small"}, {"size": "large"}
    assert json.loads(created) == small | {"life": {"action": "create", "prev_input": None}}
    assert json.loads(changed) == large | {"life": {"action": "update", "prev_input": small}}


def test_a_change_keeps_ids_and_names(stages: Stages) -> None:
    """Nothing else was replaced."""
    replaced = {"aws:sagemaker/endpointConfiguration:EndpointConfiguration"}
    before, after = (
        {each.urn: each.id for each in stage if each.token not in replaced}
        for stage in (stages.created, stages.changed)
    )
    alarm = _one(stages.created, "metricAlarm", "errors").urn
    assert {urn: identity for urn, identity in before.items() if urn != alarm} == {
        urn: identity for urn, identity in after.items() if urn != alarm
    }


def test_nothing_is_left(stages: Stages) -> None:
    """A read finds nothing; a second delete is fine."""
    assert not stages.remaining
    assert set(stages.errors_after_destroy) == {each.urn for each in stages.changed}
    assert not {urn: wrong for urn, wrong in stages.errors_after_destroy.items() if wrong}


def test_assets_are_told_as_they_were_given(stages: Stages) -> None:
    """The state keeps code with its hash, so that the next change is seen."""
    function = _one(stages.created, "lambda/function", "worker")
    assert function.outputs["code"]["hash"]
    assert function.outputs["code"] == function.inputs["code"]
    assert not isinstance(function.outputs["code"], Asset)
