"""EC2: VPC endpoints and flow logs."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localcloud.provider import api_parameters, aws_clients
from localcloud.provider.resource_kind import ALL, Call, Table
from localcloud.provider.services.ec2_common import Ec2Kind, filters, only

SETS = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}
FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)


class VpcEndpoint(Ec2Kind):
    """A gateway or interface endpoint. Its id is AWS's."""

    urn_type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    resource = "vpc-endpoint"
    defaults: ClassVar[Table] = {"vpcEndpointType": "Gateway"}
    replaces = frozenset({"serviceName", "serviceNetworkArn", "serviceRegion", "vpcEndpointType", "vpcId"})
    sets = frozenset(SETS)
    documents = frozenset({"policy"})
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "vpcEndpointType": ("Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork")
    }
    unsupported: ClassVar[dict[str, str]] = dict.fromkeys(
        ("resourceConfigurationArn", "serviceNetworkArn", "subnetConfigurations"), "serviceName and subnetIds"
    )

    def create(self, call: Call) -> str:
        """Create, with tags."""
        client = call.client("ec2")
        given = {key: value for key, value in call.inputs.items() if key not in ("policy", "tags", "tagsAll")}
        params = api_parameters.parameters(client, "create_vpc_endpoint", given, {})
        if call.inputs.get("policy"):
            params["PolicyDocument"] = call.inputs["policy"]
        if call.inputs["vpcEndpointType"] != "Interface":
            params.pop("PrivateDnsEnabled", None)
        return str(client.create_vpc_endpoint(**{**params, **self.tags(call)})["VpcEndpoint"]["VpcEndpointId"])

    def settle(self, call: Call) -> None:
        """Wait until it is there."""
        aws_clients.wait(lambda: self._state(call) == "available", f"endpoint {call.id} available")

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it; a gateway's prefix list has to be asked for by the service's name."""
        client = call.client("ec2")
        described = only(client.describe_vpc_endpoints(VpcEndpointIds=[call.id])["VpcEndpoints"])
        if described is None or described["State"].lower() == "deleted":
            return None
        service, gateway = described["ServiceName"], described.get("VpcEndpointType", "Gateway") == "Gateway"
        lists = (
            client.describe_prefix_lists(Filters=filters(prefix_list_name=service))["PrefixLists"] if gateway else []
        )
        policy = described.get("PolicyDocument")
        return {
            **self.common(call, described),
            "cidrBlocks": (lists[0].get("Cidrs") or []) if lists else [],
            "dnsEntries": [
                {"dnsName": each.get("DnsName", ""), "hostedZoneId": each.get("HostedZoneId", "")}
                for each in described.get("DnsEntries") or []
            ],
            "ipAddressType": described.get("IpAddressType") or ("" if gateway else "ipv4"),
            "networkInterfaceIds": described.get("NetworkInterfaceIds") or [],
            "policy": policy if isinstance(policy, str) or policy is None else json.dumps(policy),
            "prefixListId": lists[0]["PrefixListId"] if lists else "",
            "privateDnsEnabled": bool(described.get("PrivateDnsEnabled")) and not gateway,
            "requesterManaged": bool(described.get("RequesterManaged")),
            "routeTableIds": described.get("RouteTableIds") or [],
            "securityGroupIds": [each["GroupId"] for each in described.get("Groups") or []],
            "serviceName": service,
            "serviceRegion": described.get("ServiceRegion") or client.meta.region_name,
            "state": described["State"].lower(),
            "subnetIds": described.get("SubnetIds") or [],
            "vpcEndpointType": described.get("VpcEndpointType", "Gateway"),
            "vpcId": described["VpcId"],
        }

    def update(self, call: Call) -> None:
        """Add and remove tables, groups and subnets; set policy and names; retag."""
        params: dict[str, Any] = {}
        for prop, name in SETS.items():
            old, new = set(call.old.get(prop) or []), set(call.inputs.get(prop) or [])
            params |= {f"Add{name}": sorted(new - old)} if new - old else {}
            params |= {f"Remove{name}": sorted(old - new)} if old - new else {}
        if call.changed("policy"):
            params |= {"PolicyDocument": call.inputs["policy"]} if call.inputs.get("policy") else {"ResetPolicy": True}
        if call.changed("privateDnsEnabled"):
            params["PrivateDnsEnabled"] = bool(call.inputs.get("privateDnsEnabled"))
        if params:
            call.client("ec2").modify_vpc_endpoint(VpcEndpointId=call.id, **params)
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete, and wait until it is gone."""
        answer = call.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[call.id])
        for failed in answer.get("Unsuccessful") or []:
            if not failed["Error"]["Code"].endswith(".NotFound"):
                raise RuntimeError(f"endpoint {call.id}: {failed['Error']['Message']}")
        aws_clients.wait(lambda: self._state(call) == "deleted", f"endpoint {call.id} deleted")

    def _state(self, call: Call) -> str:
        try:
            described = only(call.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[call.id])["VpcEndpoints"])
        except Exception as error:
            if aws_clients.is_gone(error):
                return "deleted"
            raise
        return str(described["State"]).lower() if described else "deleted"


class FlowLog(Ec2Kind):
    """A flow log. Its id is AWS's. All changes except of tags replace it."""

    urn_type = "aws:ec2/flowLog:FlowLog"
    resource = "vpc-flow-log"
    replaces = ALL
    defaults: ClassVar[Table] = {"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600}
    one_of = (("eniId", "regionalNatGatewayId", "subnetId", "transitGatewayAttachmentId", "transitGatewayId", "vpcId"),)
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "logDestinationType": ("cloud-watch-logs", "kinesis-data-firehose", "s3"),
        "trafficType": ("ACCEPT", "ALL", "REJECT"),
    }
    places: ClassVar[dict[str, tuple[str, str]]] = {
        "eniId": ("NetworkInterface", "eni-"),
        "subnetId": ("Subnet", "subnet-"),
        "vpcId": ("VPC", "vpc-"),
    }
    names: ClassVar[dict[str, str]] = {
        "iamRoleArn": "DeliverLogsPermissionArn",
        "logDestination": "LogDestination",
        "logDestinationType": "LogDestinationType",
        "logFormat": "LogFormat",
        "maxAggregationInterval": "MaxAggregationInterval",
        "trafficType": "TrafficType",
    }

    def create(self, call: Call) -> str:
        """Create, with tags."""
        prop, (what, _) = next((prop, place) for prop, place in self.places.items() if prop in call.inputs)
        params = {name: call.inputs[prop] for prop, name in self.names.items() if call.inputs.get(prop)}
        answer = call.client("ec2").create_flow_logs(
            ResourceIds=[call.inputs[prop]], ResourceType=what, **params, **self.tags(call)
        )
        for failed in answer.get("Unsuccessful") or []:
            raise RuntimeError(f"flow log of {call.inputs[prop]}: {failed['Error']['Message']}")
        return str(answer["FlowLogIds"][0])

    def read(self, call: Call) -> dict[str, Any] | None:
        """Describe it."""
        described = only(call.client("ec2").describe_flow_logs(FlowLogIds=[call.id])["FlowLogs"])
        if described is None:
            return None
        place = next(
            (prop for prop, (_, start) in self.places.items() if described["ResourceId"].startswith(start)), "vpcId"
        )
        return {
            **self.common(call, described),
            "logFormat": FORMAT,
            **{prop: described[name] for prop, name in self.names.items() if described.get(name) not in (None, "")},
            place: described["ResourceId"],
        }

    def update(self, call: Call) -> None:
        """Retag."""
        self.retag(call)

    def delete(self, call: Call) -> None:
        """Delete."""
        answer = call.client("ec2").delete_flow_logs(FlowLogIds=[call.id])
        for failed in answer.get("Unsuccessful") or []:
            raise RuntimeError(f"flow log {call.id}: {failed['Error']['Message']}")


KINDS = (VpcEndpoint(), FlowLog())
