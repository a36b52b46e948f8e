"""Networks: what AWS puts into them by itself, and what the provider takes out, as Terraform does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud.provider.aws_clients import Cloud

if TYPE_CHECKING:
    from tests.localcloud.provider.provider_client import ProviderClient

VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


@pytest.fixture
def ec2(local_aws: str) -> Any:
    """Give a client of the same AWS."""
    return Cloud({}, {"AWS_ENDPOINT_URL": local_aws}).client("ec2")


def rules(ec2: Any, group: str) -> list[dict[str, Any]]:
    """Return all rules of a group."""
    wanted = [{"Name": "group-id", "Values": [group]}]
    found: list[dict[str, Any]] = ec2.describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]
    return found


def test_a_new_group_lets_nothing_out(aws: ProviderClient, ec2: Any) -> None:
    """AWS makes it open; a rule of the program's is then the only one, and goes when it is deleted."""
    vpc, _ = aws.create(VPC, aws.checked(VPC, {"cidrBlock": "10.2.0.0/16"}))
    inputs = aws.checked(GROUP, {"vpcId": vpc})
    assert inputs["description"] == "Managed by Pulumi"
    group, state = aws.create(GROUP, inputs)
    assert rules(ec2, group) == []
    out = aws.checked(EGRESS, {"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "10.2.0.0/16"})
    rule, outputs = aws.create(EGRESS, out)
    assert "fromPort" not in outputs
    assert [(each["IsEgress"], each.get("CidrIpv4")) for each in rules(ec2, group)] == [(True, "10.2.0.0/16")]
    aws.delete(EGRESS, rule, outputs, out)
    assert rules(ec2, group) == []
    aws.delete(GROUP, group, state, inputs)
    aws.delete(VPC, vpc, {}, {})


def test_the_default_group_is_emptied_and_stays(aws: ProviderClient, ec2: Any) -> None:
    """It is nobody's to delete; it goes with its network."""
    vpc, _ = aws.create(VPC, aws.checked(VPC, {"cidrBlock": "10.3.0.0/16"}))
    inputs = aws.checked(DEFAULT, {"vpcId": vpc, "tags": {"owner": "me"}})
    group, state = aws.create(DEFAULT, inputs)
    assert (rules(ec2, group), state["name"], state["tagsAll"]) == ([], "default", {"owner": "me"})
    aws.delete(DEFAULT, group, state, inputs)
    assert aws.read(DEFAULT, group, state, inputs)[0] == group
    aws.delete(VPC, vpc, {}, {})
    assert aws.read(DEFAULT, group, state, inputs)[0] == ""


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_a_gateway_tells_where_its_service_is(aws: ProviderClient, ec2: Any, service: str) -> None:
    """Its prefix list, which rules of groups name; a table has a route to it as long as it lives."""
    vpc, _ = aws.create(VPC, aws.checked(VPC, {"cidrBlock": "10.4.0.0/16"}))
    table, _ = aws.create(TABLE, aws.checked(TABLE, {"vpcId": vpc}))
    inputs = aws.checked(
        ENDPOINT, {"vpcId": vpc, "serviceName": f"com.amazonaws.eu-west-1.{service}", "routeTableIds": [table]}
    )
    gateway, state = aws.create(ENDPOINT, inputs)
    assert state["prefixListId"].startswith("pl-")

    def routes() -> set[str]:
        found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return {each["DestinationPrefixListId"] for each in found if "DestinationPrefixListId" in each}

    assert routes() == {state["prefixListId"]}
    aws.delete(ENDPOINT, gateway, state, inputs)
    assert routes() == set()
    assert aws.read(ENDPOINT, gateway, state, inputs)[0] == ""
    for token, identity in ((TABLE, table), (VPC, vpc)):
        aws.delete(token, identity, {}, {})


def test_rules_inside_a_group_are_refused(offline: ProviderClient) -> None:
    """With what to use instead."""
    for token in (GROUP, DEFAULT):
        _, failures = offline.check(token, {"ingress": []})
        assert "use aws.vpc.SecurityGroupIngressRule" in failures["ingress"]
