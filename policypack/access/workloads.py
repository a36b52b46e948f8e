"""The workloads of a role: which resources use it, what they are wired to, and which resources the role names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.arn_index import ArnIndex, service_and_name
from policypack.access.role_grants import permissions_of
from policypack.access.wiring import Wiring
from policypack.model import (
    ENDPOINT_CONFIGURATION,
    EVENT_TARGET,
    FUNCTION,
    MODEL,
    PIPE,
    SCHEDULE,
    STACK_REFERENCE,
    STATE_MACHINE,
    Undecided,
)
from policypack.model.services import ARN_FORMATS
from policypack.model.values import texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.access.role_grants import RolePermissions
    from policypack.model import Location, Resource, Stack

_CONFIGURED_WORKLOADS: Final = frozenset(
    (FUNCTION, MODEL, ENDPOINT_CONFIGURATION, PIPE, SCHEDULE, EVENT_TARGET, STATE_MACHINE)
)
"""Workloads whose settings name the resources they use. An instance or a build uses what its scripts name."""

_SEARCHED_TYPES: Final = _CONFIGURED_WORKLOADS | ARN_FORMATS.keys()
_MIN_NAME_LENGTH: Final = 3
"""The characters that a resource's name needs to be searched for in other names: shorter ones occur by chance."""


class NamedResourceGrant(msgspec.Struct, frozen=True, eq=False):
    """The actions that a statement allows on one ARN pattern that names a resource.

    `resource`: the pattern. `place`: where it stands in the program. `other_stack`: whether the document is made from
    the outputs of another stack.
    """

    resource: str
    actions: tuple[str, ...]
    place: Location
    other_stack: bool


class RoleWorkloads(msgspec.Struct, frozen=True, eq=False):
    """The resources that use a role, and what they are wired to.

    `urns`: the resources that they are wired to. `texts`: the texts in the settings of all these, in lower case.
    `names`: the names of all these, in lower case. `unknown_setting`: the path of a setting that is not known, and may
    name any resource; empty where all are known.
    """

    users: tuple[Resource, ...]
    urns: frozenset[str]
    texts: tuple[str, ...]
    names: tuple[str, ...]
    unknown_setting: str

    def uses(self, stack: Stack, pattern: str) -> bool:
        """Whether they are wired to a resource of the stack that an ARN pattern may match."""
        index = stack.cached(ArnIndex)
        match = index.first_match(pattern)
        if match is None or match.urn in self.urns:
            return match is not None
        return any(index.may_match(one, pattern) for urn in self.urns if (one := stack.by_urn.get(urn)) is not None)

    def mentions(self, pattern: str) -> bool:
        """Whether their settings contain the name in an ARN pattern, or that name contains the name of one of them.

        The second holds for log groups, which are named after their function or endpoint.
        """
        service, name = service_and_name(pattern) or ("", "")
        name = name.strip("/:-").lower()
        wanted = {name, name.split("/")[0]} if service == "s3" else {name}
        if any(_contains_name(text, part) for part in wanted for text in self.texts):
            return True
        return any(_contains_name(name, own) for own in self.names)


def grants_on_named_resources(stack: Stack, role: Resource) -> tuple[NamedResourceGrant, ...]:
    """What a role grants on resources that its documents name: one entry for each statement and resource."""
    known = stack.cached(_grants_by_role)
    if role.urn not in known:
        known[role.urn] = tuple(_grants_on_named_resources(permissions_of(stack, role)))
    return known[role.urn]


def workloads_of(stack: Stack, role: Resource) -> RoleWorkloads | None:
    """The workloads of a role; None where nothing uses it, or where a user's settings do not name what it works with.

    Raises `Undecided` where it is not known what uses the role.
    """
    return stack.cached(_WorkloadsByRole).of(role)


def _grants_by_role(_: Stack) -> dict[str, tuple[NamedResourceGrant, ...]]:
    """By the URN of the role, for the roles that were asked about so far."""
    return {}


def _grants_on_named_resources(permissions: RolePermissions) -> Iterator[NamedResourceGrant]:
    groups: dict[tuple[int, str, str], tuple[Location, dict[str, None], bool]] = {}
    for effective in permissions.grants.effective_grants():
        if effective.resource is None or service_and_name(effective.resource) is None:
            continue
        key = (id(effective.grant.statement), effective.place, effective.resource)
        if key not in groups:
            document = permissions.document_of(effective)
            if document.arn:
                continue
            dependencies = document.holder.dependencies_of(document.path)
            other_stack = any(f"{STACK_REFERENCE}::" in urn for urn in dependencies)
            groups[key] = (permissions.at(effective), {}, other_stack)
        groups[key][1][effective.action] = None
    for key, (place, actions, other_stack) in groups.items():
        yield NamedResourceGrant(key[2], tuple(actions), place, other_stack)


class _WorkloadsByRole:
    """The workloads of the roles that were asked about so far."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[str, RoleWorkloads | Undecided | None] = {}

    def of(self, role: Resource) -> RoleWorkloads | None:
        if role.urn not in self._known:
            try:
                self._known[role.urn] = self._workloads(role)
            except Undecided as undecided:
                self._known[role.urn] = undecided
        known = self._known[role.urn]
        if isinstance(known, Undecided):
            raise Undecided(known.path)
        return known

    def _workloads(self, role: Resource) -> RoleWorkloads | None:
        users = tuple(self._stack.resources_with_role(role))
        if not users or any(user.type not in _CONFIGURED_WORKLOADS for user in users):
            return None
        connections = [self._stack.cached(Wiring).connections_of(user) for user in users]
        urns = frozenset(urn for one in connections for urn in one.urns)
        wired = [
            one for urn in urns if (one := self._stack.by_urn.get(urn)) is not None and one.type in _SEARCHED_TYPES
        ]
        texts = dict.fromkeys(text.lower() for one in connections for text in one.texts)
        texts.update(dict.fromkeys(text.lower() for one in wired for text in _property_texts(one)))
        unknown_setting = next((one.unknown_setting for one in connections if one.unknown_setting), "")
        return RoleWorkloads(users, urns, tuple(texts), tuple(_searched_names((*users, *wired))), unknown_setting)


def _searched_names(resources: Iterable[Resource]) -> dict[str, None]:
    """The names of resources that are long enough to be searched for, in lower case, each once."""
    names = (one.get(ARN_FORMATS[one.type].name if one.type in ARN_FORMATS else "name") for one in resources)
    return dict.fromkeys(name.lower() for name in names if isinstance(name, str) and len(name) >= _MIN_NAME_LENGTH)


def _contains_name(text: str, name: str) -> bool:
    """Whether a text contains a name, and not only a longer name with it inside: `work`, but not in `worker`."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(name, at + 1)
    return False


def _property_texts(resource: Resource) -> Iterator[str]:
    """The texts in a resource's properties, such as its name and the keys and URLs in its settings."""
    yield from texts_in({key: value for key, value in resource.value.items() if key not in {"policy", "tags"}})
