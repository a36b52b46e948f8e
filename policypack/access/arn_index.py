"""The resources of a stack by their ARNs, which are told by name where they are not known yet."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from policypack.iam.globs import Glob, glob
from policypack.iam.matching import overlaps_resource
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model import (
    POLICY,
    ROLE,
)
from policypack.model.arn import Arn, parse_arn, service_of
from policypack.model.services import ARN_FORMATS, NAME_ONLY_SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.model import Resource, Stack

_WILD: Final = r"[*?]|\$\{"


class _Area(msgspec.Struct, frozen=True, eq=False):
    """What a resource takes of the space of ARNs: the parts before its name, its name, and what is inside of it."""

    head: tuple[str, ...]
    tails: tuple[Glob, ...]
    resource: Resource

    def meets(self, head: Sequence[str], tail: Glob) -> bool:
        """Whether a policy with these parts may be about it."""
        return all(map(_agree, head, self.head)) and any(tail.overlaps(own) for own in self.tails)


class ArnIndex:
    """The resources of a stack that policies may name, to be found by ARN. Asked for as `stack.cached(ArnIndex)`."""

    def __init__(self, stack: Stack) -> None:
        self._arns: dict[str, str] = {}
        self._areas: dict[str, _Area] = {}
        self._by_service: dict[str, list[tuple[str, int, _Area]]] = {}
        self._matches: dict[str, tuple[Resource, ...]] = {}
        self._first_match: dict[str, Resource | None] = {}
        for number, resource in enumerate(stack.of_type(*ARN_FORMATS)):
            arn = _arn(resource)
            if arn is None:
                continue
            tail, within = arn.resource, ARN_FORMATS[resource.type].within
            area = _Area(arn.head, tuple(map(glob, [tail, f"{tail}{within}*"] if within else [tail])), resource)
            self._arns[resource.urn], self._areas[resource.urn] = str(arn), area
            self._by_service.setdefault(arn.service, []).append((tail, number, area))
        for tails in self._by_service.values():
            tails.sort(key=lambda item: item[:2])

    def arn_of(self, resource: Resource) -> str | None:
        """A resource's ARN, with `*` for what is not known of it; None where its name is not known."""
        return self._arns.get(resource.urn)

    def may_match(self, resource: Resource, pattern: str) -> bool:
        """Whether a policy that names the pattern may be about the resource, or something in it."""
        area = self._areas.get(resource.urn)
        if area is None:
            return False
        arn = parse_arn(variables_to_wildcards(_spelt(pattern)))
        if arn is None:
            return overlaps_resource(pattern, self._arns[resource.urn])
        return area.meets(arn.head, glob(arn.resource))

    def matches(self, pattern: str) -> tuple[Resource, ...]:
        """The resources of the stack that a policy with this pattern may be about."""
        if pattern not in self._matches:
            self._matches[pattern] = tuple(self._found(variables_to_wildcards(_spelt(pattern))))
        return self._matches[pattern]

    def first_match(self, pattern: str) -> Resource | None:
        """One of them, found without looking for the others; None where there is none."""
        if pattern not in self._first_match:
            self._first_match[pattern] = next(self._found(variables_to_wildcards(_spelt(pattern))), None)
        return self._first_match[pattern]

    def _found(self, pattern: str) -> Iterator[Resource]:
        """Of those that share the literal beginning of the pattern, so that not every resource has to be looked at."""
        arn = parse_arn(pattern)
        if arn is None:
            return
        head, tails = arn.head, self._by_service.get(arn.service, [])
        literal, wanted = re.split(_WILD, arn.resource), glob(arn.resource)
        start, ending = literal[0], literal[-1]
        for end in [found.start() for found in re.finditer(r"[/:-]", start)]:  # what the pattern is inside of
            at = bisect_left(tails, (start[:end],))
            while at < len(tails) and tails[at][0] == start[:end]:
                if tails[at][2].meets(head, wanted):
                    yield tails[at][2].resource
                at += 1
        at = bisect_left(tails, (start,))
        while at < len(tails) and tails[at][0].startswith(start):
            name, _, area = tails[at]
            if (len(area.tails) > 1 or name.endswith(ending)) and area.meets(head, wanted):
                yield area.resource
            at += 1


def _agree(one: str, other: str) -> bool:
    return one == other or "*" in (one, other) or glob(one).overlaps(glob(other))


@lru_cache(maxsize=4096)
def service_and_name(pattern: str) -> tuple[str, str] | None:
    """Service, and the literal beginning of the name that an ARN pattern is about; None where it names nothing.

    `("sqs", "work")` for `arn:aws:sqs:*:*:work`; nothing for `table/*`.
    """
    arn = parse_arn(pattern)
    if arn is None or re.search(_WILD, arn.service):
        return None
    tail = arn.resource
    if arn.service not in NAME_ONLY_SERVICES:
        tail = re.split("[:/]", tail, maxsplit=1)[-1] if re.search("[:/]", tail) else ""
    name = re.split(_WILD, tail, maxsplit=1)[0]
    return (arn.service, name) if name.strip(":/") else None


def _arn(resource: Resource) -> Arn | None:
    known = resource.get("arn")
    if isinstance(known, str) and (arn := parse_arn(_spelt(str.__str__(known)))) is not None:
        return arn
    form = ARN_FORMATS[resource.type]
    name = resource.get(form.name)
    if not isinstance(name, str) or not name:
        return None
    name = str.__str__(name)
    if resource.type in {ROLE, POLICY}:
        path = resource.get("path", "/")
        if not isinstance(path, str):
            return None
        name = path.lstrip("/") + name
    if form.service == "ssm":
        name = name.removeprefix("/")
    region = "" if form.service in {"s3", "iam"} else "*"
    account = "" if form.service == "s3" else "*"
    return parse_arn(_spelt(str(Arn("*", form.service, region, account, f"{form.head}{name}"))))


def _spelt(arn: str) -> str:
    """SageMaker writes names in small letters in its ARNs, however they were given."""
    return arn.lower() if service_of(arn) == "sagemaker" else arn
