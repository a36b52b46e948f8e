"""EC2: security groups and their rules."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.provider import naming
from localcloud.provider.regular_kind import prefix_of
from localcloud.provider.resource_kind import Call, Name, Table
from localcloud.provider.services.ec2_common import Ec2Kind, filters, only

INLINE = {
    "egress": "aws.vpc.SecurityGroupEgressRule",
    "ingress": "aws.vpc.SecurityGroupIngressRule",
}
"""Rules inside the group: not done here, as rules beside it undo them and the official provider warns of it."""
ALL_PROTOCOLS = "-1"


class SecurityGroup(Ec2Kind):
    """A security group. Its id is AWS's.

    Rules that are resources of their own are not returned as its `ingress` and `egress`, so that a refresh shows no
    changes.
    """

    urn_type = "aws:ec2/securityGroup:SecurityGroup"
    resource = "security-group"
    name = Name()
    defaults: ClassVar[Table] = {"description": "Managed by Pulumi", "revokeRulesOnDelete": False}
    replaces = frozenset({"description", "name", "namePrefix", "vpcId"})
    unsupported = INLINE

    def create(self, call: Call) -> str:
        """Create, with tags."""
        params = {"GroupName": naming.creation_name(self, call.inputs), "Description": call.inputs["description"]}
        if call.inputs.get("vpcId"):
            params["VpcId"] = call.inputs["vpcId"]
        return str(call.client("ec2").create_security_group(**params, **self.tags(call))["GroupId"])

    def settle(self, call: Call) -> None:
        """Take away the rule that lets everything out, as Terraform does."""
        revoke(call, call.id, inward=False)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        described = only(call.client("ec2").describe_security_groups(GroupIds=[call.id])["SecurityGroups"])
        if described is None:
            return None
        return {
            **self.common(call, described),
            "description": described["Description"],
            "egress": [],
            "ingress": [],
            "name": described["GroupName"],
            "namePrefix": prefix_of(described["GroupName"]),
            "revokeRulesOnDelete": bool(call.known("revokeRulesOnDelete")),
            "vpcId": described.get("VpcId") or "",
        }

    def update(self, call: Call) -> None:
        """Retag."""
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete; its rules first where that was asked for."""
        if call.known("revokeRulesOnDelete"):
            revoke(call, call.id, inward=True)
            revoke(call, call.id, inward=False)
        call.client("ec2").delete_security_group(GroupId=call.id)


class DefaultSecurityGroup(Ec2Kind):
    """The default group of a VPC, adopted: all its rules are removed. It remains when this is deleted."""

    urn_type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    resource = "security-group"
    replaces = frozenset({"vpcId"})
    defaults: ClassVar[Table] = {"revokeRulesOnDelete": False}
    unsupported = INLINE

    def create(self, call: Call) -> str:
        """Find it in its network."""
        wanted = filters(vpc_id=call.inputs["vpcId"], group_name="default")
        return str(call.client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"])

    def settle(self, call: Call) -> None:
        """Take all rules away, and tag."""
        revoke(call, call.id, inward=True)
        revoke(call, call.id, inward=False)
        self.retag(call)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        described = only(call.client("ec2").describe_security_groups(GroupIds=[call.id])["SecurityGroups"])
        if described is None:
            return None
        return {
            **self.common(call, described),
            "description": described["Description"],
            "egress": [],
            "ingress": [],
            "name": described["GroupName"],
            "namePrefix": "",
            "vpcId": described["VpcId"],
        }

    def update(self, call: Call) -> None:
        """Retag."""
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Leave it: AWS deletes it with its network."""


class _Rule(Ec2Kind):
    """One rule of a group. Its id is AWS's."""

    resource = "security-group-rule"
    inward: ClassVar[bool]
    replaces = frozenset({"securityGroupId"})
    one_of = (("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),)

    def create(self, call: Call) -> str:
        """Authorize, with tags."""
        client = call.client("ec2")
        authorize = client.authorize_security_group_ingress if self.inward else client.authorize_security_group_egress
        answer = authorize(
            GroupId=call.inputs["securityGroupId"], IpPermissions=[_permission(call.inputs)], **self.tags(call)
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        client = call.client("ec2")
        described = only(client.describe_security_group_rules(SecurityGroupRuleIds=[call.id])["SecurityGroupRules"])
        if described is None:
            return None
        every = described["IpProtocol"] == ALL_PROTOCOLS
        return {
            **self.common(call, described),
            "cidrIpv4": described.get("CidrIpv4"),
            "cidrIpv6": described.get("CidrIpv6"),
            "description": described.get("Description") or None,
            "fromPort": None if every else described.get("FromPort"),
            "ipProtocol": described["IpProtocol"],
            "prefixListId": described.get("PrefixListId"),
            "referencedSecurityGroupId": (described.get("ReferencedGroupInfo") or {}).get("GroupId"),
            "securityGroupId": described["GroupId"],
            "securityGroupRuleId": call.id,
            "toPort": None if every else described.get("ToPort"),
        }

    def update(self, call: Call) -> None:
        """Change it in place, and retag."""
        if call.changed(*(prop for prop in self.schema.inputs.types if prop not in ("tags", "securityGroupId"))):
            names = {"fromPort": "FromPort", "ipProtocol": "IpProtocol", "toPort": "ToPort", "cidrIpv4": "CidrIpv4"}
            names |= {"cidrIpv6": "CidrIpv6", "prefixListId": "PrefixListId", "description": "Description"}
            names |= {"referencedSecurityGroupId": "ReferencedGroupId"}
            rule = {name: call.inputs[prop] for prop, name in names.items() if prop in call.inputs}
            call.client("ec2").modify_security_group_rules(
                GroupId=call.inputs["securityGroupId"],
                SecurityGroupRules=[{"SecurityGroupRuleId": call.id, "SecurityGroupRule": rule}],
            )
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Revoke."""
        client = call.client("ec2")
        revoking = client.revoke_security_group_ingress if self.inward else client.revoke_security_group_egress
        revoking(GroupId=call.known("securityGroupId"), SecurityGroupRuleIds=[call.id])


class SecurityGroupIngressRule(_Rule):
    """Allows ingress."""

    urn_type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    inward = True


class SecurityGroupEgressRule(_Rule):
    """Allows egress."""

    urn_type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    inward = False


def revoke(call: Call, group: str, *, inward: bool) -> None:
    """Remove all rules of a group in one direction."""
    client = call.client("ec2")
    rules = client.describe_security_group_rules(Filters=filters(group_id=group))["SecurityGroupRules"]
    found = [each["SecurityGroupRuleId"] for each in rules if each["IsEgress"] is not inward]
    if found:
        revoking = client.revoke_security_group_ingress if inward else client.revoke_security_group_egress
        revoking(GroupId=group, SecurityGroupRuleIds=found)


def _permission(inputs: Table) -> dict[str, Any]:
    described = {"Description": inputs["description"]} if inputs.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    if inputs["ipProtocol"] != ALL_PROTOCOLS:
        permission |= {"FromPort": inputs.get("fromPort", -1), "ToPort": inputs.get("toPort", -1)}
    places = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    for prop, (place, name) in places.items():
        if prop in inputs:
            permission[place] = [{name: inputs[prop], **described}]
    return permission


KINDS = (SecurityGroup(), DefaultSecurityGroup(), SecurityGroupIngressRule(), SecurityGroupEgressRule())
