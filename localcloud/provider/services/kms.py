"""KMS: keys and their aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from localcloud.provider.api_parameters import Renames

TAGS = Tags(
    put="tag_resource",
    drop="untag_resource",
    ask="list_resource_tags",
    resource="KeyId",
    pairs=("TagKey", "TagValue"),
)


class Key(Kind):
    """A customer managed key. Deleting it schedules its deletion; it counts as gone from then on."""

    urn_type = "aws:kms/key:Key"
    service = "kms"
    defaults: ClassVar[Table] = {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
    }
    renames: ClassVar[Renames] = {"customerMasterKeySpec": "KeySpec"}
    replaces = frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"})
    documents = frozenset({"policy"})
    bounds: ClassVar[Table] = {"deletionWindowInDays": (7, 30), "rotationPeriodInDays": (90, 2560)}

    def create(self, call: Call) -> str:
        """Create with policy and tags."""
        params = api_parameters.parameters(call.client("kms"), "create_key", call.inputs, self.renames)
        params["Tags"] = TAGS.write(call.inputs.get("tagsAll", {}))
        if call.inputs.get("customKeyStoreId"):
            params["Origin"] = "EXTERNAL_KEY_STORE" if call.inputs.get("xksKeyId") else "AWS_CLOUDHSM"
        return str(call.client("kms").create_key(**params)["KeyMetadata"]["KeyId"])

    def settle(self, call: Call) -> None:
        """Turn rotation on, or the key off."""
        if call.inputs.get("enableKeyRotation"):
            self._rotate(call)
        if call.inputs.get("isEnabled") is False:
            call.client("kms").disable_key(KeyId=call.id)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read metadata, policy, rotation and tags."""
        client = call.client("kms")
        key = client.describe_key(KeyId=call.id)["KeyMetadata"]
        if key.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion"):
            return None
        rotation = client.get_key_rotation_status(KeyId=call.id)
        return {
            **TAGS.read(client, call.id),
            "arn": key["Arn"],
            "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
            "description": key.get("Description", ""),
            "enableKeyRotation": rotation.get("KeyRotationEnabled", False),
            "isEnabled": key.get("Enabled", True),
            "keyId": key["KeyId"],
            "keyUsage": key.get("KeyUsage"),
            "multiRegion": key.get("MultiRegion", False),
            "policy": client.get_key_policy(KeyId=call.id, PolicyName="default")["Policy"],
            "region": client.meta.region_name,
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays", call.known("rotationPeriodInDays")),
        }

    def update(self, call: Call) -> None:
        """Change what differs; a key has to be on while it is changed."""
        client, new = call.client("kms"), call.inputs
        if call.changed("isEnabled") and new.get("isEnabled"):
            client.enable_key(KeyId=call.id)
        if call.changed("enableKeyRotation", "rotationPeriodInDays"):
            self._rotate(call)
        if call.changed("description"):
            client.update_key_description(KeyId=call.id, Description=new.get("description", ""))
        if call.changed("policy") and new.get("policy"):
            client.put_key_policy(KeyId=call.id, PolicyName="default", Policy=new["policy"])
        if call.changed("isEnabled") and not new.get("isEnabled"):
            client.disable_key(KeyId=call.id)
        if call.changed("tagsAll"):
            TAGS.change(client, call.id, call.old.get("tagsAll", {}), new.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Schedule the deletion."""
        window = call.known("deletionWindowInDays")
        params = {"PendingWindowInDays": window} if window else {}
        call.client("kms").schedule_key_deletion(KeyId=call.id, **params)

    def _rotate(self, call: Call) -> None:
        if not call.inputs.get("enableKeyRotation"):
            call.client("kms").disable_key_rotation(KeyId=call.id)
            return
        days = call.inputs.get("rotationPeriodInDays")
        params = {"RotationPeriodInDays": days} if days else {}
        call.client("kms").enable_key_rotation(KeyId=call.id, **params)


class Alias(Kind):
    """A name for a key. Its id is its name."""

    urn_type = "aws:kms/alias:Alias"
    service = "kms"
    name = Name(longest=238, start="alias/")
    replaces = frozenset({"name", "namePrefix"})

    def create(self, call: Call) -> str:
        """Create."""
        name = naming.creation_name(self, call.inputs)
        call.client("kms").create_alias(AliasName=name, TargetKeyId=call.inputs["targetKeyId"])
        return name

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find the alias among all."""
        client = call.client("kms")
        pages = client.get_paginator("list_aliases").paginate()
        alias = next((each for page in pages for each in page["Aliases"] if each["AliasName"] == call.id), None)
        if alias is None or not alias.get("TargetKeyId"):
            return None
        target, wanted = alias["TargetKeyId"], str(call.known("targetKeyId") or "")
        key_arn = call.cloud.arn("kms", f"key/{target}", client.meta.region_name)
        return {
            "arn": alias.get("AliasArn") or call.cloud.arn("kms", call.id, client.meta.region_name),
            "name": call.id,
            "namePrefix": prefix_of(call.id),
            "region": client.meta.region_name,
            "targetKeyArn": key_arn,
            "targetKeyId": wanted if wanted == key_arn else target,
        }

    def update(self, call: Call) -> None:
        """Point at another key."""
        call.client("kms").update_alias(AliasName=call.id, TargetKeyId=call.inputs["targetKeyId"])

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("kms").delete_alias(AliasName=call.id)


KINDS = (Key(), Alias())
