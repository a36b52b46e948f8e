"""IAM: managed policies, a role's inline policies, and attachments."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import ALL, Call, Kind, Name, Table

TAGS = Tags(put="tag_policy", drop="untag_policy", ask="list_policy_tags", resource="PolicyArn")
MOST_VERSIONS = 5
"""Versions AWS keeps of a managed policy."""


class Policy(Kind):
    """A customer managed policy. Its id is its ARN."""

    urn_type = "aws:iam/policy:Policy"
    service = "iam"
    name = Name()
    defaults: ClassVar[Table] = {"path": "/"}
    replaces = frozenset({"description", "name", "namePrefix", "path"})
    documents = frozenset({"policy"})

    def create(self, call: Call) -> str:
        """Create with tags."""
        params: dict[str, Any] = {
            "PolicyName": naming.creation_name(self, call.inputs),
            "Path": call.inputs.get("path", "/"),
        }
        if call.inputs.get("description"):
            params["Description"] = call.inputs["description"]
        tags = api_parameters.pairs(call.inputs.get("tagsAll", {}))
        answer = call.client("iam").create_policy(PolicyDocument=call.inputs["policy"], Tags=tags, **params)
        return str(answer["Policy"]["Arn"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read the policy and its default version."""
        client = call.client("iam")
        policy = client.get_policy(PolicyArn=call.id)["Policy"]
        version = client.get_policy_version(PolicyArn=call.id, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        document = version["Document"]
        return {
            **TAGS.read(client, call.id),
            "arn": policy["Arn"],
            "attachmentCount": call.state.get("attachmentCount", policy.get("AttachmentCount", 0)),
            "description": policy.get("Description", call.known("description") or ""),
            "name": policy["PolicyName"],
            "namePrefix": prefix_of(policy["PolicyName"]),
            "path": policy["Path"],
            "policy": document if isinstance(document, str) else json.dumps(document, separators=(",", ":")),
            "policyId": policy["PolicyId"],
        }

    def update(self, call: Call) -> None:
        """Add a version and make it the default; the oldest goes when there are too many."""
        client = call.client("iam")
        if call.changed("policy"):
            older = [each for each in self._versions(call) if not each["IsDefaultVersion"]]
            if len(older) + 1 >= MOST_VERSIONS:
                oldest = min(older, key=lambda each: int(each["VersionId"].lstrip("v")))
                client.delete_policy_version(PolicyArn=call.id, VersionId=oldest["VersionId"])
            client.create_policy_version(PolicyArn=call.id, PolicyDocument=call.inputs["policy"], SetAsDefault=True)
        if call.changed("tagsAll"):
            TAGS.change(client, call.id, call.old.get("tagsAll", {}), call.inputs.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete all versions."""
        client = call.client("iam")
        for each in self._versions(call):
            if not each["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=call.id, VersionId=each["VersionId"])
        client.delete_policy(PolicyArn=call.id)

    def _versions(self, call: Call) -> list[dict[str, Any]]:
        versions: list[dict[str, Any]] = call.client("iam").list_policy_versions(PolicyArn=call.id)["Versions"]
        return versions


class RolePolicy(Kind):
    """A role's inline policy. Its id is ROLE:NAME."""

    urn_type = "aws:iam/rolePolicy:RolePolicy"
    service = "iam"
    name = Name()
    replaces = frozenset({"name", "namePrefix", "role"})
    documents = frozenset({"policy"})

    def create(self, call: Call) -> str:
        """Put the policy."""
        identity = f"{call.inputs['role']}:{naming.creation_name(self, call.inputs)}"
        self._put(call, identity)
        return identity

    def read(self, call: Call) -> dict[str, Any] | None:
        """Get the policy."""
        role, _, name = call.id.partition(":")
        document = call.client("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
        return {"name": name, "namePrefix": prefix_of(name), "policy": text, "role": role}

    def update(self, call: Call) -> None:
        """Put the policy."""
        self._put(call, call.id)

    def delete(self, call: Call) -> None:
        """Delete."""
        role, _, name = call.id.partition(":")
        call.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def _put(self, call: Call, identity: str) -> None:
        role, _, name = identity.partition(":")
        call.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=call.inputs["policy"])


class RolePolicyAttachment(Kind):
    """A managed policy on a role. Its id is ROLE/ARN."""

    urn_type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    service = "iam"
    replaces = ALL
    delete_first = True

    def create(self, call: Call) -> str:
        """Attach."""
        role, arn = call.inputs["role"], call.inputs["policyArn"]
        call.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
        return f"{role}/{arn}"

    def read(self, call: Call) -> dict[str, Any] | None:
        """Look among the role's attachments."""
        role, _, arn = call.id.partition("/")
        attached = call.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        return {"role": role, "policyArn": arn} if any(each["PolicyArn"] == arn for each in attached) else None

    def update(self, call: Call) -> None:
        """Have nothing that could change."""

    def delete(self, call: Call) -> None:
        """Detach."""
        role, _, arn = call.id.partition("/")
        call.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


KINDS = (Policy(), RolePolicy(), RolePolicyAttachment())
