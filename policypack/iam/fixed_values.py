"""Fixed values in conditions: values that stand for one account, one organization or one network.

Source: S3 user guide, "The meaning of 'public'". Only conditions with fixed values make a policy non-public.
"""

from __future__ import annotations

import re
from typing import Final

from policypack.model.arn import COLONS, segments_of

_VARIABLE: Final = re.compile(r"\$\{(?!aws:resource)[^{}*?$]*\}", re.IGNORECASE)
"""A policy variable whose value depends on the caller. `${aws:ResourceOrgID}` depends only on the resource."""
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]+/")
_SHORTEST_PREFIX: Final = {4: 8, 6: 32}
"""The shortest non-public prefix by IP version: "values broader than /8 for IPv4 and /32 for IPv6" are public."""


def is_fixed_value(base: str, name: str, value: str | None) -> bool:
    """Whether a value is fixed, for a condition operator and a key in lower case. Unknown values count as fixed."""
    if value is None:
        return True
    if _VARIABLE.search(value):
        return False
    if base.endswith("ipaddress"):
        return _is_fixed_ip_range(value)
    if not base.startswith("arn") and not base.endswith("like"):
        return True  # the operator does not support wildcards, so that a `*` is an ordinary character
    if name.endswith("arn"):
        return _matches_one_account(value)
    if name.endswith("orgpaths"):
        return _ORGANIZATION.match(value) is not None
    if name == "aws:userid":
        value = value.partition(":")[0]  # AROA...:SESSION
    return "*" not in value and "?" not in value


def has_wildcard(text: str) -> bool:
    """Whether the text contains `*` or `?`."""
    return "*" in text or "?" in text


def _matches_one_account(arn: str) -> bool:
    """Whether everything that an ARN pattern matches belongs to one account.

    ARNs without an account (S3 buckets, API Gateway) are judged by the name, which is globally unique.
    """
    segments = segments_of(arn)
    if len(segments) <= COLONS:
        return not has_wildcard(arn)
    service, account, tail = segments[2], segments[4], segments[COLONS]
    if account and not has_wildcard(account):
        return True
    if account and service != "s3":
        return False
    name = tail.rstrip("*?")
    return bool(name) and not has_wildcard(name[0]) and name[-1] not in "/:"


def _is_fixed_ip_range(value: str) -> bool:
    import ipaddress  # noqa: PLC0415 - the import takes 2 ms and few policies need it

    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return True  # matches no address
    return network.prefixlen >= _SHORTEST_PREFIX[network.version]
