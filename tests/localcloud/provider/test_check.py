"""Check: names, defaults and failures, as the official provider has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.provider import registry, wire
from localcloud.provider.wire import UNKNOWN, Asset
from tests.localcloud.provider.provider_client import SEED, ProviderClient, urn

if TYPE_CHECKING:
    from collections.abc import Iterator

QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:cloudwatch/eventRule:EventRule"
ROLE = "aws:iam/role:Role"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CODE = Asset("archive", {"path": "code.zip", "hash": "00"})
WORKER: dict[str, Any] = {"role": "r", "code": CODE, "handler": "h", "runtime": "python3.13"}
CAPACITY = {"readCapacity": 1, "writeCapacity": 1}
ID = {"attributes": [{"name": "id", "type": "S"}], "hashKey": "id"}


@pytest.mark.parametrize(
    ("token", "given", "filled"),
    [
        (QUEUE, {}, {"maxMessageSize": 262144, "messageRetentionSeconds": 345600, "visibilityTimeoutSeconds": 30}),
        (TABLE, CAPACITY, {"billingMode": "PROVISIONED", "tableClass": "STANDARD"}),
        (
            FUNCTION,
            WORKER,
            {"memorySize": 128, "packageType": "Zip", "reservedConcurrentExecutions": -1, "timeout": 3},
        ),
        (
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            {"functionName": "f", "eventSourceArn": "a"},
            {"enabled": True},
        ),
        (ROLE, {"assumeRolePolicy": "{}"}, {"maxSessionDuration": 3600, "path": "/"}),
        (
            "aws:kms/key:Key",
            {},
            {"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "isEnabled": True, "keyUsage": "ENCRYPT_DECRYPT"},
        ),
        ("aws:cloudwatch/logGroup:LogGroup", {}, {}),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", {}, {"actionsEnabled": True, "treatMissingData": "missing"}),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"bucket": "b"}, {}),
    ],
)
def test_defaults_of_terraforms_schema_are_filled(
    offline: ProviderClient, token: str, given: dict[str, Any], filled: dict[str, Any]
) -> None:
    """The true ones; false, 0 and "" stay out of the inputs, as with the bridge since 3.127."""
    inputs = offline.checked(token, given)
    name = registry.kind(token).name
    own = {"region", "tagsAll", "__defaults", name.prop if name else ""}
    assert {key: value for key, value in inputs.items() if key not in own | given.keys()} == filled
    assert {*filled} <= {*inputs["__defaults"]}


def test_nested_defaults_are_filled(offline: ProviderClient) -> None:
    """Only where their object is."""
    token = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    inputs = offline.checked(token, {"productionVariants": [{"modelName": "a"}, {"modelName": "b"}]})
    assert [each["initialVariantWeight"] for each in inputs["productionVariants"]] == [1, 1]


def test_what_the_program_says_wins(offline: ProviderClient) -> None:
    """Also where it says the same as the default, or false."""
    inputs = offline.checked(QUEUE, {"visibilityTimeoutSeconds": 0, "delaySeconds": 0, "name": "mine"})
    assert inputs["visibilityTimeoutSeconds"] == 0
    assert inputs["delaySeconds"] == 0
    assert inputs["name"] == "mine"
    assert not {"visibilityTimeoutSeconds", "delaySeconds", "name"} & {*inputs["__defaults"]}


@pytest.mark.parametrize(
    ("token", "given", "path", "reason"),
    [
        (QUEUE, {"visibilityTimeoutSecond": 1}, "visibilityTimeoutSecond", "did you mean visibilityTimeoutSeconds?"),
        (QUEUE, {"zzz": 1}, "zzz", "known are contentBasedDeduplication, "),
        (QUEUE, {"delaySeconds": "soon"}, "delaySeconds", "expected a whole number, got a string"),
        (QUEUE, {"delaySeconds": 1.5}, "delaySeconds", "expected a whole number"),
        (QUEUE, {"delaySeconds": 901}, "delaySeconds", "in the range (0 - 900)"),
        (QUEUE, {"tags": ["a"]}, "tags", "expected a map, got a list"),
        (QUEUE, {"policy": "{"}, "policy", "invalid JSON"),
        (QUEUE, {"name": "a", "namePrefix": "b"}, "namePrefix", "conflicts with name"),
        (QUEUE, {"kmsMasterKeyId": "k", "sqsManagedSseEnabled": True}, "sqsManagedSseEnabled", "conflicts with"),
        (TABLE, {"ttl": {"enabled": True, "attribute": "x"}}, "ttl.attribute", "did you mean attributeName?"),
        (TABLE, {"attributes": [{"name": "id"}]}, "attributes[0].type", "missing required property"),
        (TABLE, {"attributes": [{"name": "id", "type": "T"}]}, "attributes[].type", "expected one of B, N, S"),
        (TABLE, {"attributes": {"name": "id"}}, "attributes", "expected a list, got an object"),
        (TABLE, {"ttl": "x"}, "ttl", "expected an object, got a string"),
        (TABLE, {"replicas": [{"regionName": "x"}]}, "replicas", "cannot do this; use one region"),
        (RULE, {}, "eventPattern", "one of eventPattern, scheduleExpression must be set"),
        (RULE, {"eventPattern": "{"}, "eventPattern", "contains an invalid JSON text"),
        (GROUP, {"egress": []}, "egress", "use aws.vpc.SecurityGroupEgressRule"),
        (FUNCTION, {"code": CODE}, "role", "missing required property"),
        (FUNCTION, {"role": "r"}, "code", "exactly one of code, imageUri, s3Bucket"),
        (FUNCTION, {"role": "r", "code": "x"}, "code", "expected an archive, got a string"),
        (FUNCTION, {"role": "r", "code": CODE, "imageUri": "i"}, "imageUri", "exactly one of"),
        ("aws:sqs/queuePolicy:QueuePolicy", {"policy": "{}"}, "queueUrl", "missing required property"),
        (TABLE, {"readCapacity": 1}, "writeCapacity", "must be at least 1 when billingMode is PROVISIONED"),
        (TABLE, {**CAPACITY, **ID, "hashKey": "other"}, "attributes", "unused: ['id'], not defined: ['other']"),
        (TABLE, {"readCapacity": 1, "onDemandThroughput": {}}, "onDemandThroughput", "conflicts with readCapacity"),
        (QUEUE, {"contentBasedDeduplication": True}, "contentBasedDeduplication", "only be set for a FIFO queue"),
        (QUEUE, {"fifoQueue": True, "name": "work"}, "name", "is not a queue's name"),
        (
            FUNCTION,
            {"role": "r", "code": CODE, "runtime": "python3.13"},
            "handler",
            "must be set when packageType is Zip",
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"retentionInDays": 8},
            "retentionInDays",
            "expected one of 0, 1, 3, 5, 7",
        ),
        (ALARM, {"metricName": "Errors"}, "statistic", "one of statistic or extendedStatistic"),
    ],
)
def test_faults_are_told_with_their_path(
    offline: ProviderClient, token: str, given: dict[str, Any], path: str, reason: str
) -> None:
    """Each fault names the property and what is allowed."""
    _, failures = offline.check(token, given)
    assert reason in failures[path]


def test_a_fault_never_shows_a_value(offline: ProviderClient) -> None:
    """It may be a secret."""
    _, failures = offline.check(FUNCTION, {"role": "r", "code": CODE, "environment": "hush"})
    assert failures
    assert "hush" not in str(failures)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"delaySeconds": "30"}, {"delaySeconds": 30}),
        ({"fifoQueue": "true"}, {"fifoQueue": True}),
        ({"tags": {"n": 1, "b": True}}, {"tags": {"n": "1", "b": "true"}}),
    ],
)
def test_scalars_are_converted_as_the_bridge_does(
    offline: ProviderClient, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Programs in every language send what their types allow."""
    inputs = offline.checked(QUEUE, given)
    assert {key: inputs[key] for key in expected} == expected


def _everywhere(token: str) -> Iterator[dict[str, Any]]:
    kind = registry.kind(token)
    required = dict.fromkeys(kind.schema.inputs.required, UNKNOWN)
    required |= {group[0]: UNKNOWN for group in kind.one_of}
    wanted = {TABLE: tuple(CAPACITY), FUNCTION: ("handler", "runtime"), RULE: ("eventPattern",)}
    required |= dict.fromkeys(wanted.get(token, ()), UNKNOWN)
    for prop in kind.schema.inputs.types:
        grouped = any(prop in group for group in kind.conflicts + kind.one_of) and prop not in CAPACITY
        if prop not in kind.unsupported and not grouped and (token, prop) != (ALARM, "metricName"):
            yield {**required, prop: UNKNOWN}


@pytest.mark.parametrize("token", sorted(registry.MODULES))
def test_unknown_values_are_taken_everywhere(offline: ProviderClient, token: str) -> None:
    """In a preview any property may come from a resource that is not there yet."""
    for given in _everywhere(token):
        inputs, failures = offline.check(token, given)
        assert not {path: why for path, why in failures.items() if "statementId" not in path}
        assert all(inputs[key] is UNKNOWN or isinstance(inputs[key], type(UNKNOWN)) for key in given)


def test_default_tags_reach_every_resource() -> None:
    """The provider's defaultTags are in tagsAll, the resource's own win; tags alone say what the program said."""
    caller = ProviderClient({"AWS_REGION": "eu-west-1"}, {"defaultTags": '{"tags": {"team": "a", "owner": "b"}}'})
    try:
        caller.configure()
        inputs = caller.checked(QUEUE, {"tags": {"owner": "c"}})
        assert inputs["tags"] == {"owner": "c"}
        assert inputs["tagsAll"] == {"team": "a", "owner": "c"}
    finally:
        caller.close()


def test_secret_tags_are_secret_in_all_tags(offline: ProviderClient) -> None:
    """What Check derives from a secret is a secret."""
    news = wire.encode({"tags": {"a": "hush"}}, {"tags": {"a": True}})
    response = offline.stub.Check(provider_pb2.CheckRequest(urn=urn(QUEUE), news=news, randomSeed=SEED))
    assert wire.decode(response.inputs)[1] == {"tags": {"a": True}, "tagsAll": {"a": True}}


def test_an_unsupported_type_is_named(offline: ProviderClient) -> None:
    """So that a preview fails early and says what there is."""
    _, failures = offline.check("aws:sqs/queues:Queues", {})
    assert "no resource type aws:sqs/queues:Queues" in failures[""]
    assert "aws:sqs/queue:Queue" in failures[""]
    assert "localcloud/provider/registry.py" in failures[""]
    with pytest.raises(grpc.RpcError, match="no resource type"):
        offline.create("aws:sqs/queues:Queues", {})
