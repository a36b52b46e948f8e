"""Previews: known is what the program says and Check fills, unknown what AWS gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.provider import registry
from localcloud.provider.wire import UNKNOWN, Asset, Unknown

if TYPE_CHECKING:
    from tests.localcloud.provider.provider_client import ProviderClient

QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
RULE = "aws:cloudwatch/eventRule:EventRule"
CODE = {"code": Asset("archive", {"path": "a.zip", "hash": "1"}), "role": "r", "runtime": "python3.13", "handler": "h"}
CAPACITY = {"readCapacity": 1, "writeCapacity": 1}


@pytest.mark.parametrize("token", sorted(registry.MODULES))
def test_nothing_aws_gives_is_known(offline: ProviderClient, token: str) -> None:
    """Every output that is no input, and every input that AWS computes, is unknown unless Check filled it."""
    kind = registry.kind(token)
    required = dict.fromkeys(kind.schema.inputs.required, UNKNOWN)
    more = {TABLE: "billingMode", FUNCTION: "packageType", RULE: "eventPattern"}.get(token)
    required |= {more: UNKNOWN} if more else {}
    inputs = offline.checked(token, required | {group[0]: UNKNOWN for group in kind.one_of})
    outputs = offline.preview(token, inputs)
    for prop in [*kind.schema.outputs, *kind.schema.computed]:
        assert isinstance(outputs[prop], Unknown) or prop in inputs, prop
    assert "__defaults" not in outputs
    assert "id" not in outputs


def test_what_check_fills_is_known(offline: ProviderClient) -> None:
    """False and 0 too: Terraform's plan knows them."""
    outputs = offline.preview(QUEUE, offline.checked(QUEUE, {"kmsMasterKeyId": UNKNOWN, "tags": {"a": "b"}}))
    known = {key: value for key, value in outputs.items() if not isinstance(value, Unknown)}
    assert known.pop("name").startswith("thing-")
    assert known == {
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "region": "eu-west-1",
        "tags": {"a": "b"},
        "tagsAll": {"a": "b"},
        "visibilityTimeoutSeconds": 30,
    }


def test_parts_that_aws_fills_are_unknown(offline: ProviderClient) -> None:
    """In objects that the program wrote only in part."""
    given: dict[str, Any] = {
        **CAPACITY,
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": "arn"},
    }
    outputs = offline.preview(TABLE, offline.checked(TABLE, given))
    assert isinstance(outputs["pointInTimeRecovery"]["recoveryPeriodInDays"], Unknown)
    assert outputs["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": "arn"}


def test_a_name_from_a_prefix_is_unknown(offline: ProviderClient) -> None:
    """It is made with the resource."""
    outputs = offline.preview(QUEUE, offline.checked(QUEUE, {"namePrefix": "work-"}))
    assert isinstance(outputs["name"], Unknown)
    assert outputs["namePrefix"] == "work-"


@pytest.mark.parametrize(
    ("publish", "change", "unknown"),
    [
        (True, {"timeout": 9}, {"lastModified", "qualifiedArn", "qualifiedInvokeArn", "version"}),
        (False, {"timeout": 9}, {"lastModified"}),
        (True, {"tags": {"a": "b"}}, set()),
        (
            False,
            {"code": Asset("archive", {"path": "a.zip", "hash": "2"})},
            {"codeSha256", "lastModified", "sourceCodeHash", "sourceCodeSize"},
        ),
    ],
)
def test_an_update_makes_unknown_what_aws_computes_anew(
    offline: ProviderClient, publish: bool, change: dict[str, Any], unknown: set[str]
) -> None:
    """An alias of a published function must wait for the version; nothing else becomes unknown."""
    old = offline.checked(FUNCTION, {**CODE, "publish": publish, "name": "f"})
    state = {
        key: "old" if isinstance(value, Unknown) else value for key, value in offline.preview(FUNCTION, old).items()
    }
    new = offline.checked(FUNCTION, {**CODE, "publish": publish, "name": "f", **change})
    outputs = offline.update(FUNCTION, "f", old, state, new, preview=True)
    assert {key for key, value in outputs.items() if isinstance(value, Unknown)} == unknown
    for key in change:
        assert outputs[key] == new[key]
