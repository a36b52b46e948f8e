"""Both ingresses, in a network of the stack's own: in this order, on one local cloud."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.e2e.account_inventory import added, inventory
from tests.e2e.callers import Caller, received
from tests.e2e.deployment import Deployment, ItemSender, assert_no_changes
from tests.e2e.flow import eventually
from tests.localcloud.aws.signed_requests import post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.cloud import Cloud, Copy

SETTINGS: Final = {"endpointShape": "instance", "vpc": "true", "dashboard": "true", "monthlyBudget": "100"}
"""All that a stack may have besides its ingress."""
GOOD: Final = [json.dumps({"id": f"by-event-{at}", "features": [0.1, 0.2, 0.3, at / 20]}) for at in range(20)]
POISON: Final = [json.dumps({"id": "bad", "features": []}), json.dumps({"features": [1, 2, 3, 4]})]
THROTTLE: Final = (
    ("rate: pulumi.Input[float] = 500.0", "rate: pulumi.Input[float] = 1.0"),
    ("burst: pulumi.Input[int] = 1_000", "burst: pulumi.Input[int] = 20"),
)
"""Throttling limits of the API that are low enough for a test to exceed them."""


@pytest.fixture(scope="module")
def empty(cloud: Cloud, copy: Copy) -> dict[str, set[str]]:
    """What the account holds before anything is deployed."""
    component = copy.folder / "reference_stack" / "components" / "http_ingress.py"
    for given, wanted in THROTTLE:
        assert component.read_text().count(given) == 1
        component.write_text(component.read_text().replace(given, wanted))
    cloud.control("settings", {"failed_return_seconds": 0.2})
    return inventory(cloud)


@pytest.fixture(scope="module")
def items(copy: Copy) -> ItemSender:
    """The way out, and what the stack exports."""
    return ItemSender(copy)


@contextmanager
def caller(cloud: Cloud, name: str, action: str, resource: str) -> Iterator[Caller]:
    """Somebody who may do one thing."""
    one = Caller(cloud, name, action, resource)
    yield one
    one.delete()


def deploy(copy: Copy, items: ItemSender, ingress: str) -> None:
    """Deploy with an ingress; again, and looked at, nothing differs."""
    items.deployment = Deployment.of(copy, {"ingress": ingress, **SETTINGS})
    assert_no_changes(copy)


@pytest.mark.usefixtures("empty")
def test_events_on_the_bus_are_work(cloud: Cloud, copy: Copy, items: ItemSender) -> None:
    """Whoever may put events on it sends items; each has one result, and poison is set aside."""
    deploy(copy, items, "events")
    bus = items.outputs["event_bus_arn"]
    with caller(cloud, "sender", "events:PutEvents", bus) as sender:
        sender.put_events(bus, GOOD + POISON)
        sender.put_events(bus, GOOD[:3])  # a bus delivers at least once, and so may a sender
        sender.put_events(bus, ["{}"], kind="something else")
        with pytest.raises(ClientError, match=r"not authorized to perform: (sqs:SendMessage|kms:GenerateDataKey)"):
            sender.client("sqs").send_message(QueueUrl=items.outputs["queue_url"], MessageBody=GOOD[0])
    ids = {json.loads(each)["id"] for each in GOOD}
    eventually(lambda: items.results(ids).keys() == ids, "every item has its result")
    eventually(lambda: items.depth("dead_letter_queue_url") == len(POISON), "the poison is set aside")
    eventually(lambda: items.depth("queue_url") == 0, "the queue is empty")
    aside = received(cloud.client("sqs"), items.outputs["dead_letter_queue_url"])
    assert sorted(message["Body"] for message in aside) == sorted(POISON)


def test_somebody_who_may_not_puts_no_events_on_the_bus(cloud: Cloud, items: ItemSender) -> None:
    """A grant on another bus is none on this one."""
    bus, other = items.outputs["event_bus_arn"], "arn:aws:events:eu-west-1:123456789012:event-bus/default"
    with (
        caller(cloud, "stranger", "events:PutEvents", other) as stranger,
        pytest.raises(ClientError, match="not authorized to perform: events:PutEvents"),
    ):
        stranger.put_events(bus, GOOD[:1])


def test_an_event_that_the_queue_does_not_let_in_is_kept(cloud: Cloud, items: ItemSender) -> None:
    """In a queue of its own, with the reason."""
    sqs, bus = cloud.client("sqs"), items.outputs["event_bus_arn"]
    where = {"QueueUrl": items.outputs["queue_url"]}
    policy = sqs.get_queue_attributes(**where, AttributeNames=["Policy"])["Attributes"]["Policy"]
    closed = json.loads(policy) | {"Statement": json.loads(policy)["Statement"][:1]}
    sqs.set_queue_attributes(**where, Attributes={"Policy": json.dumps(closed)})
    with caller(cloud, "sender", "events:PutEvents", bus) as sender:
        sender.put_events(bus, [json.dumps({"id": "undelivered", "features": [1, 2, 3, 4]})])
        eventually(lambda: items.depth("undelivered_queue_url") == 1, "the event is set aside")
        sqs.set_queue_attributes(**where, Attributes={"Policy": policy})
    (kept,) = received(sqs, items.outputs["undelivered_queue_url"])
    assert json.loads(kept["Body"])["detail"]["id"] == "undelivered"
    assert kept["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert not items.results(["undelivered"])


def test_function_and_model_are_in_a_network_without_a_way_out(cloud: Cloud, items: ItemSender) -> None:
    """Two subnets in two zones, groups that let nothing out but to AWS's own endpoints, and no gateway anywhere."""
    ec2, vpc = cloud.client("ec2"), items.outputs["vpc_id"]
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    subnets = ec2.describe_subnets(Filters=inside)["Subnets"]
    groups = {each["GroupId"]: each for each in ec2.describe_security_groups(Filters=inside)["SecurityGroups"]}
    assert len({each["AvailabilityZone"] for each in subnets}) == len(subnets) == 2
    assert not any(each["MapPublicIpOnLaunch"] for each in subnets)

    model = cloud.client("sagemaker").describe_model(ModelName=items.outputs["model_arn"].rpartition("/")[2])
    networks = [(set(model["VpcConfig"]["Subnets"]), model["VpcConfig"]["SecurityGroupIds"])]
    function = cloud.client("lambda").get_function_configuration(FunctionName=items.outputs["function_name"])
    networks.append((set(function["VpcConfig"]["SubnetIds"]), function["VpcConfig"]["SecurityGroupIds"]))
    for where, allowed in networks:
        assert where == {each["SubnetId"] for each in subnets}
        (group,) = allowed
        assert groups[group]["IpPermissionsEgress"]
        assert not groups[group]["IpPermissions"]

    for group in groups.values():
        for rule in group["IpPermissionsEgress"]:
            assert (rule["IpRanges"], rule["Ipv6Ranges"]) == ([], []), group["GroupName"]
            assert (rule["FromPort"], rule["ToPort"]) == (443, 443)
    (default,) = (group for group in groups.values() if group["GroupName"] == "default")
    assert (default["IpPermissions"], default["IpPermissionsEgress"]) == ([], [])

    routes = [route for table in ec2.describe_route_tables(Filters=inside)["RouteTables"] for route in table["Routes"]]
    assert all(route.get("DestinationCidrBlock") != "0.0.0.0/0" for route in routes)
    assert not ec2.describe_nat_gateways()["NatGateways"]
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    assert not gateways["InternetGateways"]


def test_signed_requests_are_work(cloud: Cloud, copy: Copy, items: ItemSender) -> None:
    """Whoever may call the API sends items; nobody else does, and each request is a line in the log."""
    deploy(copy, items, "http")
    url, api = items.outputs["api_url"], items.outputs["api_arn"]
    good = [{"id": f"by-request-{at}", "features": [0.1, 0.2, 0.3, at / 10]} for at in range(8)]
    with caller(cloud, "sender", "execute-api:Invoke", f"{api}/POST/items") as sender:
        assert {post(url, item, sender.credentials)[0] for item in [*good, good[0], {"id": "bad"}]} == {200}
    with caller(cloud, "stranger", "execute-api:Invoke", f"{api}/GET/items") as stranger:
        assert post(url, good[0], stranger.credentials)[0] == 403
    assert post(url, good[0], None)[0] == 403
    ids = {str(item["id"]) for item in good}
    eventually(lambda: items.results(ids).keys() == ids, "every item has its result")
    eventually(lambda: items.depth("dead_letter_queue_url") == 1, "the poison is set aside")
    eventually(lambda: items.depth("queue_url") == 0, "the queue is empty")
    (aside,) = received(cloud.client("sqs"), items.outputs["dead_letter_queue_url"])
    assert json.loads(aside["Body"]) == {"id": "bad"}
    assert [line["status"] for line in _accesses(cloud, items)] == ["200"] * 10 + ["403"] * 2


def test_more_requests_than_the_door_is_wide_are_turned_away(cloud: Cloud, items: ItemSender) -> None:
    """With 429, which callers know to repeat."""
    url, api = items.outputs["api_url"], items.outputs["api_arn"]
    with caller(cloud, "sender", "execute-api:Invoke", f"{api}/POST/items") as sender:
        responses = [post(url, {"id": f"many-{at}", "features": [1, 2, 3, 4]}, sender.credentials) for at in range(40)]
    statuses = [status for status, _ in responses]
    assert set(statuses) == {200, 429}
    assert statuses[0] == 200
    taken = {f"many-{at}" for at, status in enumerate(statuses) if status == 200}
    eventually(lambda: items.results(taken).keys() == taken, "what was let in has its result")
    assert [line["status"] for line in _accesses(cloud, items)].count("429") == statuses.count(429)


def test_destroy_leaves_nothing(cloud: Cloud, copy: Copy, empty: dict[str, set[str]]) -> None:
    """Network, dashboard and budget go too."""
    copy.destroy()
    assert added(empty, inventory(cloud)) == {}


def _accesses(cloud: Cloud, items: ItemSender) -> list[dict[str, Any]]:
    """The lines of the access log, as they were written."""
    group = items.outputs["access_log_group_arn"].partition(":log-group:")[2].removesuffix(":*")
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [json.loads(event["message"]) for page in pages for event in page["events"]]
