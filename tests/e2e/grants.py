"""A policy split into single grants: one action, on one resource, through one service (kms:ViaService)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]

VIA: Final = "kms:ViaService"
_PLACE: Final = re.compile(r"-\d{12}-[a-z0-9-]+$")
_AUTO_NAMED: Final = re.compile(r"-[0-9a-f]{7}$")


@dataclass(frozen=True, slots=True)
class Grant:
    """A single grant. via: the service through which a KMS key is used; empty for other resources."""

    action: str
    resource: str
    via: str = ""

    def __str__(self) -> str:
        """The name in tests, without the parts that differ between deployments: `dynamodb:PutItem results`."""
        if self.via:
            return f"{self.action} via {self.via.partition('.')[0]}"
        service, *_, name = self.resource.split(":", 5)[2:] if self.resource != "*" else ["", "*"]
        if service == "s3":
            bucket, _, path = name.partition("/")
            name = (path if path.endswith("*") else path.rpartition("/")[2]) or _PLACE.sub("", bucket)
        return f"{self.action} {_AUTO_NAMED.sub('', name.rpartition('/')[2] if service == 'dynamodb' else name)}"


def grants_of(policy: Document) -> list[Grant]:
    """Every single grant of a policy."""
    return [grant for statement in policy["Statement"] for grant in _single(statement)]


def without(policy: Document, grant: Grant) -> Document:
    """The policy without this one grant."""
    statements = [each for statement in policy["Statement"] for each in _rest(statement, grant)]
    found = {**policy, "Statement": statements}
    assert set(grants_of(found)) == set(grants_of(policy)) - {grant}
    return found


def _single(statement: Document) -> Iterator[Grant]:
    assert statement["Effect"] == "Allow", "a statement that denies is no grant"
    for action in statement["Action"]:
        for resource in statement["Resource"]:
            for via in _services(statement) or [""]:
                yield Grant(action, resource, via)


def _rest(statement: Document, grant: Grant) -> list[Document]:
    """The rest of a statement: its other actions; the action on other resources; the action through other services."""
    if grant not in set(_single(statement)):
        return [statement]
    others = {**statement, "Action": [each for each in statement["Action"] if each != grant.action]}
    elsewhere = {**statement, "Action": [grant.action]}
    elsewhere["Resource"] = [each for each in statement["Resource"] if each != grant.resource]
    there = json.loads(json.dumps({**statement, "Action": [grant.action], "Resource": [grant.resource]}))
    services = [each for each in _services(statement) if each != grant.via]
    if services:
        there["Condition"]["StringEquals"][VIA] = services
    kept = [each for each in (others, elsewhere) if each["Action"] and each["Resource"]]
    return kept + ([there] if services else [])


def _services(statement: Document) -> list[str]:
    return list(statement.get("Condition", {}).get("StringEquals", {}).get(VIA, []))
