"""The ARNs of a stack's resources, as suggested statements name them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from policypack.access.arn_index import ArnIndex
from policypack.model import BUCKET, BUCKET_V2, LOG_GROUP, SECRET, is_secret
from policypack.model.arn import Arn, parse_arn
from policypack.model.values import plain_texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model import Resource, Stack

_ARN: Final = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d)?:(\d{12}):")
_MAX_TEXTS: Final = 20_000
"""Texts with ARNs that are searched for account and region, so that a huge stack takes no longer."""


class ArnContext(msgspec.Struct, frozen=True):
    """The partition, region and account of a stack; for each that is unknown a placeholder, for people to replace."""

    partition: str = "aws"
    region: str = "REGION"
    account: str = "ACCOUNT"

    def fill(self, arn: str) -> str:
        """Replace `*` for the partition, region and account of an ARN."""
        found = parse_arn(arn)
        if found is None:
            return arn
        partition = self.partition if found.partition == "*" else found.partition
        region = self.region if found.region == "*" else found.region
        account = self.account if found.account == "*" else found.account
        return str(Arn(partition, found.service, region, account, found.resource))


def arn_context(stack: Stack) -> ArnContext:
    """The partition, region and account that occur most often in the stack's ARNs."""
    return stack.cached(_arn_context)


def arns_of(stack: Stack, resource: Resource) -> tuple[str, ...]:
    """The ARNs of a resource and of what is inside it; none where its name is unknown or secret."""
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


def _arn_context(stack: Stack) -> ArnContext:
    partitions: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    accounts: Counter[str] = Counter()
    budget = _MAX_TEXTS
    for text in _texts_with_arns(stack):
        budget -= 1
        if budget < 0:
            break
        for partition, region, account in _ARN.findall(text):
            partitions[partition] += 1
            accounts[account] += 1
            if region:
                regions[region] += 1
    return ArnContext(
        _most_frequent(partitions, "aws"), _most_frequent(regions, "REGION"), _most_frequent(accounts, "ACCOUNT")
    )


def _texts_with_arns(stack: Stack) -> Iterator[str]:
    """The texts of a stack that contain ARNs, without those of Lambda layers, which often belong to other accounts."""
    for resource in stack.resources:
        yield from (text for text in plain_texts_in(resource.value) if "arn:" in text and ":layer:" not in text)


def _most_frequent(found: Counter[str], default: str) -> str:
    """The value that occurs most often; the default where there is none, or where two occur equally often."""
    ranked = found.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return default
    return ranked[0][0]
