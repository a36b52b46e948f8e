"""IAM's condition operators: how one value of the request is compared with one value of the policy.

Source: IAM user guide, "IAM JSON policy elements: Condition operators". A negated operator uses the same comparison as
the positive one and holds if no value of the policy matches ("evaluated using a logical NOR").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from policypack.iam.globs import glob
from policypack.iam.matching import arn_like

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

Test = Callable[[str, str], bool]
"""Compares the value of the policy (first) with the value of the request (second)."""


class Operator(NamedTuple):
    """One operator. The value in the policy may contain wildcards or policy variables if the operator allows them."""

    matches: Test
    negated: bool = False
    allows_wildcards: bool = False
    allows_variables: bool = False


def _equals(want: str, got: str) -> bool:
    return want == got


def _equals_ignoring_case(want: str, got: str) -> bool:
    return want.lower() == got.lower()


def _like(want: str, got: str) -> bool:
    return glob(want).matches(got)


def _bool(want: str, got: str) -> bool:
    want, got = want.lower(), got.lower()
    return want == got and want in {"true", "false"}


def _binary(want: str, got: str) -> bool:
    from base64 import b64decode  # noqa: PLC0415 - hardly any policy has such a condition

    try:
        plain = b64decode(want, validate=True)
    except ValueError:
        return False
    return want == got or plain == got.encode()  # the request may contain the bytes as text or in base64


def _ip(want: str, got: str) -> bool:
    import ipaddress  # noqa: PLC0415 - the import takes 2 ms and few policies need it

    try:
        # Ranges with host bits set (10.0.0.1/8) are common; AWS accepts them as the range.
        return ipaddress.ip_address(got.strip()) in ipaddress.ip_network(want.strip(), strict=False)
    except ValueError:
        return False


def _number(text: str) -> Decimal | None:
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415 - only a policy with numbers needs it

    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|[+-]\d\d:?\d\d)?)?)?)?\Z"
)
_EPOCH_SECONDS: Final = re.compile(r"-?\d{5,12}(?:\.\d+)?\Z")
"""Seconds since 1970. Four digits are read as a year, so times before 02:46:40 on 1 January 1970 have no such form."""


def _date(text: str) -> datetime | None:
    from datetime import UTC, datetime, timedelta, timezone  # noqa: PLC0415 - only a policy with dates needs it

    text = text.strip()
    try:
        if _EPOCH_SECONDS.match(text):
            return datetime.fromtimestamp(float(text), UTC)
        found = _DATE.match(text)
        if not found:
            return None
        year, month, day, hour, minute, second = (
            int(part or least) for part, least in zip(found.groups()[:6], _EARLIEST, strict=True)
        )
        micros = int((found[7] or "0")[:6].ljust(6, "0"))
        zone = UTC
        if found[8] and found[8] not in "Zz":
            offset = timedelta(hours=int(found[8][1:3]), minutes=int(found[8][-2:]))
            zone = timezone(-offset if found[8][0] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, micros, zone)
    except (ValueError, OverflowError, OSError):
        return None


_EARLIEST: Final = (1, 1, 1, 0, 0, 0)


def _comparison(read: Callable[[str], Decimal | datetime | None], agrees: Callable[[int], bool]) -> Test:
    def test(want: str, got: str) -> bool:
        wanted, given = read(want), read(got)
        if wanted is None or given is None:
            return False
        return agrees((given > wanted) - (given < wanted))  # type: ignore[operator]

    return test


def _ordered_operators(name: str, read: Callable[[str], Decimal | datetime | None]) -> dict[str, Operator]:
    equals = _comparison(read, lambda order: order == 0)
    return {
        f"{name}equals": Operator(equals),
        f"{name}notequals": Operator(equals, negated=True),
        f"{name}lessthan": Operator(_comparison(read, lambda order: order < 0)),
        f"{name}lessthanequals": Operator(_comparison(read, lambda order: order <= 0)),
        f"{name}greaterthan": Operator(_comparison(read, lambda order: order > 0)),
        f"{name}greaterthanequals": Operator(_comparison(read, lambda order: order >= 0)),
    }


OPERATORS: Final[dict[str, Operator]] = {
    "stringequals": Operator(_equals, allows_variables=True),
    "stringnotequals": Operator(_equals, negated=True, allows_variables=True),
    "stringequalsignorecase": Operator(_equals_ignoring_case, allows_variables=True),
    "stringnotequalsignorecase": Operator(_equals_ignoring_case, negated=True, allows_variables=True),
    "stringlike": Operator(_like, allows_wildcards=True, allows_variables=True),
    "stringnotlike": Operator(_like, negated=True, allows_wildcards=True, allows_variables=True),
    **_ordered_operators("numeric", _number),
    **_ordered_operators("date", _date),
    "bool": Operator(_bool, allows_variables=True),
    "binaryequals": Operator(_binary),
    "ipaddress": Operator(_ip),
    "notipaddress": Operator(_ip, negated=True),
    "arnequals": Operator(arn_like, allows_wildcards=True, allows_variables=True),
    "arnlike": Operator(arn_like, allows_wildcards=True, allows_variables=True),
    "arnnotequals": Operator(arn_like, negated=True, allows_wildcards=True, allows_variables=True),
    "arnnotlike": Operator(arn_like, negated=True, allows_wildcards=True, allows_variables=True),
}
