"""Work items that arrive over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from policy_documents import allow, allow_key_use, document, trust
from pulumi_aws import apigatewayv2, cloudwatch, iam

from components.alarms import Alerting, Metric, alarm_above

if TYPE_CHECKING:
    from aws_environment import AwsEnvironment

ROUTE: Final = "POST /items"
TIMEOUT_MS: Final = 10_000
MAX_REFUSED_PER_MINUTE: Final = 10
"""Rejected requests per minute above which an alarm is raised; single ones are usually the caller's fault."""
ACCESS_LOG_FIELDS: Final = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "caller": "$context.identity.caller",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
    "integration": "$context.integrationErrorMessage",
    "latency": "$context.responseLatency",
}


@dataclass(frozen=True, kw_only=True)
class HttpIngressArgs:
    """Throttling limits of the API, and the queue that receives the requests.

    queue_name, queue_url: of the work queue. rate: requests per second; burst: concurrent requests. key_alias (with
    `alias/`), key_arn: of the key. log_group_name: of the log group to create for access logs.
    """

    aws_env: AwsEnvironment
    queue_name: pulumi.Input[str]
    queue_url: pulumi.Input[str]
    key_alias: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    log_retention_days: pulumi.Input[int]
    alerting: Alerting
    rate: pulumi.Input[float] = 500.0
    burst: pulumi.Input[int] = 1_000


class HttpIngress(pulumi.ComponentResource):
    """An HTTP API that sends the body of each request to the work queue directly, without a function in between.

    Callers need IAM credentials with execute-api:Invoke and sign their requests. `url` is known once the API exists.
    """

    url: pulumi.Output[str]
    api_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: HttpIngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:ingress:HttpIngress", name, None, opts)
        child, tags, aws_env = pulumi.ResourceOptions(parent=self), args.alerting.tags, args.aws_env
        logs = cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        # API Gateway sends no source account when it assumes this role: a condition on it would deny the request.
        # https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
        role = iam.Role(name, assume_role_policy=trust("apigateway"), tags=tags, opts=child)
        policy = iam.RolePolicy(
            name,
            role=role.name,
            policy=document(
                allow(["sqs:SendMessage"], [aws_env.queue_arn(args.queue_name)]),
                allow_key_use(aws_env, args.key_alias, ["sqs"], ["kms:Decrypt", "kms:GenerateDataKey"]),
            ),
            opts=child,
        )
        api = apigatewayv2.Api(name, protocol_type="HTTP", description="Work for the queue", tags=tags, opts=child)
        integration = apigatewayv2.Integration(
            name,
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_subtype="SQS-SendMessage",
            credentials_arn=role.arn,
            payload_format_version="1.0",
            request_parameters={"QueueUrl": args.queue_url, "MessageBody": "$request.body"},
            timeout_milliseconds=TIMEOUT_MS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        route = apigatewayv2.Route(
            name,
            api_id=api.id,
            route_key=ROUTE,
            authorization_type="AWS_IAM",
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=child,
        )
        stage = apigatewayv2.Stage(
            name,
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=logs.arn, format=json.dumps(ACCESS_LOG_FIELDS)
            ),
            default_route_settings=apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=args.rate, throttling_burst_limit=args.burst, detailed_metrics_enabled=True
            ),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[route]),
        )
        # a queue policy or key policy that denies the API results in a 4xx error:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
        for alarm, metric, most, description in (
            ("fails", "5xx", 0.0, "Work is refused at the door: the API or SQS fails"),
            (
                "refuses",
                "4xx",
                MAX_REFUSED_PER_MINUTE,
                "Work is refused at the door: by IAM, the limits, the queue or its key",
            ),
        ):
            alarm_above(
                f"{name}-{alarm}",
                Metric(namespace="AWS/ApiGateway", name=metric, dimensions={"ApiId": api.id}, statistic="Sum"),
                most,
                description=description,
                alerting=args.alerting,
                parent=self,
            )
        self.url = pulumi.Output.concat(api.api_endpoint, ROUTE.partition(" ")[2])
        self.api_arn, self.role_arn, self.log_group_arn = stage.execution_arn, role.arn, logs.arn
        self.register_outputs(
            {"url": self.url, "api_arn": self.api_arn, "role_arn": self.role_arn, "log_group_arn": self.log_group_arn}
        )
