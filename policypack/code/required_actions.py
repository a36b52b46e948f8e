"""The IAM actions that an operation of boto3 requires.

In nearly all services the action has the name of the operation: `put_item` of `dynamodb` requires `dynamodb:PutItem`.
The tables list the exceptions. Sources: Service Authorization Reference and the permission tables of the services.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from policypack.iam.actions import find_action, service_exists


class RequiredActions(NamedTuple):
    """The actions of one operation.

    All groups in `all_of` are required; any one action of a group is enough. `optional` actions are required only for
    some uses of the operation.
    """

    all_of: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()


IAM_PREFIXES: Final = {
    "apigatewaymanagementapi": "execute-api",
    "appconfigdata": "appconfig",
    "bedrock-agent": "bedrock",
    "bedrock-agent-runtime": "bedrock",
    "bedrock-runtime": "bedrock",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "iot-data": "iot",
    "lex-runtime": "lex",
    "lexv2-runtime": "lex",
    "location": "geo",
    "opensearch": "es",
    "personalize-events": "personalize",
    "personalize-runtime": "personalize",
    "pinpoint": "mobiletargeting",
    "resourcegroupstaggingapi": "tag",
    "sagemaker-featurestore-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "sagemaker-runtime": "sagemaker",
    "sesv2": "ses",
    "stepfunctions": "states",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
}
"""The IAM prefix of boto3 services whose actions have another prefix than the service name in boto3."""

_UNSUPPORTED_SERVICES: Final = frozenset(
    ("apigateway", "cognito-identity", "cognito-idp", "importexport", "s3control", "sso", "sso-oidc")
)
"""Services whose operations and actions have different names, or some of whose operations require no action."""

_RESOURCE_POLICY_IS_ENOUGH: Final = frozenset(("kms",))
"""Services whose resource-based policy can allow a request by itself. Source: KMS developer guide, "Key policies"."""

_READ: Final = RequiredActions((("s3:GetObject", "s3:GetObjectVersion"),))
_WRITE: Final = RequiredActions(
    (("s3:PutObject",),),
    ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObjectTagging", "s3:PutObjectAcl"),
)
_COPY: Final = RequiredActions((*_READ.all_of, *_WRITE.all_of), (*_WRITE.optional, "s3:GetObjectTagging"))
_REMOVE: Final = RequiredActions((("s3:DeleteObject", "s3:DeleteObjectVersion"),))
_LIST: Final = RequiredActions((("s3:ListBucket",),))
_PARTIQL: Final = RequiredActions(
    (tuple(f"dynamodb:PartiQL{verb}" for verb in ("Select", "Insert", "Update", "Delete")),)
)
_MAIL: Final = RequiredActions((("ses:SendEmail", "ses:SendRawEmail"),))
_CONNECTIONS: Final = RequiredActions((("execute-api:ManageConnections",),))
_NO_ACTIONS: Final = RequiredActions()

REQUIRED_ACTIONS: Final = {
    "apigatewaymanagementapi.delete_connection": _CONNECTIONS,
    "apigatewaymanagementapi.get_connection": _CONNECTIONS,
    "apigatewaymanagementapi.post_to_connection": _CONNECTIONS,
    "bedrock-runtime.converse": RequiredActions((("bedrock:InvokeModel",),)),
    "bedrock-runtime.converse_stream": RequiredActions((("bedrock:InvokeModelWithResponseStream",),)),
    "dynamodb.batch_execute_statement": _PARTIQL,
    "dynamodb.batch_get_item": RequiredActions((("dynamodb:BatchGetItem",),), ("dynamodb:GetItem",)),
    "dynamodb.batch_write_item": RequiredActions(
        (("dynamodb:BatchWriteItem",),), ("dynamodb:PutItem", "dynamodb:DeleteItem")
    ),
    "dynamodb.execute_statement": _PARTIQL,
    "dynamodb.execute_transaction": _PARTIQL,
    "dynamodb.transact_get_items": RequiredActions((("dynamodb:GetItem",),)),
    "dynamodb.transact_write_items": RequiredActions(
        (("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),)
    ),
    "lambda.invoke": RequiredActions((("lambda:InvokeFunction",),)),
    "lambda.invoke_async": RequiredActions((("lambda:InvokeFunction", "lambda:InvokeAsync"),)),
    "lambda.invoke_with_response_stream": RequiredActions((("lambda:InvokeFunction",),)),
    "s3.complete_multipart_upload": _WRITE,
    "s3.copy": _COPY,
    "s3.copy_object": _COPY,
    "s3.create_multipart_upload": _WRITE,
    "s3.delete_object": _REMOVE,
    "s3.delete_objects": _REMOVE,
    "s3.download_file": _READ,
    "s3.download_fileobj": _READ,
    "s3.get_object": _READ,
    "s3.head_bucket": _LIST,
    "s3.head_object": _READ,
    "s3.list_buckets": RequiredActions((("s3:ListAllMyBuckets",),)),
    "s3.list_object_versions": RequiredActions((("s3:ListBucketVersions",),)),
    "s3.list_objects": _LIST,
    "s3.list_objects_v2": _LIST,
    "s3.put_object": _WRITE,
    "s3.select_object_content": _READ,
    "s3.upload_file": _WRITE,
    "s3.upload_fileobj": _WRITE,
    "s3.upload_part": _WRITE,
    "s3.upload_part_copy": _COPY,
    "ses.send_email": _MAIL,
    "ses.send_raw_email": _MAIL,
    "sesv2.send_email": _MAIL,
    "sns.publish_batch": RequiredActions((("sns:Publish",),)),
    "sqs.change_message_visibility_batch": RequiredActions((("sqs:ChangeMessageVisibility",),)),
    "sqs.delete_message_batch": RequiredActions((("sqs:DeleteMessage",),)),
    "sqs.send_message_batch": RequiredActions((("sqs:SendMessage",),)),
    "ssm.get_parameter": RequiredActions((("ssm:GetParameter",),), ("ssm:GetParameters",)),
    "sts.assume_role": RequiredActions((), ("sts:AssumeRole",)),  # the trust policy of the other role can be enough
    "sts.assume_role_with_saml": _NO_ACTIONS,
    "sts.assume_role_with_web_identity": _NO_ACTIONS,
    "sts.get_caller_identity": _NO_ACTIONS,
    "sts.get_session_token": _NO_ACTIONS,
}
"""Operations that require an action with another name, several actions, one of several actions, or none."""

WAITER_OPERATIONS: Final = {
    "dynamodb.table_exists": "describe_table",
    "dynamodb.table_not_exists": "describe_table",
    "lambda.function_active": "get_function_configuration",
    "lambda.function_active_v2": "get_function",
    "lambda.function_exists": "get_function",
    "lambda.function_updated": "get_function_configuration",
    "lambda.function_updated_v2": "get_function",
    "s3.bucket_exists": "head_bucket",
    "s3.bucket_not_exists": "head_bucket",
    "s3.object_exists": "head_object",
    "s3.object_not_exists": "head_object",
    "sagemaker.endpoint_in_service": "describe_endpoint",
}
"""The operation that each waiter calls."""


def required_actions(service: str, operation: str) -> RequiredActions | None:
    """The actions that an operation of a boto3 client requires. None if they are unknown."""
    known = REQUIRED_ACTIONS.get(f"{service}.{operation}")
    if known is not None:
        return known
    prefix = IAM_PREFIXES.get(service, service)
    if service in _UNSUPPORTED_SERVICES or not service_exists(prefix):
        return None
    found = find_action(f"{prefix}:{operation.replace('_', '')}")
    if found is None:
        return None
    if prefix in _RESOURCE_POLICY_IS_ENOUGH:
        return RequiredActions((), (found.full_name,))
    return RequiredActions(((found.full_name,),))
