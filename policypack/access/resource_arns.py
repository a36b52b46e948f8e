"""ARNs of what a stack makes, as its policies may name them, ready to paste."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from policypack.access.arn_index import ArnIndex
from policypack.model import BUCKET, BUCKET_V2, LOG_GROUP, SECRET, is_secret
from policypack.model.arn import Arn, parse_arn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.model import Resource, Stack

_ARN: Final = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d)?:(\d{12}):")
_STRINGS: Final = 20_000
"""Texts with ARNs that are searched for account and region: enough for any stack, and a bound for a huge one."""


class ArnContext(msgspec.Struct, frozen=True):
    """Where a stack is, as far as it says so itself; else a word to replace."""

    partition: str = "aws"
    region: str = "REGION"
    account: str = "ACCOUNT"

    def fill(self, arn: str) -> str:
        """The ARN, with partition, region and account in place of the wildcards in its head."""
        found = parse_arn(arn)
        if found is None:
            return arn
        partition = self.partition if found.partition == "*" else found.partition
        region = self.region if found.region == "*" else found.region
        account = self.account if found.account == "*" else found.account
        return str(Arn(partition, found.service, region, account, found.resource))


def arn_context(stack: Stack) -> ArnContext:
    """The partition, region and account that most of the stack's ARNs have."""
    return stack.cached(_surroundings)


def arns_of(stack: Stack, resource: Resource) -> tuple[str, ...]:
    """The ARNs of a resource and of what is in it; none where its name is not known, or secret."""
    arn = stack.cached(ArnIndex).arn_of(resource)
    if arn is None or any(is_secret(resource.get(path)) for path in ("arn", "name", "bucket", "keyId", "path")):
        return ()
    arn = arn_context(stack).fill(arn)
    if resource.type == LOG_GROUP:
        return (f"{arn.removesuffix(':*')}:*",)
    if resource.type == SECRET and not arn[-7:].startswith("-"):
        return (f"{arn}-??????",)  # Secrets Manager adds six characters to the name
    if resource.type in {BUCKET, BUCKET_V2}:
        return (arn, f"{arn}/*")
    return (arn,)


def _surroundings(stack: Stack) -> ArnContext:
    partitions: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    accounts: Counter[str] = Counter()
    budget = _STRINGS
    for text in _texts(resource.value for resource in stack.resources):
        budget -= 1
        if budget < 0:
            break
        for partition, region, account in _ARN.findall(text):
            partitions[partition] += 1
            accounts[account] += 1
            if region:
                regions[region] += 1
    return ArnContext(_most(partitions, "aws"), _most(regions, "REGION"), _most(accounts, "ACCOUNT"))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            if "arn:" in value and ":layer:" not in value and not is_secret(value):  # layers are other people's
                yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def _most(found: Counter[str], otherwise: str) -> str:
    """The one that is found most; none where two are found equally often."""
    ranked = found.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return otherwise
    return ranked[0][0]
