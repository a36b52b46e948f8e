"""Finds the resources of a stack that an ARN pattern matches. ARNs that are not known yet are built from names."""

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

_WILDCARD: Final = r"[*?]|\$\{"


class _ArnMatcher(msgspec.Struct, frozen=True, eq=False):
    """The ARNs of a resource and of what is inside it: the segments before the last, and patterns for the last one."""

    head: tuple[str, ...]
    names: tuple[Glob, ...]
    resource: Resource

    def overlaps(self, head: Sequence[str], tail: Glob) -> bool:
        """Whether an ARN pattern with these segments matches one of these ARNs."""
        return all(map(_segments_overlap, head, self.head)) and any(tail.overlaps(own) for own in self.names)


class ArnIndex:
    """The resources of a stack that policies may name, by their ARNs. Get it with `stack.cached(ArnIndex)`."""

    def __init__(self, stack: Stack) -> None:
        self._arns: dict[str, str] = {}
        self._matchers: dict[str, _ArnMatcher] = {}
        self._by_service: dict[str, list[tuple[str, int, _ArnMatcher]]] = {}
        self._matches: dict[str, tuple[Resource, ...]] = {}
        self._first_match: dict[str, Resource | None] = {}
        for number, resource in enumerate(stack.of_type(*ARN_FORMATS)):
            arn = _arn(resource)
            if arn is None:
                continue
            tail, within = arn.resource, ARN_FORMATS[resource.type].within
            matcher = _ArnMatcher(
                arn.head, tuple(map(glob, [tail, f"{tail}{within}*"] if within else [tail])), resource
            )
            self._arns[resource.urn], self._matchers[resource.urn] = str(arn), matcher
            self._by_service.setdefault(arn.service, []).append((tail, number, matcher))
        for names in self._by_service.values():
            names.sort(key=lambda item: item[:2])

    def arn_of(self, resource: Resource) -> str | None:
        """The ARN of a resource, with `*` for segments that are not known; None where its name is not known."""
        return self._arns.get(resource.urn)

    def may_match(self, resource: Resource, pattern: str) -> bool:
        """Whether an ARN pattern in a policy may match the resource, or something inside it."""
        matcher = self._matchers.get(resource.urn)
        if matcher is None:
            return False
        arn = parse_arn(variables_to_wildcards(_normalized(pattern)))
        if arn is None:
            return overlaps_resource(pattern, self._arns[resource.urn])
        return matcher.overlaps(arn.head, glob(arn.resource))

    def matches(self, pattern: str) -> tuple[Resource, ...]:
        """The resources of the stack that an ARN pattern in a policy may match, themselves or something inside them."""
        if pattern not in self._matches:
            self._matches[pattern] = tuple(self._search(variables_to_wildcards(_normalized(pattern))))
        return self._matches[pattern]

    def first_match(self, pattern: str) -> Resource | None:
        """One of the resources that the pattern may match, found without a search for the others; None without any."""
        if pattern not in self._first_match:
            self._first_match[pattern] = next(self._search(variables_to_wildcards(_normalized(pattern))), None)
        return self._first_match[pattern]

    def _search(self, pattern: str) -> Iterator[Resource]:
        """Compare only the resources that share the pattern's literal beginning, which a sorted list finds fast."""
        arn = parse_arn(pattern)
        if arn is None:
            return
        head, names = arn.head, self._by_service.get(arn.service, [])
        literal, wanted = re.split(_WILDCARD, arn.resource), glob(arn.resource)
        start, ending = literal[0], literal[-1]
        for end in [found.start() for found in re.finditer(r"[/:-]", start)]:  # resources that the pattern is inside of
            at = bisect_left(names, (start[:end],))
            while at < len(names) and names[at][0] == start[:end]:
                if names[at][2].overlaps(head, wanted):
                    yield names[at][2].resource
                at += 1
        at = bisect_left(names, (start,))
        while at < len(names) and names[at][0].startswith(start):
            name, _, matcher = names[at]
            if (len(matcher.names) > 1 or name.endswith(ending)) and matcher.overlaps(head, wanted):
                yield matcher.resource
            at += 1


def _segments_overlap(one: str, other: str) -> bool:
    return one == other or "*" in (one, other) or glob(one).overlaps(glob(other))


@lru_cache(maxsize=4096)
def service_and_name(pattern: str) -> tuple[str, str] | None:
    """The service and the literal beginning of the resource name in an ARN pattern; None where it names no resource.

    `("sqs", "work")` for `arn:aws:sqs:*:*:work`; None where the resource is `*` or `table/*`.
    """
    arn = parse_arn(pattern)
    if arn is None or re.search(_WILDCARD, arn.service):
        return None
    tail = arn.resource
    if arn.service not in NAME_ONLY_SERVICES:
        tail = re.split("[:/]", tail, maxsplit=1)[-1] if re.search("[:/]", tail) else ""
    name = re.split(_WILDCARD, tail, maxsplit=1)[0]
    return (arn.service, name) if name.strip(":/") else None


def _arn(resource: Resource) -> Arn | None:
    """The ARN of a resource: as AWS assigned it, else built from its name; None where that is not known either."""
    known = resource.get("arn")
    if isinstance(known, str) and (arn := parse_arn(_normalized(str.__str__(known)))) is not None:
        return arn
    format_ = ARN_FORMATS[resource.type]
    name = resource.get(format_.name)
    if not isinstance(name, str) or not name:
        return None
    name = str.__str__(name)
    if resource.type in {ROLE, POLICY}:
        path = resource.get("path", "/")
        if not isinstance(path, str):
            return None
        name = path.lstrip("/") + name
    if format_.service == "ssm":
        name = name.removeprefix("/")
    region = "" if format_.service in {"s3", "iam"} else "*"
    account = "" if format_.service == "s3" else "*"
    return parse_arn(_normalized(str(Arn("*", format_.service, region, account, f"{format_.head}{name}"))))


def _normalized(arn: str) -> str:
    """SageMaker AI writes resource names in lower case in ARNs, however they were given."""
    return arn.lower() if service_of(arn) == "sagemaker" else arn
