"""DynamoDB: conversion between a table's properties and the API's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localcloud.provider import api_parameters
from localcloud.provider.wire import has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ON_DEMAND = "PAY_PER_REQUEST"


def creation(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that create a table."""
    params: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _keys(inputs),
        "AttributeDefinitions": _attributes(inputs),
        "BillingMode": inputs["billingMode"],
        **_capacity(inputs, inputs["billingMode"]),
    }
    if inputs.get("globalSecondaryIndexes"):
        params["GlobalSecondaryIndexes"] = [_index(each, inputs) for each in inputs["globalSecondaryIndexes"]]
    if inputs.get("localSecondaryIndexes"):
        params["LocalSecondaryIndexes"] = [
            {
                "IndexName": each["name"],
                "KeySchema": _keys({"hashKey": inputs["hashKey"], "rangeKey": each["rangeKey"]}),
                "Projection": _projection(each),
            }
            for each in inputs["localSecondaryIndexes"]
        ]
    if inputs.get("streamEnabled"):
        params["StreamSpecification"] = _stream(inputs)
    if inputs.get("serverSideEncryption"):
        params["SSESpecification"] = _encryption(inputs["serverSideEncryption"])
    for prop, key in (("tableClass", "TableClass"), ("deletionProtectionEnabled", "DeletionProtectionEnabled")):
        if inputs.get(prop):
            params[key] = inputs[prop]
    if inputs.get("tagsAll"):
        params["Tags"] = api_parameters.pairs(inputs["tagsAll"])
    return params


def attribute_names(inputs: Mapping[str, Any]) -> set[str] | None:
    """Return the defined attributes; None while one is unknown."""
    found = inputs.get("attributes", [])
    return None if has_unknown(found) else {each["name"] for each in found}


def key_names(inputs: Mapping[str, Any]) -> set[str] | None:
    """Return the attributes that are keys of the table or of an index; None while one is unknown."""
    owners = [inputs, *_listed(inputs, "globalSecondaryIndexes"), *_listed(inputs, "localSecondaryIndexes")]
    names = [owner.get(prop) for owner in owners for prop in ("hashKey", "rangeKey")]
    names += [key.get("attributeName") for owner in owners for key in _listed(owner, "keySchemas")]
    unknown = [inputs.get(prop) for prop in ("globalSecondaryIndexes", "localSecondaryIndexes")]
    return None if has_unknown([*names, *unknown]) else {each for each in names if each}


def updates(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of the calls that bring a table from old to new."""

    def differs(*props: str) -> bool:
        return any(old.get(prop) != new.get(prop) for prop in props)

    if differs("billingMode", "readCapacity", "writeCapacity", "onDemandThroughput"):
        mode = new["billingMode"]
        yield {**({"BillingMode": mode} if differs("billingMode") else {}), **_capacity(new, mode)}
    if differs("streamEnabled", "streamViewType"):
        if old.get("streamEnabled"):
            yield {"StreamSpecification": {"StreamEnabled": False}}
        if new.get("streamEnabled"):
            yield {"StreamSpecification": _stream(new)}
    if differs("serverSideEncryption"):
        yield {"SSESpecification": _encryption(new.get("serverSideEncryption") or {"enabled": False})}
    if differs("deletionProtectionEnabled"):
        yield {"DeletionProtectionEnabled": bool(new.get("deletionProtectionEnabled"))}
    if differs("tableClass"):
        yield {"TableClass": new.get("tableClass") or "STANDARD"}
    yield from _index_updates(old, new)


def read(table: Mapping[str, Any]) -> dict[str, Any]:
    """Read a described table as properties."""
    billing = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    throughput = table.get("ProvisionedThroughput") or {}
    stream = table.get("StreamSpecification") or {}
    encryption = table.get("SSEDescription") or {}
    limits = table.get("OnDemandThroughput") or {}
    found = {
        "arn": table["TableArn"],
        "attributes": [
            {"name": each["AttributeName"], "type": each["AttributeType"]} for each in table["AttributeDefinitions"]
        ],
        "billingMode": billing,
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "globalSecondaryIndexes": [_index_read(each, billing) for each in table.get("GlobalSecondaryIndexes") or []],
        "localSecondaryIndexes": [_local_read(each) for each in table.get("LocalSecondaryIndexes") or []],
        "name": table["TableName"],
        "onDemandThroughput": _limits(limits) if limits else None,
        "readCapacity": throughput.get("ReadCapacityUnits", 0),
        "serverSideEncryption": {
            "enabled": encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING"),
            "kmsKeyArn": encryption.get("KMSMasterKeyArn", ""),
        },
        "streamArn": table.get("LatestStreamArn", ""),
        "streamEnabled": stream.get("StreamEnabled", False),
        "streamLabel": table.get("LatestStreamLabel", ""),
        "streamViewType": stream.get("StreamViewType", ""),
        "tableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "writeCapacity": throughput.get("WriteCapacityUnits", 0),
    }
    return {**found, **_keys_read(table["KeySchema"])}


def _listed(owner: Mapping[str, Any], prop: str) -> list[dict[str, Any]]:
    found = owner.get(prop)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def expiry(described: Mapping[str, Any]) -> dict[str, Any]:
    """Read the description of a table's expiry."""
    on = described.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return {"attributeName": described.get("AttributeName", ""), "enabled": on}


def recovery(described: Mapping[str, Any]) -> dict[str, Any]:
    """Read the description of a table's backups."""
    point = described.get("PointInTimeRecoveryDescription") or {}
    on = point.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = {"recoveryPeriodInDays": point.get("RecoveryPeriodInDays", 35)} if on else {}
    return {"enabled": on, **days}


def _keys(owner: Mapping[str, Any]) -> list[dict[str, str]]:
    if owner.get("keySchemas"):
        return [{"AttributeName": each["attributeName"], "KeyType": each["keyType"]} for each in owner["keySchemas"]]
    keys = [{"AttributeName": owner["hashKey"], "KeyType": "HASH"}]
    return [*keys, {"AttributeName": owner["rangeKey"], "KeyType": "RANGE"}] if owner.get("rangeKey") else keys


def _keys_read(schema: list[dict[str, str]]) -> dict[str, str]:
    names = {"HASH": "hashKey", "RANGE": "rangeKey"}
    return {names[each["KeyType"]]: each["AttributeName"] for each in schema}


def _attributes(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs.get("attributes", [])]


def _capacity(owner: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """Return capacity for a provisioned table or index, or limits for one on demand."""
    if mode != ON_DEMAND:
        read, write = owner.get("readCapacity") or 1, owner.get("writeCapacity") or 1
        return {"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}}
    limits = owner.get("onDemandThroughput")
    if not limits:
        return {}
    names = {"maxReadRequestUnits": "MaxReadRequestUnits", "maxWriteRequestUnits": "MaxWriteRequestUnits"}
    return {"OnDemandThroughput": {name: limits[prop] for prop, name in names.items() if prop in limits}}


def _limits(described: Mapping[str, Any]) -> dict[str, Any]:
    names = {"MaxReadRequestUnits": "maxReadRequestUnits", "MaxWriteRequestUnits": "maxWriteRequestUnits"}
    return {prop: described[name] for name, prop in names.items() if described.get(name) is not None}


def _stream(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType", "NEW_AND_OLD_IMAGES")}


def _encryption(wanted: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"Enabled": bool(wanted.get("enabled"))}
    if wanted.get("enabled"):
        out["SSEType"] = "KMS"
        if wanted.get("kmsKeyArn"):
            out["KMSMasterKeyId"] = wanted["kmsKeyArn"]
    return out


def _projection(index: Mapping[str, Any]) -> dict[str, Any]:
    extra = {"NonKeyAttributes": index["nonKeyAttributes"]} if index.get("nonKeyAttributes") else {}
    return {"ProjectionType": index["projectionType"], **extra}


def _index(index: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _keys(index),
        "Projection": _projection(index),
        **_capacity(index, inputs["billingMode"]),
    }


def _index_read(described: Mapping[str, Any], billing: str) -> dict[str, Any]:
    found = {
        **_local_read(described),
        "keySchemas": [
            {"attributeName": each["AttributeName"], "keyType": each["KeyType"]} for each in described["KeySchema"]
        ],
    }
    if billing != ON_DEMAND:
        throughput = described.get("ProvisionedThroughput") or {}
        found["readCapacity"] = throughput.get("ReadCapacityUnits", 0)
        found["writeCapacity"] = throughput.get("WriteCapacityUnits", 0)
    if described.get("OnDemandThroughput"):
        found["onDemandThroughput"] = _limits(described["OnDemandThroughput"])
    return found


def _local_read(described: Mapping[str, Any]) -> dict[str, Any]:
    found = {"name": described["IndexName"], "projectionType": described["Projection"]["ProjectionType"]}
    if described["Projection"].get("NonKeyAttributes"):
        found["nonKeyAttributes"] = described["Projection"]["NonKeyAttributes"]
    return {**found, **_keys_read(described["KeySchema"])}


def _index_updates(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    before = {each["name"]: each for each in old.get("globalSecondaryIndexes") or []}
    after = {each["name"]: each for each in new.get("globalSecondaryIndexes") or []}
    for name, index in before.items():
        if after.get(name) != index:
            yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    for name, index in after.items():
        if before.get(name) != index:
            create = {"Create": _index(index, new)}
            yield {"AttributeDefinitions": _attributes(new), "GlobalSecondaryIndexUpdates": [create]}
