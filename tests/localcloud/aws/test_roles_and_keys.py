"""Roles, policies and keys keep what they were told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

READ = document(allow("s3:GetObject", "arn:aws:s3:::bucket/*"))
WRITE = document(allow("s3:PutObject", "arn:aws:s3:::bucket/*"))


def test_a_role_is_read_back(cloud: Cloud) -> None:
    """Path, description, session length, boundary, trust, tags; then each of them changed."""
    iam, name = cloud("iam"), unique("role")
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    limit = iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=READ)["Policy"]["Arn"]
    iam.create_role(
        RoleName=name,
        Path="/team/",
        AssumeRolePolicyDocument=trust,
        Description="for a test",
        MaxSessionDuration=7200,
        PermissionsBoundary=limit,
        Tags=[{"Key": "owner", "Value": "me"}],
    )
    found = iam.get_role(RoleName=name)["Role"]
    assert found["Arn"] == f"arn:aws:iam::123456789012:role/team/{name}"
    assert (found["Description"], found["MaxSessionDuration"]) == ("for a test", 7200)
    assert found["AssumeRolePolicyDocument"] == json.loads(trust)
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == limit
    assert found["Tags"] == [{"Key": "owner", "Value": "me"}]

    other = trust.replace("lambda", "sagemaker")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=other)
    iam.update_role(RoleName=name, Description="changed", MaxSessionDuration=3600)
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.tag_role(RoleName=name, Tags=[{"Key": "stage", "Value": "dev"}])
    iam.untag_role(RoleName=name, TagKeys=["owner"])
    found = iam.get_role(RoleName=name)["Role"]
    assert found["AssumeRolePolicyDocument"] == json.loads(other)
    assert (found["Description"], found["MaxSessionDuration"]) == ("changed", 3600)
    assert "PermissionsBoundary" not in found
    assert found["Tags"] == [{"Key": "stage", "Value": "dev"}]
    iam.delete_role(RoleName=name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=name)


def test_inline_and_managed_policies(cloud: Cloud) -> None:
    """Put, read, list, attach, a second version, and a role that cannot go while it has them."""
    iam, role = cloud("iam"), cloud.role()
    name = role.rpartition("/")[2]
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=READ)
    assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == json.loads(READ)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["inline"]

    made = iam.create_policy(
        PolicyName=unique("policy"), PolicyDocument=READ, Description="reads", Tags=[{"Key": "a", "Value": "1"}]
    )["Policy"]
    iam.attach_role_policy(RoleName=name, PolicyArn=made["Arn"])
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [made["Arn"]]
    iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=WRITE, SetAsDefault=True)
    current = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert (current["DefaultVersionId"], current["AttachmentCount"], current["Description"]) == ("v2", 1, "reads")
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v2")["PolicyVersion"]
    assert version["Document"] == json.loads(WRITE)
    iam.tag_policy(PolicyArn=made["Arn"], Tags=[{"Key": "b", "Value": "2"}])
    assert len(iam.list_policy_tags(PolicyArn=made["Arn"])["Tags"]) == 2
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_role(RoleName=name)

    iam.detach_role_policy(RoleName=name, PolicyArn=made["Arn"])
    iam.delete_policy_version(PolicyArn=made["Arn"], VersionId="v1")
    iam.delete_policy(PolicyArn=made["Arn"])
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    iam.delete_role(RoleName=name)


def test_a_managed_policy_of_aws_can_be_attached(cloud: Cloud) -> None:
    """As the naive architecture does."""
    iam, name = cloud("iam"), cloud.role().rpartition("/")[2]
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [managed]


def test_a_key_is_read_back(cloud: Cloud) -> None:
    """Description, policy, rotation with its period, alias, tags, and deletion after a wait."""
    kms = cloud("kms")
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    policy = document(allow("kms:*", "*", Principal=root))
    key = kms.create_key(Description="results", Policy=policy, Tags=[{"TagKey": "a", "TagValue": "1"}])
    name = key["KeyMetadata"]["KeyId"]
    found = kms.describe_key(KeyId=name)["KeyMetadata"]
    assert (found["Description"], found["KeyState"], found["Enabled"]) == ("results", "Enabled", True)
    assert json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"]) == json.loads(policy)

    kms.enable_key_rotation(KeyId=name, RotationPeriodInDays=180)
    rotation = kms.get_key_rotation_status(KeyId=name)
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 180)
    kms.disable_key_rotation(KeyId=name)
    assert not kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]

    wider = document(allow("kms:*", "*", Principal=root), allow("kms:Decrypt", "*", Principal={"AWS": "*"}))
    kms.put_key_policy(KeyId=name, PolicyName="default", Policy=wider)
    assert json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"]) == json.loads(wider)
    kms.update_key_description(KeyId=name, Description="changed")
    kms.tag_resource(KeyId=name, Tags=[{"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=name, TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=name)["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Description"] == "changed"

    alias = f"alias/{unique('key')}"
    kms.create_alias(AliasName=alias, TargetKeyId=name)
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == name
    assert alias in {one["AliasName"] for one in kms.list_aliases(KeyId=name)["Aliases"]}
    kms.delete_alias(AliasName=alias)
    kms.disable_key(KeyId=name)
    kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"] == "PendingDeletion"
