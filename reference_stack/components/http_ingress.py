"""Work that comes in over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from documents import allow, document, trust, use_key
from pulumi_aws import apigatewayv2, cloudwatch, iam

from components.alarms import Alerting, Metric, raise_above

if TYPE_CHECKING:
    from place import Place

ROUTE: Final = "POST /items"
TIMEOUT_MS: Final = 10_000
REFUSED: Final = 10
"""Requests that are refused in a minute before somebody is told: now and then a caller's own fault."""
LOGGED: Final = {
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
    """How much work may come in, and where it goes.

    queue_name, queue_url: of the work queue. rate: requests a second in the long run; burst: requests at once.
    key_alias (with `alias/`), key_arn: of the key. log_group_name: of the log group that is made for accesses.
    """

    place: Place
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
    """An HTTP API that puts the body of each request into the work queue itself, with no function in between.

    Callers sign with credentials that IAM lets call it (execute-api:Invoke); there is no other way in. `url` is known
    once the API exists.
    """

    url: pulumi.Output[str]
    api_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    log_group_arn: pulumi.Output[str]

    def __init__(self, name: str, args: HttpIngressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("decoupled:ingress:HttpIngress", name, None, opts)
        child, tags, place = pulumi.ResourceOptions(parent=self), args.alerting.tags, args.place
        logs = cloudwatch.LogGroup(
            name,
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        # API Gateway does not say for which account it assumes this role: a condition on that would shut it out.
        # https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
        role = iam.Role(name, assume_role_policy=trust("apigateway"), tags=tags, opts=child)
        policy = iam.RolePolicy(
            name,
            role=role.name,
            policy=document(
                allow(["sqs:SendMessage"], [place.queue(args.queue_name)]),
                use_key(place, args.key_alias, ["sqs"], ["kms:Decrypt", "kms:GenerateDataKey"]),
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
                destination_arn=logs.arn, format=json.dumps(LOGGED)
            ),
            default_route_settings=apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=args.rate, throttling_burst_limit=args.burst, detailed_metrics_enabled=True
            ),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[route]),
        )
        # a queue or a key that does not let the API in is an error of the 400s:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
        for alarm, metric, most, says in (
            ("fails", "5xx", 0.0, "Work is refused at the door: the API or SQS fails"),
            (
                "refuses",
                "4xx",
                REFUSED,
                "Work is refused at the door: by IAM, the limits, the queue or its key",
            ),
        ):
            raise_above(
                f"{name}-{alarm}",
                Metric(namespace="AWS/ApiGateway", name=metric, dimensions={"ApiId": api.id}, statistic="Sum"),
                most,
                says=says,
                alerting=args.alerting,
                parent=self,
            )
        self.url = pulumi.Output.concat(api.api_endpoint, ROUTE.partition(" ")[2])
        self.api_arn, self.role_arn, self.log_group_arn = stage.execution_arn, role.arn, logs.arn
        self.register_outputs(
            {"url": self.url, "api_arn": self.api_arn, "role_arn": self.role_arn, "log_group_arn": self.log_group_arn}
        )
