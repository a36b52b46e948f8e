"""Diff: what changes, what replaces, and which resource goes first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.provider import registry
from localcloud.provider.comparison import at, canonical
from localcloud.provider.wire import UNKNOWN, Asset

if TYPE_CHECKING:
    from tests.localcloud.provider.provider_client import ProviderClient

QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
ROLE = "aws:iam/role:Role"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ALIAS = "aws:lambda/alias:Alias"


def worker(digest: str) -> dict[str, Any]:
    """Make a function whose code is told by a hash."""
    code = Asset("archive", {"path": "code", "hash": digest})
    return {"role": "r", "handler": "h", "runtime": "python3.13", "code": code}


def table(*attributes: str, **more: Any) -> dict[str, Any]:
    """Make a table whose attributes are all keys of indexes."""
    index = {"projectionType": "ALL"}
    return {
        "attributes": [{"name": each, "type": "S"} for each in attributes],
        "globalSecondaryIndexes": [{**index, "name": each, "hashKey": each} for each in attributes],
        "billingMode": "PAY_PER_REQUEST",
        **more,
    }


TRUST = '{"Version": "2012-10-17", "Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow"}]}'
SAME_TRUST = '{"Statement":{"Effect":"Allow","Action":["sts:AssumeRole"]},"Version":"2012-10-17"}'
OTHER_TRUST = '{"Version": "2012-10-17", "Statement": [{"Action": "sts:TagSession", "Effect": "Allow"}]}'
ROLLBACK = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "a"}]}}


@pytest.mark.parametrize(
    ("token", "old", "new", "changed", "replaces"),
    [
        (QUEUE, {}, {}, set(), set()),
        (QUEUE, {"delaySeconds": 1}, {"delaySeconds": 2}, {"delaySeconds"}, set()),
        (QUEUE, {"delaySeconds": 1}, {}, {"delaySeconds"}, set()),
        (QUEUE, {"delaySeconds": 0}, {}, set(), set()),
        (QUEUE, {"name": "a"}, {"name": "b"}, {"name"}, {"name"}),
        (QUEUE, {"kmsMasterKeyId": "a"}, {"kmsMasterKeyId": UNKNOWN}, {"kmsMasterKeyId"}, set()),
        (QUEUE, {"region": "eu-west-1"}, {"region": "eu-west-2"}, {"region"}, {"region"}),
        (QUEUE, {"policy": "{}"}, {}, set(), set()),  # computed: AWS's own once the program is silent
        (QUEUE, {"tags": {"a": "b"}}, {"tags": {"a": "c"}}, {'tags["a"]', 'tagsAll["a"]'}, set()),
        (TABLE, table("a", hashKey="a"), table("a", hashKey=UNKNOWN), {"hashKey"}, {"hashKey"}),
        (
            TABLE,
            table("a", ttl={"attributeName": "x"}),
            table("a", ttl={"attributeName": "x", "enabled": False}),
            set(),
            set(),
        ),
        (TABLE, table("a", "b"), table("b", "a"), set(), set()),
        (TABLE, table("a"), table("a", "b"), {"attributes", "globalSecondaryIndexes"}, set()),
        (
            TABLE,
            table("r", localSecondaryIndexes=[{"name": "i", "projectionType": "ALL", "rangeKey": "r"}]),
            table("r", localSecondaryIndexes=[{"name": "i", "projectionType": "KEYS_ONLY", "rangeKey": "r"}]),
            {"localSecondaryIndexes"},
            {"localSecondaryIndexes"},
        ),
        (FUNCTION, worker("1"), worker("1"), set(), set()),
        (FUNCTION, worker("1"), worker("2"), {"code"}, set()),
        (FUNCTION, worker("1") | {"packageType": "Image"}, worker("1"), {"packageType"}, {"packageType"}),
        (ROLE, {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": SAME_TRUST}, set(), set()),
        (ROLE, {"assumeRolePolicy": TRUST}, {"assumeRolePolicy": OTHER_TRUST}, {"assumeRolePolicy"}, set()),
        (ROLE, {"assumeRolePolicy": "{}"}, {"assumeRolePolicy": "{}", "path": "/a/"}, {"path"}, {"path"}),
        (ENDPOINT, {"endpointConfigName": "a"}, {"endpointConfigName": "b"}, {"endpointConfigName"}, set()),
        (
            ENDPOINT,
            {"endpointConfigName": "a", "deploymentConfig": {}},
            {"endpointConfigName": "a", "deploymentConfig": ROLLBACK},
            {"deploymentConfig.autoRollbackConfiguration"},
            {"deploymentConfig"},
        ),
        (
            CONFIGURATION,
            {"productionVariants": [{"modelName": "a"}]},
            {"productionVariants": [{"modelName": "b"}]},
            {"productionVariants[0].modelName"},
            {"productionVariants"},
        ),
        (
            CONFIGURATION,
            {"productionVariants": [{"modelName": "a", "variantName": "made-by-aws"}]},
            {"productionVariants": [{"modelName": "a"}]},
            set(),
            set(),
        ),
        (
            ALIAS,
            {"functionName": "f", "functionVersion": "1"},
            {"functionName": "f", "functionVersion": "2"},
            {"functionVersion"},
            set(),
        ),
        (ATTACHMENT, {"role": "a", "policyArn": "p"}, {"role": "b", "policyArn": "p"}, {"role"}, {"role"}),
    ],
)
def test_changes(  # noqa: PLR0917 - the columns of the table above
    offline: ProviderClient, token: str, old: dict[str, Any], new: dict[str, Any], changed: set[str], replaces: set[str]
) -> None:
    """Inputs before and after, against the paths that differ and the properties that replace."""
    before = offline.checked(token, old)
    after, failures = offline.check(token, new, before)
    assert not failures
    found = offline.diff(token, before, offline.preview(token, before), after)
    assert found.changed == changed
    assert found.replaces == replaces


@pytest.mark.parametrize(
    ("token", "old", "new", "first"),
    [
        (QUEUE, {"fifoQueue": True}, {"fifoQueue": False}, False),  # the new one gets a new name
        (QUEUE, {"name": "a.fifo", "fifoQueue": True}, {"name": "a.fifo", "fifoQueue": False}, True),
        (QUEUE, {"name": "a"}, {"name": "b"}, False),
        (QUEUE, {"name": "a"}, {"name": "a", "delaySeconds": 1}, False),  # replaces nothing
        (TABLE, table("a", name="t", hashKey="a"), table("b", name="t", hashKey="b"), True),
        (ATTACHMENT, {"role": "a", "policyArn": "p"}, {"role": "b", "policyArn": "p"}, True),
    ],
)
def test_which_goes_first(
    offline: ProviderClient, token: str, old: dict[str, Any], new: dict[str, Any], first: bool
) -> None:
    """The old one, where both would bear the name that the program gave."""
    before = offline.checked(token, old)
    after, _ = offline.check(token, new)
    assert offline.diff(token, before, before, after).deletes_first == first


@pytest.mark.parametrize(
    ("state", "changed"),
    [
        ({"delaySeconds": 5}, {"delaySeconds"}),  # somebody changed what Terraform's schema has a default for
        ({"kmsMasterKeyId": "key"}, {"kmsMasterKeyId"}),  # somebody set what the program never said
        ({"kmsMasterKeyId": ""}, set()),
        ({"deduplicationScope": "queue"}, set()),  # AWS's own affair
    ],
)
def test_drift_of_silent_properties_is_mended(
    offline: ProviderClient, state: dict[str, Any], changed: set[str]
) -> None:
    """After a refresh the state knows what AWS has; the inputs of a silent program do not."""
    inputs = offline.checked(QUEUE, {})
    assert offline.diff(QUEUE, inputs, {**offline.preview(QUEUE, inputs), **state}, inputs).changed == changed


def test_ignored_changes_are_not_mended(offline: ProviderClient) -> None:
    """ignore_changes holds for drift too."""
    from pulumi.runtime.proto import provider_pb2  # noqa: PLC0415 - only here

    from localcloud.provider import wire  # noqa: PLC0415 - only here
    from tests.localcloud.provider.provider_client import urn  # noqa: PLC0415 - only here

    inputs = offline.checked(QUEUE, {})
    request = provider_pb2.DiffRequest(
        urn=urn(QUEUE),
        olds=wire.encode({**inputs, "delaySeconds": 5}),
        old_inputs=wire.encode(inputs),
        news=wire.encode(inputs),
        ignoreChanges=["delaySeconds"],
    )
    assert offline.stub.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_the_order_of_keys_on_the_wire_means_nothing() -> None:
    """Objects in a set are the same ones in whatever order their keys come, and so are statements of a policy."""
    budget, policy = registry.kind("aws:budgets/budget:Budget"), registry.kind("aws:iam/rolePolicy:RolePolicy")
    first = [{"threshold": at, "notificationType": kind} for at, kind in ((80, "ACTUAL"), (100, "FORECASTED"))]
    second = [dict(reversed(each.items())) for each in first[:1]] + first[1:]
    places = [at(budget, "notifications"), at(policy, "policy")]
    assert [canonical(each, places[0]) for each in (first, second)] == [first] * 2
    one, other = (json.dumps({"Statement": each}) for each in (first, second[::-1]))
    assert canonical(one, places[1]) == canonical(other, places[1])
