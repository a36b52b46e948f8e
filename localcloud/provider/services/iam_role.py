"""IAM: roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters, naming
from localcloud.provider.regular_kind import Tags, prefix_of
from localcloud.provider.resource_kind import Call, Kind, Name, Table

if TYPE_CHECKING:
    from localcloud.provider.api_parameters import Renames

TAGS = Tags(put="tag_role", drop="untag_role", ask="list_role_tags", resource="RoleName")


class Role(Kind):
    """A role, with the inline and managed policies that are named in it. Its id is its name."""

    urn_type = "aws:iam/role:Role"
    service = "iam"
    name = Name(longest=64)
    inner_names: ClassVar[dict[str, Name]] = {"inlinePolicies[].name": Name(longest=128)}
    defaults: ClassVar[Table] = {"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"}
    renames: ClassVar[Renames] = {"assumeRolePolicy": "AssumeRolePolicyDocument"}
    replaces = frozenset({"name", "namePrefix", "path"})
    sets = frozenset({"inlinePolicies", "managedPolicyArns"})
    documents = frozenset({"assumeRolePolicy", "policy"})
    bounds: ClassVar[Table] = {"maxSessionDuration": (3600, 43200)}

    def create(self, call: Call) -> str:
        """Create with trust policy and tags."""
        name = naming.creation_name(self, call.inputs)
        params = api_parameters.parameters(call.client("iam"), "create_role", call.inputs, self.renames)
        params |= {"RoleName": name, "Tags": api_parameters.pairs(call.inputs.get("tagsAll", {}))}
        call.client("iam").create_role(**params)
        return name

    def settle(self, call: Call) -> None:
        """Put the policies that are named in the role."""
        self._inline(call)
        self._attach(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Read the role. Policies that other resources gave it are theirs and not told, except to an import."""
        client = call.client("iam")
        role = client.get_role(RoleName=call.id)["Role"]
        found = {
            **TAGS.read(client, call.id),
            "arn": role["Arn"],
            "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":")),
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": role.get("Description", ""),
            "inlinePolicies": call.state.get("inlinePolicies", []),
            "managedPolicyArns": call.state.get("managedPolicyArns", []),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "namePrefix": prefix_of(role["RoleName"]),
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
            "uniqueId": role["RoleId"],
        }
        importing = not call.state and "assumeRolePolicy" not in call.inputs
        if importing or "inlinePolicies" in call.inputs:
            found["inlinePolicies"] = self._inline_now(call)
        if importing or "managedPolicyArns" in call.inputs:
            found["managedPolicyArns"] = self._attached_now(call)
        return found

    def update(self, call: Call) -> None:
        """Change what differs."""
        client, new = call.client("iam"), call.inputs
        if call.changed("assumeRolePolicy"):
            client.update_assume_role_policy(RoleName=call.id, PolicyDocument=new["assumeRolePolicy"])
        if call.changed("description", "maxSessionDuration"):
            duration = new.get("maxSessionDuration", 3600)
            client.update_role(RoleName=call.id, Description=new.get("description", ""), MaxSessionDuration=duration)
        if call.changed("permissionsBoundary") and new.get("permissionsBoundary"):
            client.put_role_permissions_boundary(RoleName=call.id, PermissionsBoundary=new["permissionsBoundary"])
        elif call.changed("permissionsBoundary"):
            client.delete_role_permissions_boundary(RoleName=call.id)
        if call.changed("inlinePolicies"):
            self._inline(call)
        if call.changed("managedPolicyArns"):
            self._attach(call)
        if call.changed("tagsAll"):
            TAGS.change(client, call.id, call.old.get("tagsAll", {}), new.get("tagsAll", {}))

    def delete(self, call: Call) -> None:
        """Delete the role and the policies named in it; with forceDetachPolicies all others too."""
        client, force = call.client("iam"), bool(call.known("forceDetachPolicies"))
        for arn in self._attached_now(call) if force else call.known("managedPolicyArns") or []:
            client.detach_role_policy(RoleName=call.id, PolicyArn=arn)
        named = self._inline_now(call) if force else call.known("inlinePolicies") or []
        for policy in named:
            if policy.get("name"):
                client.delete_role_policy(RoleName=call.id, PolicyName=policy["name"])
        client.delete_role(RoleName=call.id)

    def _inline(self, call: Call) -> None:
        client = call.client("iam")
        wanted = {each["name"]: each["policy"] for each in call.inputs.get("inlinePolicies", []) if each.get("policy")}
        for name in {each.get("name") for each in call.old.get("inlinePolicies", [])} - wanted.keys() - {None}:
            client.delete_role_policy(RoleName=call.id, PolicyName=name)
        for name, policy in wanted.items():
            client.put_role_policy(RoleName=call.id, PolicyName=name, PolicyDocument=policy)

    def _attach(self, call: Call) -> None:
        client, wanted = call.client("iam"), call.inputs.get("managedPolicyArns", [])
        for arn in call.old.get("managedPolicyArns", []):
            if arn not in wanted:
                client.detach_role_policy(RoleName=call.id, PolicyArn=arn)
        for arn in wanted:
            client.attach_role_policy(RoleName=call.id, PolicyArn=arn)

    def _inline_now(self, call: Call) -> list[dict[str, str]]:
        client = call.client("iam")
        names = client.list_role_policies(RoleName=call.id)["PolicyNames"]
        texts = [client.get_role_policy(RoleName=call.id, PolicyName=name)["PolicyDocument"] for name in names]
        return [{"name": name, "policy": json.dumps(text)} for name, text in zip(names, texts, strict=True)]

    def _attached_now(self, call: Call) -> list[str]:
        attached = call.client("iam").list_attached_role_policies(RoleName=call.id)["AttachedPolicies"]
        return [each["PolicyArn"] for each in attached]


KINDS = (Role(),)
