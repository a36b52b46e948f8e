"""The supported resource types, with the modules that implement them."""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from localcloud.provider.resource_kind import Kind

MODULES: Final[dict[str, str]] = {
    "aws:apigatewayv2/api:Api": "apigatewayv2",
    "aws:apigatewayv2/integration:Integration": "apigatewayv2",
    "aws:apigatewayv2/route:Route": "apigatewayv2",
    "aws:apigatewayv2/stage:Stage": "apigatewayv2_stage",
    "aws:appautoscaling/policy:Policy": "appautoscaling",
    "aws:appautoscaling/target:Target": "appautoscaling",
    "aws:budgets/budget:Budget": "budgets",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "cloudwatch_composite_dashboard",
    "aws:cloudwatch/dashboard:Dashboard": "cloudwatch_composite_dashboard",
    "aws:cloudwatch/eventArchive:EventArchive": "events",
    "aws:cloudwatch/eventBus:EventBus": "events",
    "aws:cloudwatch/eventRule:EventRule": "events",
    "aws:cloudwatch/eventTarget:EventTarget": "events_target",
    "aws:cloudwatch/logGroup:LogGroup": "logs",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch_alarm",
    "aws:dynamodb/table:Table": "dynamodb",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "ec2_security",
    "aws:ec2/flowLog:FlowLog": "ec2_endpoint",
    "aws:ec2/routeTable:RouteTable": "ec2",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "ec2",
    "aws:ec2/securityGroup:SecurityGroup": "ec2_security",
    "aws:ec2/subnet:Subnet": "ec2",
    "aws:ec2/vpc:Vpc": "ec2",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "ec2_endpoint",
    "aws:iam/policy:Policy": "iam_policy",
    "aws:iam/role:Role": "iam_role",
    "aws:iam/rolePolicy:RolePolicy": "iam_policy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "iam_policy",
    "aws:kms/alias:Alias": "kms",
    "aws:kms/key:Key": "kms",
    "aws:lambda/alias:Alias": "lambda_",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "lambda_mapping",
    "aws:lambda/function:Function": "lambda_function",
    "aws:lambda/functionUrl:FunctionUrl": "lambda_",
    "aws:lambda/invocation:Invocation": "lambda_invocation",
    "aws:lambda/permission:Permission": "lambda_",
    "aws:s3/bucket:Bucket": "s3",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "s3_lifecycle_notification",
    "aws:s3/bucketLogging:BucketLogging": "s3_lifecycle_notification",
    "aws:s3/bucketNotification:BucketNotification": "s3_lifecycle_notification",
    "aws:s3/bucketObjectv2:BucketObjectv2": "s3_object",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "s3_lifecycle_notification",
    "aws:s3/bucketPolicy:BucketPolicy": "s3_settings",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "s3_settings",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "s3_settings",
    "aws:s3/bucketVersioning:BucketVersioning": "s3_settings",
    "aws:sagemaker/endpoint:Endpoint": "sagemaker",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "sagemaker",
    "aws:sagemaker/model:Model": "sagemaker",
    "aws:sns/topic:Topic": "sns",
    "aws:sns/topicPolicy:TopicPolicy": "sns",
    "aws:sns/topicSubscription:TopicSubscription": "sns",
    "aws:sqs/queue:Queue": "sqs",
    "aws:sqs/queuePolicy:QueuePolicy": "sqs",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "sqs",
    "aws:sqs/redrivePolicy:RedrivePolicy": "sqs",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "ec2_security",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "ec2_security",
}


class UnsupportedTypeError(Exception):
    """An unsupported resource type. The message names it and where the supported ones are listed."""

    def __init__(self, token: str) -> None:
        near = difflib.get_close_matches(token, MODULES, n=1)
        guess = f" The nearest one it has is {near[0]}." if near else ""
        super().__init__(
            f"the local provider has no resource type {token}.{guess} "
            f"It has {len(MODULES)} types, listed in localcloud/provider/registry.py "
            "(python -m localcloud.provider --types prints them)."
        )


def kind(token: str) -> Kind:
    """Return the definition of a resource type. Raises UnsupportedTypeError for one that is not in MODULES."""
    if token not in MODULES:
        raise UnsupportedTypeError(token)
    module = importlib.import_module(f"localcloud.provider.services.{MODULES[token]}")
    kinds: dict[str, Kind] = {each.urn_type: each for each in module.KINDS}
    return kinds[token]
