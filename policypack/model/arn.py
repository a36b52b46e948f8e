"""Amazon Resource Names: how they are put together, and how they are taken apart.

`arn:partition:service:region:account-id:resource-id`. Only the last segment may hold colons. S3 buckets and IAM have no
region, S3 buckets no account. Source: IAM user guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

from typing import Final

import msgspec

PREFIX: Final = "arn"
"""The first segment of every ARN."""
COLONS: Final = 5
"""The colons between the six segments of an ARN; those in the resource-id are not counted."""
_ACCOUNT_DIGITS: Final = 12


class Arn(msgspec.Struct, frozen=True):
    """The segments of an ARN, or of a pattern for ARNs, each of which may hold wildcards then.

    `resource` is all that follows the account: `table/orders/index/by-date`, or `orders` for a queue.
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        """The ARN as text."""
        return f"{PREFIX}:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def head(self) -> tuple[str, str, str, str, str]:
        """The five segments before the resource, `arn` among them: IAM matches each of them on its own."""
        return (PREFIX, self.partition, self.service, self.region, self.account)

    @property
    def segments(self) -> tuple[str, str, str, str, str, str]:
        """All six segments, `arn` among them."""
        return (PREFIX, self.partition, self.service, self.region, self.account, self.resource)


def is_arn(text: str) -> bool:
    """Whether a text is written as an ARN and not as a name, a URL or `*`. It may be incomplete, as `arn:aws:sqs:*`."""
    return text.startswith("arn:")


def is_arn_pattern(pattern: str) -> bool:
    """Whether a pattern is written as an ARN, or begins with the wildcard `*`. IAM rejects others as a resource."""
    return is_arn(pattern) or pattern.startswith("*")


def segments_of(pattern: str) -> list[str]:
    """The segments of an ARN or of a pattern for ARNs: six, or fewer if a pattern ends early (`arn:aws:sqs:*`, `*`)."""
    return pattern.split(":", COLONS)


def parse_arn(text: str) -> Arn | None:
    """Take an ARN, or a pattern for ARNs, apart; None for a text that has not all six segments of one."""
    parts = segments_of(text)
    if len(parts) <= COLONS or parts[0] != PREFIX:
        return None
    return Arn(parts[1], parts[2], parts[3], parts[4], parts[5])


def service_of(text: str) -> str:
    """The service in an ARN, or in the beginning of one (`arn:aws:sqs:*`); empty where there is none."""
    parts = text.split(":", 3)
    return parts[2] if len(parts) == 4 and parts[0] == PREFIX else ""  # noqa: PLR2004 - arn:partition:service:rest


def account_of(value: object) -> str:
    """The twelve digits of the account in an ARN; empty where it holds none, a wildcard, or `value` is no ARN."""
    arn = parse_arn(value) if isinstance(value, str) else None
    return arn.account if arn is not None and len(arn.account) == _ACCOUNT_DIGITS and arn.account.isdigit() else ""


def head_of(pattern: str) -> str:
    """The text before the resource of an ARN pattern; the whole text where a pattern ends before that."""
    return ":".join(segments_of(pattern)[:COLONS])


def last_segment(pattern: str) -> str:
    """The resource in an ARN pattern; of a pattern that ends before it (`arn:aws:s3*`, `*`) its last segment."""
    return segments_of(pattern)[-1]


def function_name(resource: str) -> str:
    """The name in the last segment of a Lambda ARN: `function:NAME`, perhaps with `:VERSION` or `:ALIAS` after it."""
    return resource.split(":", 2)[1] if ":" in resource else resource


def table_name(resource: str) -> str:
    """The name in the last segment of a DynamoDB ARN: `table/NAME`, perhaps with `/stream/LABEL` after it."""
    return resource.split("/", 2)[1] if "/" in resource else resource


def last_name(resource: str) -> str:
    """The name in the last segment of most ARNs: what follows its last slash (`role/path/NAME`, `stream/NAME`)."""
    return resource.rpartition("/")[2]
