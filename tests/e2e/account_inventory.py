"""An inventory of the account: the names of every resource that the reference stack could leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from localcloud.checkout import ACCOUNT

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud

LISTS: Final[tuple[tuple[str, str, dict[str, str], str, str], ...]] = (
    ("sqs", "list_queues", {}, "QueueUrls", ""),
    ("lambda", "list_functions", {}, "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", {}, "EventSourceMappings", "UUID"),
    ("dynamodb", "list_tables", {}, "TableNames", ""),
    ("sagemaker", "list_models", {}, "Models", "ModelName"),
    ("sagemaker", "list_endpoint_configs", {}, "EndpointConfigs", "EndpointConfigName"),
    ("sagemaker", "list_endpoints", {}, "Endpoints", "EndpointName"),
    (
        "application-autoscaling",
        "describe_scalable_targets",
        {"ServiceNamespace": "sagemaker"},
        "ScalableTargets",
        "ResourceId",
    ),
    (
        "application-autoscaling",
        "describe_scaling_policies",
        {"ServiceNamespace": "sagemaker"},
        "ScalingPolicies",
        "PolicyName",
    ),
    ("iam", "list_roles", {}, "Roles", "RoleName"),
    ("iam", "list_policies", {"Scope": "Local"}, "Policies", "PolicyName"),
    ("kms", "list_aliases", {}, "Aliases", "AliasName"),
    ("logs", "describe_log_groups", {}, "logGroups", "logGroupName"),
    ("s3", "list_buckets", {}, "Buckets", "Name"),
    ("sns", "list_topics", {}, "Topics", "TopicArn"),
    ("sns", "list_subscriptions", {}, "Subscriptions", "SubscriptionArn"),
    ("events", "list_event_buses", {}, "EventBuses", "Name"),
    ("events", "list_rules", {}, "Rules", "Name"),
    ("apigatewayv2", "get_apis", {}, "Items", "ApiId"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms", "AlarmName"),
    ("cloudwatch", "describe_alarms", {}, "CompositeAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", {}, "DashboardEntries", "DashboardName"),
    ("budgets", "describe_budgets", {"AccountId": ACCOUNT}, "Budgets", "BudgetName"),
    ("ec2", "describe_vpcs", {}, "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", {}, "Subnets", "SubnetId"),
    ("ec2", "describe_route_tables", {}, "RouteTables", "RouteTableId"),
    ("ec2", "describe_security_groups", {}, "SecurityGroups", "GroupId"),
    ("ec2", "describe_network_interfaces", {}, "NetworkInterfaces", "NetworkInterfaceId"),
    ("ec2", "describe_flow_logs", {}, "FlowLogs", "FlowLogId"),
    ("ec2", "describe_nat_gateways", {}, "NatGateways", "NatGatewayId"),
)
"""Service, operation, its parameters, the response's list, and the identifying field of its entries."""


def inventory(cloud: Cloud) -> dict[str, set[str]]:
    """The identifiers by service and kind. Keys pending deletion are left out: no key is deleted at once."""
    clients: dict[str, Any] = {}
    found = {}
    for service, operation, asked, where, name in LISTS:
        client = clients.setdefault(service, cloud.client(service))
        told = getattr(client, operation)(**asked).get(where) or []
        found[f"{service} {where}"] = {str(each[name]) if name else str(each) for each in told}
    found["ec2 VpcEndpoints"] = _endpoints(clients["ec2"])
    found["kms Keys"] = _keys(clients["kms"])
    return found


def added(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, set[str]]:
    """The resources in `after` that are not in `before`."""
    return {kind: names - before[kind] for kind, names in after.items() if names - before[kind]}


def _endpoints(ec2: Any) -> set[str]:
    told = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    return {str(each["VpcEndpointId"]) for each in told if each["State"].lower() != "deleted"}


def _keys(kms: Any) -> set[str]:
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    told = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in keys]
    return {str(each["KeyId"]) for each in told if each["KeyState"] != "PendingDeletion"}
