"""Tables keep what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def described(cloud: Cloud, name: str) -> dict[str, Any]:
    """Return a table's description."""
    return dict(cloud("dynamodb").describe_table(TableName=name)["Table"])


def test_a_results_table_is_read_back(cloud: Cloud) -> None:
    """On demand with a ceiling, customer key, deletion protection, stream, class, tags."""
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    name = cloud.table(
        OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 200},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        DeletionProtectionEnabled=True,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": "owner", "Value": "me"}],
    )
    found = described(cloud, name)
    assert found["TableStatus"] == "ACTIVE"
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["OnDemandThroughput"] == {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 200}
    assert found["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    assert found["DeletionProtectionEnabled"]
    assert found["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert found["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    tags = cloud("dynamodb").list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    assert tags == [{"Key": "owner", "Value": "me"}]


def test_a_protected_table_cannot_be_deleted(cloud: Cloud) -> None:
    """Until its protection is taken away."""
    name, dynamodb = cloud.table(DeletionProtectionEnabled=True), cloud("dynamodb")
    with pytest.raises(ClientError, match=r"deletion protection|protected"):
        dynamodb.delete_table(TableName=name)
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        dynamodb.describe_table(TableName=name)


def test_point_in_time_recovery(cloud: Cloud) -> None:
    """Off at first, on with its days, off again."""
    name, dynamodb = cloud.table(), cloud("dynamodb")

    def state() -> dict[str, Any]:
        found = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        return dict(found["PointInTimeRecoveryDescription"])

    assert state()["PointInTimeRecoveryStatus"] == "DISABLED"
    wanted = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)
    assert state()["PointInTimeRecoveryStatus"] == "ENABLED"
    assert state()["RecoveryPeriodInDays"] == 7
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert state()["PointInTimeRecoveryStatus"] == "DISABLED"


def test_expiry_and_updates_and_tags(cloud: Cloud) -> None:
    """Time to live; key, ceiling, capacity and tags changed on a table that exists."""
    name, dynamodb = cloud.table(), cloud("dynamodb")
    expiry = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
    found = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert found == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}

    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    dynamodb.update_table(TableName=name, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    dynamodb.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": 50})
    assert described(cloud, name)["SSEDescription"]["KMSMasterKeyArn"] == key
    assert described(cloud, name)["OnDemandThroughput"]["MaxWriteRequestUnits"] == 50
    capacity = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}
    dynamodb.update_table(TableName=name, BillingMode="PROVISIONED", ProvisionedThroughput=capacity)
    assert described(cloud, name)["ProvisionedThroughput"]["WriteCapacityUnits"] == 2

    arn = described(cloud, name)["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_a_conditional_write_is_refused_the_second_time(cloud: Cloud) -> None:
    """What makes a result exist once."""
    name, dynamodb = cloud.table(), cloud("dynamodb")
    item = {"id": {"S": unique("item")}, "prediction": {"N": "0.5"}}
    condition = {"ConditionExpression": "attribute_not_exists(id)"}
    dynamodb.put_item(TableName=name, Item=item, **condition)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.put_item(TableName=name, Item=item, **condition)
    assert dynamodb.get_item(TableName=name, Key={"id": item["id"]})["Item"] == item
