"""An HTTP API in front of a queue: who gets in, what arrives, under whose permissions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow, document, eventually, unique
from tests.localcloud.aws.signed_requests import OWNER, assumed, post

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

INVOKE = "arn:aws:execute-api:eu-west-1:123456789012"


@dataclass
class Api:
    """An API whose route POST /items sends to a queue."""

    cloud: Cloud
    id: str
    url: str
    role: str
    queue_url: str
    queue: str

    def received(self) -> list[str]:
        """Take what is in the queue."""
        got = self.cloud("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [each["Body"] for each in got.get("Messages", [])]


def api(cloud: Cloud, parameters: dict[str, str] | None = None, **queue: str) -> Api:
    """Make one with the stage $default."""
    client, (url, arn) = cloud("apigatewayv2"), cloud.queue(**queue)
    role = cloud.role(allow("sqs:SendMessage", arn), service="apigateway.amazonaws.com")
    made = client.create_api(Name=unique("api"), ProtocolType="HTTP")
    integration = client.create_integration(
        ApiId=made["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationSubtype="SQS-SendMessage",
        CredentialsArn=role,
        PayloadFormatVersion="1.0",
        RequestParameters={"QueueUrl": url, "MessageBody": "$request.body"} | (parameters or {}),
    )
    target = f"integrations/{integration['IntegrationId']}"
    client.create_route(ApiId=made["ApiId"], RouteKey="POST /items", AuthorizationType="AWS_IAM", Target=target)
    client.create_stage(ApiId=made["ApiId"], StageName="$default", AutoDeploy=True)
    return Api(cloud, made["ApiId"], f"{made['ApiEndpoint']}/items", role, url, arn)


def test_a_signed_request_becomes_a_message(cloud: Cloud) -> None:
    """The body, unchanged; the answer is the queue's."""
    one = api(cloud)
    assert one.url.startswith("http://127.0.0.1:")
    status, said = post(one.url, {"id": "item-1", "features": [1.0]}, OWNER)
    assert status == 200
    assert "<SendMessageResult><MessageId>" in said
    assert [json.loads(each) for each in one.received()] == [{"id": "item-1", "features": [1.0]}]


def test_who_gets_in(cloud: Cloud) -> None:
    """Nobody without a signature, and of the roles those that may invoke this very route."""
    one, role = api(cloud), cloud.role()
    assert post(one.url, {}, None) == (403, '{"message": "Forbidden"}')
    assert post(one.url, {}, assumed(cloud, role))[0] == 403
    cloud.grant(role, allow("execute-api:Invoke", f"{INVOKE}:{one.id}/$default/POST/things"))
    assert post(one.url, {}, assumed(cloud, role))[0] == 403
    cloud.grant(role, allow("execute-api:Invoke", f"{INVOKE}:{one.id}/$default/POST/items"))
    assert post(one.url, {}, assumed(cloud, role))[0] == 200
    assert post(one.url.replace("items", "things"), {}, OWNER)[0] == 404
    assert one.received() == ["{}"]


def test_a_queue_that_refuses_plain_http_takes_it(cloud: Cloud) -> None:
    """API Gateway asks SQS over TLS, as everybody does."""
    one = api(cloud)
    refuse = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": one.queue, "Condition": refuse}
    cloud("sqs").set_queue_attributes(QueueUrl=one.queue_url, Attributes={"Policy": document(statement)})
    assert post(one.url, {"id": "item-1"}, OWNER)[0] == 200
    assert one.received() == ['{"id": "item-1"}']


def test_who_is_turned_away_is_a_line_in_the_log_too(cloud: Cloud) -> None:
    """Whether for want of a signature or of a permission."""
    one, group = api(cloud), unique("access")
    cloud("logs").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}"
    cloud("apigatewayv2").update_stage(
        ApiId=one.id, StageName="$default", AccessLogSettings={"DestinationArn": arn, "Format": "$context.status"}
    )
    assert post(one.url, {}, None)[0] == post(one.url, {}, assumed(cloud, cloud.role()))[0] == 403
    eventually(lambda: len(cloud("logs").filter_log_events(logGroupName=group)["events"]) == 2)


def test_it_sends_with_its_role(cloud: Cloud) -> None:
    """A role that lacks the permission, or that API Gateway may not take, sends nothing; a customer key needs more."""
    one = api(cloud)
    cloud.grant(one.role, allow("sqs:ReceiveMessage", one.queue))
    status, said = post(one.url, {}, OWNER)
    assert (status, "<Code>AccessDenied</Code>" in said) == (403, True)
    key = cloud("kms").create_key()["KeyMetadata"]["Arn"]
    secret = api(cloud, KmsMasterKeyId=key)
    assert post(secret.url, {}, OWNER)[0] == 403
    sending = allow("sqs:SendMessage", secret.queue)
    cloud.grant(secret.role, sending, allow(["kms:GenerateDataKey", "kms:Decrypt"], key))
    assert post(secret.url, {}, OWNER)[0] == 200
    name = secret.role.rpartition("/")[2]
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    cloud("iam").update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    assert post(secret.url, {}, OWNER)[0] == 500
    assert len(secret.received()) == 1
    assert one.received() == []


def test_parts_of_the_request_become_parts_of_the_message(cloud: Cloud) -> None:
    """A field of the body, and attributes with what is known of the request."""
    attributes = {"stage": {"DataType": "String", "StringValue": "${context.stage}"}}
    one = api(cloud, {"MessageBody": "$request.body.order.id", "MessageAttributes": json.dumps(attributes)})
    assert post(one.url, {"order": {"id": "17"}}, OWNER)[0] == 200
    got = cloud("sqs").receive_message(QueueUrl=one.queue_url, MessageAttributeNames=["All"])["Messages"][0]
    assert (got["Body"], got["MessageAttributes"]["stage"]["StringValue"]) == ("17", "$default")
    assert post(one.url, {"order": {}}, OWNER)[0] == 400


def test_throttle_and_access_log(cloud: Cloud) -> None:
    """More at once than the stage allows is refused, and every request is a line."""
    one, group = api(cloud), unique("access")
    cloud("logs").create_log_group(logGroupName=group)
    cloud("apigatewayv2").update_stage(
        ApiId=one.id,
        StageName="$default",
        DefaultRouteSettings={"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.01},
        AccessLogSettings={
            "DestinationArn": f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}",
            "Format": '{"route":"$context.routeKey","status":"$context.status","caller":"$context.identity.sourceIp"}',
        },
    )
    statuses = [post(one.url, {}, OWNER)[0] for _ in range(3)]
    assert statuses == [200, 200, 429]

    def lines() -> list[dict[str, Any]]:
        found = cloud("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(each["message"]) for each in found]

    eventually(lambda: len(lines()) == 3)
    assert [each["status"] for each in lines()] == ["200", "200", "429"]
    assert lines()[0] == {"route": "POST /items", "status": "200", "caller": "127.0.0.1"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"RequestParameters": {"QueueUrl": "u"}}, "Missing required request parameters: MessageBody"),
        ({"RequestParameters": {"QueueUrl": "u", "MessageBody": "b", "Colour": "red"}}, "Unsupported .*: Colour"),
        ({"CredentialsArn": ""}, "Credentials ARN must be specified"),
        ({"PayloadFormatVersion": "2.0"}, r"PayloadFormatVersion 1\.0 is required"),
        ({"IntegrationSubtype": "SQS-Sing"}, "no integration subtype SQS-Sing"),
    ],
)
def test_integrations_that_cannot_work(cloud: Cloud, change: dict[str, Any], reason: str) -> None:
    """They are not created."""
    client = cloud("apigatewayv2")
    made = client.create_api(Name=unique("api"), ProtocolType="HTTP")["ApiId"]
    wanted = {
        "ApiId": made,
        "IntegrationType": "AWS_PROXY",
        "IntegrationSubtype": "SQS-SendMessage",
        "CredentialsArn": "arn:aws:iam::123456789012:role/r",
        "PayloadFormatVersion": "1.0",
        "RequestParameters": {"QueueUrl": "u", "MessageBody": "b"},
    }
    with pytest.raises(ClientError, match=f"BadRequestException.*{reason}"):
        client.create_integration(**wanted | change)
    assert client.get_integrations(ApiId=made)["Items"] == []
