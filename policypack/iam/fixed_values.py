"""Whether a value in a condition stands for something of its own: one account, one organisation, one network.

S3 user guide, "The meaning of 'public'": only fixed values keep a policy from being public.
"""

from __future__ import annotations

import re
from typing import Final

_COLONS: Final = 5
_VARIABLE: Final = re.compile(r"\$\{(?!aws:resource)[^{}*?$]*\}", re.IGNORECASE)
"""A variable that the caller chooses the value of; `${aws:ResourceOrgID}` is the resource's own."""
_ORGANISATION: Final = re.compile(r"o-[a-z0-9]+/")
_SHORTEST_PREFIX: Final = {4: 8, 6: 32}
"""Shortest prefixes that S3 takes as a limit: "values broader than /8 for IPv4 and /32 for IPv6" are public."""


def is_fixed_value(base: str, name: str, value: str | None) -> bool:
    """Whether a value of a condition is fixed. A value that is not known is taken to be."""
    if value is None:
        return True
    if _VARIABLE.search(value):
        return False
    if base.endswith("ipaddress"):
        return _is_fixed_ip_range(value)
    if not base.startswith("arn") and not base.endswith("like"):
        return True  # compared as it stands, so that a `*` in it is a star
    if name.endswith("arn"):
        return _matches_one_account(value)
    if name.endswith("orgpaths"):
        return _ORGANISATION.match(value) is not None
    if name == "aws:userid":
        value = value.partition(":")[0]  # AROA...:SESSION
    return "*" not in value and "?" not in value


def has_wildcard(text: str) -> bool:
    """Whether the text has a wildcard."""
    return "*" in text or "?" in text


def _matches_one_account(arn: str) -> bool:
    """Whether everything that an ARN pattern matches has one owner.

    An ARN without an account (S3 buckets, API Gateway) is as good as its name, of which there is one in the world.
    """
    parts = arn.split(":", _COLONS)
    if len(parts) <= _COLONS:
        return not has_wildcard(arn)
    service, account, tail = parts[2], parts[4], parts[_COLONS]
    if account and not has_wildcard(account):
        return True
    if account and service != "s3":
        return False
    name = tail.rstrip("*?")
    return bool(name) and not has_wildcard(name[0]) and name[-1] not in "/:"


def _is_fixed_ip_range(value: str) -> bool:
    import ipaddress  # noqa: PLC0415 - 2 ms that only a policy with addresses should pay

    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return True  # matches no address
    return network.prefixlen >= _SHORTEST_PREFIX[network.version]
