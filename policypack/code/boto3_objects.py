"""What the attributes and calls of boto3's own things are: clients, sessions, and the objects of resources."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from policypack.code.operations import WAITERS, needs_of
from policypack.code.values import FOREIGN, NONE, OPAQUE, Kind, Value, Values, many, one, texts

if TYPE_CHECKING:
    from policypack.code.analysis_state import Scope, State

_QUIET: Final = frozenset(("meta", "exceptions", "close", "can_paginate", "waiter_names"))
"""Attributes of clients that are no operations."""

_META: Final = " meta"
_ASKING: Final = frozenset(("get_paginator", "get_waiter", "generate_presigned_url"))
_CREDENTIALS: Final = frozenset(("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name"))
_OF_BOTO: Final = {
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
"""Names of the same things; a session of botocore's is like one of boto3's, but for the name of one method."""

_HARMLESS: Final = frozenset(
    (
        *("boto3.dynamodb", "boto3.exceptions", "boto3.set_stream_logger", "boto3.__version__", "boto3.s3"),
        *("boto3.Session.region_name", "boto3.Session.profile_name"),
    )
)

_TABLE: Final = ("batch_get_item", "delete_item", "get_item", "put_item", "query", "scan", "update_item")
_FILES: Final = ("copy", "download_file", "download_fileobj", "upload_file", "upload_fileobj")
_OBJECT: Final = {
    **{name: name for name in _FILES},
    "copy_from": "copy_object",
    "delete": "delete_object",
    "get": "get_object",
    "load": "head_object",
    "put": "put_object",
}

METHODS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "dynamodb": {"Table": ("", "dynamodb.Table"), "batch_get_item": ("batch_get_item", "")},
    "dynamodb.Table": {
        **{name: (name, "") for name in _TABLE},
        "batch_writer": ("batch_write_item", "dynamodb.batch"),
        "load": ("describe_table", ""),
        "reload": ("describe_table", ""),
    },
    "dynamodb.batch": {"put_item": ("batch_write_item", ""), "delete_item": ("batch_write_item", "")},
    "s3": {"Bucket": ("", "s3.Bucket"), "Object": ("", "s3.Object")},
    "s3.Bucket": {
        **{name: (name, "") for name in _FILES},
        "Object": ("", "s3.Object"),
        "delete_objects": ("delete_objects", ""),
        "put_object": ("put_object", "s3.Object"),
    },
    "s3.objects": {
        **dict.fromkeys(("all", "filter", "limit", "page_size", "pages"), ("list_objects_v2", "s3.objects")),
        "delete": ("delete_objects", ""),
    },
    "s3.Object": {name: (operation, "") for name, operation in _OBJECT.items()},
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
"""Of resources and their objects: the operation that a method calls, if any, and the object it gives, if any.

Boto3 documentation, "Resources", and the reference pages of the services.
"""

_PLAIN: Final = {
    "dynamodb.Table": ("name", "table_name"),
    "s3.Bucket": ("name",),
    "s3.Object": ("key", "bucket_name"),
    "sns.Topic": ("arn",),
    "sqs.Queue": ("url",),
    "sqs.Message": ("body", "message_id", "receipt_handle", "message_attributes"),
    "s3.objects": (),
}
"""Attributes that are known without a call."""


def attribute(state: State, scope: Scope, node: ast.Attribute, value: Value) -> Values:
    """What an attribute of boto3 or of one of its objects is. Clients are asked all together: `operation`."""
    name = node.attr
    if value.kind is Kind.FOREIGN:
        return FOREIGN
    if value.kind is Kind.BOTO:
        path = f"{value.name}.{name}"
        if path in _OF_BOTO:
            return one(Kind.BOTO, _OF_BOTO[path])
        if path not in _HARMLESS:
            state.give_up(scope, node)
        return OPAQUE
    if value.kind is Kind.ANSWER:
        meta = value.name.endswith(_META) and name == "client"
        return one(Kind.CLIENT, value.name.removesuffix(_META)) if meta else OPAQUE
    return _of_object(state, scope, node, value)


def _of_object(state: State, scope: Scope, node: ast.Attribute, value: Value) -> Values:
    name, service = node.attr, value.name.partition(".")[0]
    if name == "meta":
        return one(Kind.ANSWER, f"{service}{_META}")
    if name in METHODS.get(value.name, {}):
        operation, gives = METHODS[value.name][name]
        if operation:
            state.record(scope, node, service, operation)
        return one(Kind.ANSWER, gives)
    if value.name == "s3.Bucket" and name == "objects":
        state.record(scope, node, service, "list_objects_v2")
        return one(Kind.OBJECT, "s3.objects")
    if name not in _PLAIN.get(value.name, ()):
        state.give_up(scope, node)
    return OPAQUE


def operation(state: State, scope: Scope, node: ast.AST, name: str, services: frozenset[str]) -> Values:
    """What an attribute of a client is, of one of these services: most are operations, and then are called."""
    if name in _QUIET:
        return OPAQUE
    if name in _ASKING:
        return frozenset(Value(Kind.ASKING, f"{service}.{name}") for service in services)
    if name == "generate_presigned_post":
        name = "put_object"
    found = [service for service in services if needs_of(service, name) is not None]
    if len(found) == 1 and not name.startswith("_"):
        state.record(scope, node, found[0], name)
    else:
        state.give_up(scope, node)
    return OPAQUE


def call(state: State, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]) -> Values:
    """What a call of something of boto3's gives. `arguments` by name, positional ones by their number."""
    if value.kind is Kind.FOREIGN:
        return FOREIGN
    if value.kind is Kind.ANSWER:
        return _answered(value.name)
    if value.kind is Kind.ASKING:
        return _asked(state, scope, node, value, arguments)
    if value.kind is Kind.BOTO and value.name.startswith("boto3.") and value.name != "boto3.session":
        if _CREDENTIALS & arguments.keys() or any(
            isinstance(part, ast.Name | ast.Attribute) and ast.unparse(part).endswith("UNSIGNED")
            for keyword in node.keywords
            for part in ast.walk(keyword.value)
        ):
            return FOREIGN
        if value.name == "boto3.Session":
            if any(not keyword.arg for keyword in node.keywords) or "0" in arguments:
                state.give_up(scope, node)
            return one(Kind.BOTO, "boto3.Session")
        return _made(state, scope, node, value, arguments)
    state.give_up(scope, node)
    return OPAQUE


def _answered(gives: str) -> Values:
    if gives == "sqs.messages":
        return many(one(Kind.OBJECT, "sqs.Message"))
    return one(Kind.OBJECT, gives) if gives else OPAQUE


def _made(state: State, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]) -> Values:
    services = texts(arguments.get("0", arguments.get("service_name", NONE)))
    if services is None:
        state.give_up(scope, node)
        return OPAQUE
    kind = Kind.CLIENT if value.name == "boto3.client" else Kind.RESOURCE
    return frozenset(Value(kind, service) for service in services)


def _asked(state: State, scope: Scope, node: ast.Call, value: Value, arguments: dict[str, Values]) -> Values:
    service, _, what = value.name.partition(".")
    names = texts(arguments.get("0", arguments.get(_NAMING[what], NONE)))
    for name in sorted(names or ()):
        meant = WAITERS.get(f"{service}.{name}") if what == "get_waiter" else name
        if meant is None:
            state.give_up(scope, node)
        else:
            operation(state, scope, node, meant, frozenset((service,)))
    if names is None:
        state.give_up(scope, node)
    return OPAQUE


_NAMING: Final = {
    "get_paginator": "operation_name",
    "get_waiter": "waiter_name",
    "generate_presigned_url": "ClientMethod",
}
