"""The attributes and call results of boto3's objects: sessions, clients and resources."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from policypack.code.required_actions import WAITER_OPERATIONS, required_actions
from policypack.code.values import (
    NO_VALUES,
    OPAQUE,
    OTHER_CREDENTIALS,
    Value,
    ValueKind,
    Values,
    collection_of,
    single,
    string_values,
)

if TYPE_CHECKING:
    from policypack.code.analysis_state import AnalysisState, Scope

_CLIENT_ATTRIBUTES: Final = frozenset(("meta", "exceptions", "close", "can_paginate", "waiter_names"))
"""Attributes of clients that are not operations."""

_META_SUFFIX: Final = " meta"
_OPERATION_NAME_METHODS: Final = frozenset(("get_paginator", "get_waiter", "generate_presigned_url"))
_CREDENTIAL_ARGUMENTS: Final = frozenset(
    ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name")
)
_BOTO_NAMES: Final = {
    "boto3.client": "boto3.client",
    "boto3.resource": "boto3.resource",
    "boto3.Session": "boto3.Session",
    "boto3.session": "boto3.session",
    "boto3.session.Session": "boto3.Session",
    "boto3.Session.client": "boto3.client",
    "boto3.Session.resource": "boto3.resource",
    "boto3.Session.create_client": "boto3.client",
    "botocore.session.Session": "boto3.Session",
    "botocore.session.get_session": "boto3.Session",
}
"""Equivalent names. A botocore session is treated like a boto3 session; only the name of one method differs."""

_NAMES_WITHOUT_CALLS: Final = frozenset(
    (
        *("boto3.dynamodb", "boto3.exceptions", "boto3.set_stream_logger", "boto3.__version__", "boto3.s3"),
        *("boto3.Session.region_name", "boto3.Session.profile_name"),
    )
)

_TABLE_OPERATIONS: Final = ("batch_get_item", "delete_item", "get_item", "put_item", "query", "scan", "update_item")
_FILE_OPERATIONS: Final = ("copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj")
_OBJECT_METHODS: Final = {
    **{name: name for name in _FILE_OPERATIONS},
    "copy_from": "copy_object",
    "delete": "delete_object",
    "get": "get_object",
    "load": "head_object",
    "put": "put_object",
}

RESOURCE_METHODS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "dynamodb": {"Table": ("", "dynamodb.Table"), "batch_get_item": ("batch_get_item", "")},
    "dynamodb.Table": {
        **{name: (name, "") for name in _TABLE_OPERATIONS},
        "batch_writer": ("batch_write_item", "dynamodb.batch"),
        "load": ("describe_table", ""),
        "reload": ("describe_table", ""),
    },
    "dynamodb.batch": {"put_item": ("batch_write_item", ""), "delete_item": ("batch_write_item", "")},
    "s3": {"Bucket": ("", "s3.Bucket"), "Object": ("", "s3.Object")},
    "s3.Bucket": {
        **{name: (name, "") for name in _FILE_OPERATIONS},
        "Object": ("", "s3.Object"),
        "delete_objects": ("delete_objects", ""),
        "put_object": ("put_object", "s3.Object"),
    },
    "s3.objects": {
        **dict.fromkeys(("all", "filter", "limit", "page_size", "pages"), ("list_objects_v2", "s3.objects")),
        "delete": ("delete_objects", ""),
    },
    "s3.Object": {name: (operation, "") for name, operation in _OBJECT_METHODS.items()},
    "sns": {"Topic": ("", "sns.Topic")},
    "sns.Topic": {"publish": ("publish", "")},
    "sqs": {"Queue": ("", "sqs.Queue"), "get_queue_by_name": ("get_queue_url", "sqs.Queue")},
    "sqs.Queue": {
        "change_message_visibility_batch": ("change_message_visibility_batch", ""),
        "delete_messages": ("delete_message_batch", ""),
        "purge": ("purge_queue", ""),
        "receive_messages": ("receive_message", "sqs.messages"),
        "send_message": ("send_message", ""),
        "send_messages": ("send_message_batch", ""),
    },
    "sqs.Message": {"delete": ("delete_message", ""), "change_visibility": ("change_message_visibility", "")},
}
"""The methods of service resources and their objects: the operation that is called and the object that is returned.

Either is empty if there is none. Source: boto3 documentation, "Resources", and the reference pages of the services.
"""

_ATTRIBUTES_WITHOUT_CALLS: Final = {
    "dynamodb.Table": ("name", "table_name"),
    "s3.Bucket": ("name",),
    "s3.Object": ("key", "bucket_name"),
    "sns.Topic": ("arn",),
    "sqs.Queue": ("url",),
    "sqs.Message": ("body", "message_id", "receipt_handle", "message_attributes"),
    "s3.objects": (),
}
"""Attributes that boto3 returns without a call."""


def attribute_values(state: AnalysisState, scope: Scope, node: ast.Attribute, value: Value) -> Values:
    """The values of an attribute of boto3 or of one of its objects, except clients (`client_attribute_values`)."""
    name = node.attr
    if value.kind is ValueKind.OTHER_CREDENTIALS:
        return OTHER_CREDENTIALS
    if value.kind is ValueKind.BOTO:
        path = f"{value.name}.{name}"
        if path in _BOTO_NAMES:
            return single(ValueKind.BOTO, _BOTO_NAMES[path])
        if path not in _NAMES_WITHOUT_CALLS:
            state.mark_unresolved(scope, node)
        return OPAQUE
    if value.kind is ValueKind.METHOD:
        meta = value.name.endswith(_META_SUFFIX) and name == "client"
        return single(ValueKind.CLIENT, value.name.removesuffix(_META_SUFFIX)) if meta else OPAQUE
    return _resource_attribute_values(state, scope, node, value)


def _resource_attribute_values(state: AnalysisState, scope: Scope, node: ast.Attribute, value: Value) -> Values:
    name, service = node.attr, value.name.partition(".")[0]
    if name == "meta":
        return single(ValueKind.METHOD, f"{service}{_META_SUFFIX}")
    if name in RESOURCE_METHODS.get(value.name, {}):
        operation, result = RESOURCE_METHODS[value.name][name]
        if operation:
            state.record_call(scope, node, service, operation)
        return single(ValueKind.METHOD, result)
    if value.name == "s3.Bucket" and name == "objects":
        state.record_call(scope, node, service, "list_objects_v2")
        return single(ValueKind.OBJECT, "s3.objects")
    if name not in _ATTRIBUTES_WITHOUT_CALLS.get(value.name, ()):
        state.mark_unresolved(scope, node)
    return OPAQUE


def client_attribute_values(
    state: AnalysisState, scope: Scope, node: ast.AST, name: str, services: frozenset[str]
) -> Values:
    """The values of an attribute of a client for one of these services. Operations are recorded as calls."""
    if name in _CLIENT_ATTRIBUTES:
        return OPAQUE
    if name in _OPERATION_NAME_METHODS:
        return frozenset(Value(ValueKind.NAMED_OPERATION, f"{service}.{name}") for service in services)
    if name == "generate_presigned_post":
        name = "put_object"
    found = [service for service in services if required_actions(service, name) is not None]
    if len(found) == 1 and not name.startswith("_"):
        state.record_call(scope, node, found[0], name)
    else:
        state.mark_unresolved(scope, node)
    return OPAQUE


def call_result(
    state: AnalysisState, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]
) -> Values:
    """The result of calling a boto3 object. `arguments` are by name, positional ones by their index as text."""
    if value.kind is ValueKind.OTHER_CREDENTIALS:
        return OTHER_CREDENTIALS
    if value.kind is ValueKind.METHOD:
        return _method_result(value.name)
    if value.kind is ValueKind.NAMED_OPERATION:
        return _named_operation_result(state, scope, node, value, arguments)
    if value.kind is ValueKind.BOTO and value.name.startswith("boto3.") and value.name != "boto3.session":
        if _CREDENTIAL_ARGUMENTS & arguments.keys() or any(
            isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part).endswith("UNSIGNED")
            for keyword in node.keywords
            for part in ast.walk(keyword.value)
        ):
            return OTHER_CREDENTIALS
        if value.name == "boto3.Session":
            if any(not keyword.arg for keyword in node.keywords) or "0" in arguments:
                state.mark_unresolved(scope, node)
            return single(ValueKind.BOTO, "boto3.Session")
        return _new_client_or_resource(state, scope, node, value, arguments)
    state.mark_unresolved(scope, node)
    return OPAQUE


def _method_result(result: str) -> Values:
    if result == "sqs.messages":
        return collection_of(single(ValueKind.OBJECT, "sqs.Message"))
    return single(ValueKind.OBJECT, result) if result else OPAQUE


def _new_client_or_resource(
    state: AnalysisState, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]
) -> Values:
    services = string_values(arguments.get("0", arguments.get("service_name", NO_VALUES)))
    if services is None:
        state.mark_unresolved(scope, node)
        return OPAQUE
    kind = ValueKind.CLIENT if value.name == "boto3.client" else ValueKind.RESOURCE
    return frozenset(Value(kind, service) for service in services)


def _named_operation_result(
    state: AnalysisState, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]
) -> Values:
    service, _, method = value.name.partition(".")
    names = string_values(arguments.get("0", arguments.get(_OPERATION_NAME_ARGUMENTS[method], NO_VALUES)))
    for name in sorted(names or ()):
        operation = WAITER_OPERATIONS.get(f"{service}.{name}") if method == "get_waiter" else name
        if operation is None:
            state.mark_unresolved(scope, node)
        else:
            client_attribute_values(state, scope, node, operation, frozenset((service,)))
    if names is None:
        state.mark_unresolved(scope, node)
    return OPAQUE


_OPERATION_NAME_ARGUMENTS: Final = {
    "get_paginator": "operation_name",
    "get_waiter": "waiter_name",
    "generate_presigned_url": "ClientMethod",
}
