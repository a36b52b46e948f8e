"""Roles that can use the customer managed KMS keys of the data that they work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.arn_index import ArnIndex
from policypack.access.required_permissions import PermissionTarget, findings, missing_permissions
from policypack.access.role_grants import permissions_of
from policypack.access.wiring import Wiring
from policypack.access.workloads import grants_on_named_resources
from policypack.iam.wildcards import brief_list
from policypack.model import (
    BUCKET,
    BUCKET_ENCRYPTION,
    EVENT_SOURCE_MAPPING,
    KEY,
    KEY_ALIAS,
    KEY_GRANT,
    QUEUE,
    ROLE,
    SECRET,
    STREAM,
    TABLE,
    TOPIC,
    Resource,
    Stack,
    Undecided,
    is_unknown,
)
from policypack.model.encryption_keys import KMS_KEY_PROPERTIES
from policypack.rule import Findings, Level, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECRYPT: Final = (("kms:Decrypt",),)
_GENERATE: Final = (("kms:GenerateDataKey",),)
_BOTH: Final = (*_GENERATE, *_DECRYPT)
_ITEMS: Final = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem")


class _Use(msgspec.Struct, frozen=True):
    """Actions on a resource and the permissions on its key that they need. `inside` is appended to the ARN."""

    actions: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    inside: str = ""


_USES: Final[dict[str, tuple[_Use, ...]]] = {
    QUEUE: (_Use(("sqs:SendMessage",), _BOTH),),
    TOPIC: (_Use(("sns:Publish",), _BOTH),),
    TABLE: (_Use(tuple(f"dynamodb:{verb}" for verb in _ITEMS), _DECRYPT),),
    STREAM: (_Use(("kinesis:PutRecord", "kinesis:PutRecords"), _GENERATE),),
    SECRET: (_Use(("secretsmanager:GetSecretValue",), _DECRYPT, "-??????"),),
    BUCKET: (_Use(("s3:GetObject",), _DECRYPT, "/*"), _Use(("s3:PutObject",), _GENERATE, "/*")),
}
"""The developer guides of the services, each under "Key management" or "Permissions" of encryption at rest."""


@rule(
    on=EVENT_SOURCE_MAPPING,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow kms:Decrypt on the key, with kms:ViaService, in an aws.iam.RolePolicy of the function's role.",
    terms=("CMK", "SSE-KMS", "KMS.AccessDeniedException", "ESM"),
)
def event_source_mapping_role_can_decrypt_source(mapping: Resource, stack: Stack) -> Findings:
    """Lambda cannot read an encrypted queue or stream if the function's execution role may not decrypt with its key.

    The rule judges SQS queues and Kinesis streams that are encrypted with a customer managed key of the stack. A KMS
    grant or a key policy that names the role is enough (SQS developer guide, "Key management": "Configuring AWS KMS
    permissions").
    """
    source, function = stack.source_of(mapping), stack.target_of(mapping)
    role = stack.role_of(function) if function is not None else None
    if source is None or role is None or source.type not in {QUEUE, STREAM}:
        return
    key = _key_of(source, stack)
    if key is not None and not _has_grant(stack, key, role):
        found = missing_permissions(stack, role, _DECRYPT, _target(stack, key))
        does = f"reads {source.name} (encrypted with KMS key {key.name}) with role {role.name}"
        yield from findings(found, does, "eventSourceArn")


@rule(
    on=ROLE,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    fix="Allow the missing actions on the key, with kms:ViaService, in an aws.iam.RolePolicy of the role.",
    terms=("CMK", "SSE-KMS", "kms:Decrypt", "KMS.AccessDeniedException"),
)
def role_can_use_kms_keys_of_its_resources(role: Resource, stack: Stack) -> Findings:
    """KMS refuses access to encrypted data if the role may use the resource, but not the key that encrypts it.

    The rule judges the queues, topics, tables, streams, secrets and buckets that the settings of the role's workloads
    or the role's policies name, if they are encrypted with a customer managed key of the stack (developer guides of
    these services, "Key management" or "Encryption at rest").
    """
    permissions = permissions_of(stack, role)
    for resource in _resources_used(role, stack):
        arn, key = stack.cached(ArnIndex).arn_of(resource), _key_of(resource, stack)
        if key is None or arn is None or _has_grant(stack, key, role):
            continue
        needs: dict[tuple[str, ...], None] = {}
        for use in _USES[resource.type]:
            answers = [permissions.grants.allows(one, arn + use.inside) for one in use.actions]
            if True in answers:
                needs.update(dict.fromkeys(use.needs))
            elif None in answers:
                yield permissions.why_incomplete()
        found = missing_permissions(stack, role, needs, _target(stack, key))
        if found.actions:
            yield f"uses {resource.name}, but lacks {brief_list(found.actions)} on its KMS key {key.name}"
        if found.undecided is not None:
            yield found.undecided


def _resources_used(role: Resource, stack: Stack) -> Iterator[Resource]:
    """The resources that the settings of the role's workloads or the ARNs in its policies name."""
    found: dict[str, None] = {}
    users = list(stack.resources_with_role(role))
    for user in users:
        found.update(dict.fromkeys(sorted(stack.cached(Wiring).connections_of(user).direct)))
    if not users:
        return
    for grant in grants_on_named_resources(stack, role):
        owner = stack.cached(ArnIndex).first_match(grant.resource)
        if owner is not None:
            found[owner.urn] = None
    for urn in found:
        resource = stack.by_urn.get(urn)
        if resource is not None and resource.type in _USES:
            yield resource


def _key_of(resource: Resource, stack: Stack) -> Resource | None:
    """The customer managed key of the stack that a resource is encrypted with."""
    if resource.type == BUCKET:
        settings = stack.cached(_bucket_encryption).get(resource.urn)
        return _key_of(settings, stack) if settings is not None else None
    path = KMS_KEY_PROPERTIES[resource.type]
    value = resource.get(path)
    if value is None or (is_unknown(value) and not resource.dependencies_of(path)):
        return None  # a value that AWS sets, unknown at preview, such as the AWS managed key of a table
    found = stack.linked(resource, path, KEY, KEY_ALIAS)
    return stack.linked(found, "targetKeyId", KEY) if found is not None and found.type == KEY_ALIAS else found


def _bucket_encryption(stack: Stack) -> dict[str, Resource]:
    return {
        bucket.urn: settings
        for settings in stack.of_type(BUCKET_ENCRYPTION)
        for bucket in stack.dependencies_of(settings, "bucket")
    }


def _target(stack: Stack, key: Resource) -> PermissionTarget:
    return PermissionTarget("kms", stack.cached(ArnIndex).arn_of(key) or "arn:*:kms:*:*:key/*", key, key.name)


def _has_grant(stack: Stack, key: Resource, role: Resource) -> bool:
    """Whether a KMS grant lets the role, or a principal that is unknown yet, use the key."""
    return bool({role.urn, ""} & stack.cached(_grantees).get(key.urn, set()))


def _grantees(stack: Stack) -> dict[str, set[str]]:
    """The roles with KMS grants on each key, as URNs; an empty one for a principal that is unknown."""
    found: dict[str, set[str]] = {}
    for grant in stack.of_type(KEY_GRANT):
        for key in stack.dependencies_of(grant, "keyId"):
            try:
                role = stack.linked(grant, "granteePrincipal", ROLE)
            except Undecided:
                found.setdefault(key.urn, set()).add("")
            else:
                found.setdefault(key.urn, set()).add(role.urn if role is not None else "elsewhere")
    return found
