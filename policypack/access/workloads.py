"""The work that is done under a role: who does it, what it is wired to, and what the role grants it by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.arn_index import ArnIndex, service_and_name
from policypack.access.role_grants import permissions_of
from policypack.access.wiring import Wiring, texts_in
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.access.role_grants import RolePermissions
    from policypack.model import Location, Resource, Stack

_TOLD_BY_SETTINGS: Final = frozenset(
    (FUNCTION, MODEL, ENDPOINT_CONFIGURATION, PIPE, SCHEDULE, EVENT_TARGET, STATE_MACHINE)
)
"""Workloads whose settings say what they work with. What an instance or a build does, only its scripts know."""

_SAYING: Final = _TOLD_BY_SETTINGS | ARN_FORMATS.keys()
_SHORTEST: Final = 3  # characters of a name that are taken to mean it, wherever they stand


class NamedResourceGrant(msgspec.Struct, frozen=True, eq=False):
    """Actions that a statement allows on one resource by name: `place` is where that stands.

    `other_stack`: the document is made from what another stack exports.
    """

    resource: str
    actions: tuple[str, ...]
    place: Location
    other_stack: bool


class RoleWorkloads(msgspec.Struct, frozen=True, eq=False):
    """Those who work under a role, and what they are wired to.

    `texts`: all that their settings say, and those of what they are wired to. `called`: what all these are called.
    `open`: a setting that is not known.
    """

    users: tuple[Resource, ...]
    urns: frozenset[str]
    texts: tuple[str, ...]
    names: tuple[str, ...]
    unknown_setting: str

    def uses(self, stack: Stack, pattern: str) -> bool:
        """Whether it is wired to something of the stack that an ARN pattern is about."""
        owned = stack.cached(ArnIndex)
        owner = owned.first_match(pattern)
        if owner is None or owner.urn in self.urns:
            return owner is not None
        return any(owned.may_match(one, pattern) for urn in self.urns if (one := stack.by_urn.get(urn)) is not None)

    def mentions(self, pattern: str) -> bool:
        """Whether its settings name what an ARN pattern is about, or that is named after something of it.

        A log group is named after its function or endpoint.
        """
        service, name = service_and_name(pattern) or ("", "")
        name = name.strip("/:-").lower()
        parts = {name, name.split("/")[0]} if service == "s3" else {name}
        if any(_stands_in(part, text) for part in parts for text in self.texts):
            return True
        return any(_stands_in(called, name) for called in self.names)


def grants_on_named_resources(stack: Stack, role: Resource) -> tuple[NamedResourceGrant, ...]:
    """What a role grants on resources that it names, statement by statement and resource by resource."""
    known = stack.cached(_named_grants)
    if role.urn not in known:
        known[role.urn] = tuple(_named(permissions_of(stack, role)))
    return known[role.urn]


def workloads_of(stack: Stack, role: Resource) -> RoleWorkloads | None:
    """The work under a role; None where nobody works under it, or somebody whose settings tell nothing.

    Raises `Undecided` where it is not known who works under it.
    """
    return stack.cached(_Works).of(role)


def _named_grants(_: Stack) -> dict[str, tuple[NamedResourceGrant, ...]]:
    """By the URN of the role, as far as somebody has asked."""
    return {}


def _named(permissions: RolePermissions) -> Iterator[NamedResourceGrant]:
    groups: dict[tuple[int, str, str], tuple[Location, dict[str, None], bool]] = {}
    for reach in permissions.grants.effective_grants():
        if reach.resource is None or service_and_name(reach.resource) is None:
            continue
        key = (id(reach.grant.statement), reach.place, reach.resource)
        if key not in groups:
            held = permissions.document_of(reach)
            if held.arn:
                continue
            other = any(f"{STACK_REFERENCE}::" in urn for urn in held.holder.dependencies_of(held.path))
            groups[key] = (permissions.at(reach), {}, other)
        groups[key][1][reach.action] = None
    for key, (place, actions, other) in groups.items():
        yield NamedResourceGrant(key[2], tuple(actions), place, other)


class _Works:
    """The work under the roles of a stack that were asked about so far."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[str, RoleWorkloads | Undecided | None] = {}

    def of(self, role: Resource) -> RoleWorkloads | None:
        if role.urn not in self._known:
            try:
                self._known[role.urn] = self._work(role)
            except Undecided as undecided:
                self._known[role.urn] = undecided
        known = self._known[role.urn]
        if isinstance(known, Undecided):
            raise known
        return known

    def _work(self, role: Resource) -> RoleWorkloads | None:
        users = tuple(self._stack.resources_with_role(role))
        if not users or any(user.type not in _TOLD_BY_SETTINGS for user in users):
            return None
        wired = [self._stack.cached(Wiring).connections_of(user) for user in users]
        urns = frozenset(urn for one in wired for urn in one.urns)
        near = [one for urn in urns if (one := self._stack.by_urn.get(urn)) is not None and one.type in _SAYING]
        texts = dict.fromkeys(text.lower() for one in wired for text in one.texts)
        texts.update(dict.fromkeys(text.lower() for one in near for text in _said(one)))
        names = [one.get(ARN_FORMATS[one.type].name if one.type in ARN_FORMATS else "name") for one in (*users, *near)]
        called = dict.fromkeys(name.lower() for name in names if isinstance(name, str) and len(name) >= _SHORTEST)
        return RoleWorkloads(
            users,
            urns,
            tuple(texts),
            tuple(called),
            next((one.unknown_setting for one in wired if one.unknown_setting), ""),
        )


def _stands_in(name: str, text: str) -> bool:
    """Whether a text names something, and not only something that starts or ends so: `work`, but not in `worker`."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(name, at + 1)
    return False


def _said(resource: Resource) -> Iterator[str]:
    """What a resource says of itself: what it is called, and the keys and places in its settings."""
    yield from texts_in({key: value for key, value in resource.value.items() if key not in {"policy", "tags"}})
