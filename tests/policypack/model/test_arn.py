"""Amazon Resource Names are taken apart in one place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.model import Unknown
from policypack.model.arn import (
    Arn,
    account_of,
    function_name,
    head_of,
    is_arn,
    last_name,
    last_segment,
    parse_arn,
    service_of,
    table_name,
)

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:work", Arn("aws", "sqs", "eu-west-1", ACCOUNT, "work")),
        ("arn:aws-cn:s3:::models/v1", Arn("aws-cn", "s3", "", "", "models/v1")),
        (f"arn:aws:iam::{ACCOUNT}:role/team/work", Arn("aws", "iam", "", ACCOUNT, "role/team/work")),
        # the resource may hold colons of its own
        (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:a:*", Arn("aws", "logs", "eu-west-1", ACCOUNT, "log-group:a:*")),
        ("arn:*:sqs:*:*:*", Arn("*", "sqs", "*", "*", "*")),  # a pattern
        ("arn:aws:sqs:*:*", None),  # one segment is missing
        ("*", None),
        ("", None),
        ("https://sqs.eu-west-1.amazonaws.com:443/1:2:3:4:5", None),  # enough colons, and no ARN
        ("ARN:aws:sqs:eu-west-1:1:work", None),  # ARNs are case sensitive
    ],
)
def test_an_arn_has_six_segments(text: str, arn: Arn | None) -> None:
    """Anything with fewer segments, or with another beginning, is no ARN."""
    assert parse_arn(text) == arn


@given(st.lists(st.text().filter(lambda text: ":" not in text), min_size=4, max_size=4), st.text())
def test_an_arn_is_written_as_it_was_read(segments: list[str], resource: str) -> None:
    """Nothing is lost or changed on the way, whatever the segments hold."""
    text = ":".join(["arn", *segments, resource])
    arn = parse_arn(text)
    assert arn is not None
    assert str(arn) == text
    assert arn.segments == ("arn", *segments, resource)
    assert arn.head == ("arn", *segments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("arn:aws:sqs:*", True), ("arn:", True), ("arn", False), ("work", False), ("*", False)],
)
def test_an_arn_is_told_from_a_name(text: str, *, expected: bool) -> None:
    """Also one that is not complete."""
    assert is_arn(text) is expected


@pytest.mark.parametrize(
    ("text", "service"),
    [
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:work", "sqs"),
        ("arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}", "lambda"),
        ("arn:aws:sqs:*", "sqs"),  # the beginning is enough
        ("arn:aws:sqs*", ""),  # a service whose name only starts so
        ("arn:aws", ""),
        ("urn:aws:sqs:*", ""),
        ("*", ""),
    ],
)
def test_the_service_in_an_arn(text: str, service: str) -> None:
    """The third segment, where it is complete."""
    assert service_of(text) == service


@pytest.mark.parametrize(
    ("value", "account"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/work", ACCOUNT),
        (f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:work", ACCOUNT),
        (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:a:b:c", ACCOUNT),
        ("arn:aws:s3:::bucket", ""),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
        ("arn:aws:iam::12345678901a:role/work", ""),
        ("arn:aws:iam::1234567890123:role/work", ""),  # one digit too many
        (f"arn:aws:iam::{ACCOUNT}", ""),
        (ACCOUNT, ""),
        (None, ""),
        (Unknown("arn"), ""),
    ],
)
def test_the_account_in_an_arn(value: Any, account: str) -> None:
    """Twelve digits, or none."""
    assert account_of(value) == account


@pytest.mark.parametrize(
    ("pattern", "head", "last"),
    [
        ("arn:aws:logs:*:*:log-group:a:*", "arn:aws:logs:*:*", "log-group:a:*"),
        ("arn:aws:s3*", "arn:aws:s3*", "s3*"),  # ends early
        ("*", "*", "*"),
    ],
)
def test_a_pattern_may_end_early(pattern: str, head: str, last: str) -> None:
    """The head is at most five segments, the last segment whatever stands last."""
    assert (head_of(pattern), last_segment(pattern)) == (head, last)


@pytest.mark.parametrize(
    ("resource", "name"),
    [("function:work", "work"), ("function:work:7", "work"), ("function:work:live:x", "work"), ("work", "work")],
)
def test_the_name_of_a_function(resource: str, name: str) -> None:
    """The qualifier is not part of it."""
    assert function_name(resource) == name


@pytest.mark.parametrize(
    ("resource", "name"),
    [("table/orders", "orders"), ("table/orders/stream/2026-01-01T00:00:00.000", "orders"), ("orders", "orders")],
)
def test_the_name_of_a_table(resource: str, name: str) -> None:
    """A stream or an index is inside of its table."""
    assert table_name(resource) == name


@pytest.mark.parametrize(
    ("resource", "name"), [("role/team/work", "work"), ("stream/work", "work"), ("work", "work"), ("role/", "")]
)
def test_the_name_of_most_resources(resource: str, name: str) -> None:
    """What follows the last slash."""
    assert last_name(resource) == name
