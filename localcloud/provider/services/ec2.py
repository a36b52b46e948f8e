"""EC2: networks, subnets, route tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.provider import api_parameters
from localcloud.provider.services.ec2_common import Ec2Kind, filters, only

if TYPE_CHECKING:
    from localcloud.provider.resource_kind import Call, Table


class Vpc(Ec2Kind):
    """A network. Its id is AWS's."""

    urn_type = "aws:ec2/vpc:Vpc"
    resource = "vpc"
    defaults: ClassVar[Table] = {"enableDnsSupport": True, "instanceTenancy": "default"}
    replaces = frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"instanceTenancy": ("dedicated", "default")}
    attributes: ClassVar[dict[str, str]] = {
        "enableDnsHostnames": "EnableDnsHostnames",
        "enableDnsSupport": "EnableDnsSupport",
        "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
    }
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("assignGeneratedIpv6CidrBlock", "ipv4IpamPoolId", "ipv6CidrBlock", "ipv6IpamPoolId"), "cidrBlock"
    )

    def create(self, call: Call) -> str:
        """Create, with tags."""
        client = call.client("ec2")
        params = {"CidrBlock": call.inputs["cidrBlock"], "InstanceTenancy": call.inputs["instanceTenancy"]}
        return str(client.create_vpc(**params, **self.tags(call))["Vpc"]["VpcId"])

    def settle(self, call: Call) -> None:
        """Set the attributes, which have a call each."""
        for prop, name in self.attributes.items():
            if prop in call.inputs:
                call.client("ec2").modify_vpc_attribute(VpcId=call.id, **{name: {"Value": call.inputs[prop]}})

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it, its attributes, and what AWS makes in every network."""
        client = call.client("ec2")
        described = only(client.describe_vpcs(VpcIds=[call.id])["Vpcs"])
        if described is None:
            return None
        of_main, of_default = (filters(vpc_id=call.id, **{key: "true"}) for key in ("association__main", "default"))
        named = filters(vpc_id=call.id, group_name="default")
        table = only(client.describe_route_tables(Filters=of_main)["RouteTables"])
        group = only(client.describe_security_groups(Filters=named)["SecurityGroups"])
        acl = only(client.describe_network_acls(Filters=of_default)["NetworkAcls"])
        main = table["RouteTableId"] if table else ""
        return {
            **self.common(call, described),
            **{prop: self._attribute(call, name) for prop, name in self.attributes.items()},
            "cidrBlock": described["CidrBlock"],
            "defaultNetworkAclId": acl["NetworkAclId"] if acl else "",
            "defaultRouteTableId": main,
            "defaultSecurityGroupId": group["GroupId"] if group else "",
            "dhcpOptionsId": described.get("DhcpOptionsId") or "",
            "instanceTenancy": described["InstanceTenancy"],
            "ipv6AssociationId": "",
            "ipv6CidrBlock": "",
            "ipv6CidrBlockNetworkBorderGroup": "",
            "mainRouteTableId": main,
        }

    def update(self, call: Call) -> None:
        """Set what changed."""
        for prop, name in self.attributes.items():
            if call.changed(prop):
                call.client("ec2").modify_vpc_attribute(VpcId=call.id, **{name: {"Value": bool(call.inputs.get(prop))}})
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("ec2").delete_vpc(VpcId=call.id)

    def _attribute(self, call: Call, name: str) -> bool:
        requested = f"{name[0].lower()}{name[1:]}"
        return bool(call.client("ec2").describe_vpc_attribute(VpcId=call.id, Attribute=requested)[name]["Value"])


class Subnet(Ec2Kind):
    """A part of a network in one zone. Its id is AWS's."""

    urn_type = "aws:ec2/subnet:Subnet"
    resource = "subnet"
    defaults: ClassVar[Table] = dict.fromkeys(
        (
            "assignIpv6AddressOnCreation",
            "enableDns64",
            "enableResourceNameDnsARecordOnLaunch",
            "enableResourceNameDnsAaaaRecordOnLaunch",
            "ipv6Native",
            "mapPublicIpOnLaunch",
        ),
        False,
    )
    replaces = frozenset({"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"})
    conflicts = (("availabilityZone", "availabilityZoneId"),)
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("customerOwnedIpv4Pool", "ipv4IpamPoolId", "ipv6CidrBlock", "ipv6IpamPoolId", "outpostArn"), "cidrBlock"
    )

    def create(self, call: Call) -> str:
        """Create, with tags."""
        client = call.client("ec2")
        params = api_parameters.parameters(client, "create_subnet", {**call.inputs, "tags": {}}, {})
        params.pop("TagSpecifications", None)
        return str(client.create_subnet(**{**params, **self.tags(call)})["Subnet"]["SubnetId"])

    def settle(self, call: Call) -> None:
        """Say whether what is launched in it gets a public address."""
        if call.inputs.get("mapPublicIpOnLaunch"):
            self._public(call, value=True)

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        described = only(call.client("ec2").describe_subnets(SubnetIds=[call.id])["Subnets"])
        if described is None:
            return None
        names = described.get("PrivateDnsNameOptionsOnLaunch") or {}
        return {
            **self.common(call, described),
            **self.defaults,
            "availabilityZone": described["AvailabilityZone"],
            "availabilityZoneId": described.get("AvailabilityZoneId") or "",
            "cidrBlock": described["CidrBlock"],
            "ipv6CidrBlock": "",
            "ipv6CidrBlockAssociationId": "",
            "mapPublicIpOnLaunch": bool(described.get("MapPublicIpOnLaunch")),
            "privateDnsHostnameTypeOnLaunch": names.get("HostnameType") or "ip-name",
            "vpcId": described["VpcId"],
        }

    def update(self, call: Call) -> None:
        """Set what changed."""
        if call.changed("mapPublicIpOnLaunch"):
            self._public(call, value=bool(call.inputs["mapPublicIpOnLaunch"]))
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("ec2").delete_subnet(SubnetId=call.id)

    def _public(self, call: Call, *, value: bool) -> None:
        call.client("ec2").modify_subnet_attribute(SubnetId=call.id, MapPublicIpOnLaunch={"Value": value})


class RouteTable(Ec2Kind):
    """Where a network's traffic goes; without routes of its own it stays inside. Its id is AWS's."""

    urn_type = "aws:ec2/routeTable:RouteTable"
    resource = "route-table"
    replaces = frozenset({"vpcId"})
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("propagatingVgws", "routes"), "gateway endpoints (aws.ec2.VpcEndpoint), which add their routes themselves"
    )

    def create(self, call: Call) -> str:
        """Create, with tags."""
        table = call.client("ec2").create_route_table(VpcId=call.inputs["vpcId"], **self.tags(call))["RouteTable"]
        return str(table["RouteTableId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it. Routes of gateway endpoints are the endpoints' own, as with Terraform."""
        described = only(call.client("ec2").describe_route_tables(RouteTableIds=[call.id])["RouteTables"])
        if described is None:
            return None
        return {**self.common(call, described), "propagatingVgws": [], "routes": [], "vpcId": described["VpcId"]}

    def update(self, call: Call) -> None:
        """Retag."""
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete."""
        call.client("ec2").delete_route_table(RouteTableId=call.id)


class RouteTableAssociation(Ec2Kind):
    """Which table a subnet follows. Its id is AWS's; an import gives SUBNET/TABLE."""

    urn_type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    resource = "route-table-association"
    replaces = frozenset({"gatewayId", "subnetId"})
    one_of = (("subnetId", "gatewayId"),)
    unsupported: ClassVar[dict[str, str]] = {"gatewayId": "subnetId"}

    def create(self, call: Call) -> str:
        """Associate."""
        params = {"RouteTableId": call.inputs["routeTableId"], "SubnetId": call.inputs["subnetId"]}
        return str(call.client("ec2").associate_route_table(**params)["AssociationId"])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Find it by its subnet: following another table gives it another id."""
        client = call.client("ec2")
        subnet = str(call.known("subnetId") or call.id.partition("/")[0])
        tables = client.describe_route_tables(Filters=filters(association__subnet_id=subnet))["RouteTables"]
        for table in tables:
            for each in table["Associations"]:
                if each.get("SubnetId") == subnet:
                    found = {"routeTableId": table["RouteTableId"], "subnetId": subnet}
                    return {"__id": each["RouteTableAssociationId"], **found, "region": client.meta.region_name}
        return None

    def update(self, call: Call) -> None:
        """Follow another table."""
        call.client("ec2").replace_route_table_association(
            AssociationId=self._now(call), RouteTableId=call.inputs["routeTableId"]
        )

    def delete(self, call: Call) -> None:
        """Follow the network's main table again."""
        identity = self._now(call)
        if identity:
            call.client("ec2").disassociate_route_table(AssociationId=identity)

    def _now(self, call: Call) -> str:
        found = self.read(call)
        return str(found["__id"]) if found else ""


KINDS = (Vpc(), Subnet(), RouteTable(), RouteTableAssociation())
