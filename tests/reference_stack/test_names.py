"""Names that are fixed before anything exists."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from names import Names

from policypack.testing import ACCOUNT
from tests.reference_stack.parts import CHINA

LONGEST_REGION = "ap-southeast-99"
BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
ENDPOINT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@given(st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True))
def test_any_project_and_stack_give_names_that_aws_takes(project: str, stack: str) -> None:
    """Pulumi allows 100 characters of each, capitals, dots and underscores."""
    names = Names.of(f"p{project}", f"s{stack}")
    for purpose in ("models", "captured", "batches"):
        assert BUCKET.fullmatch(names.bucket(purpose, CHINA))
    for shape in ("instance", "serverless", "async"):
        assert ENDPOINT.fullmatch(names.endpoint(shape, "ml.p6e-gb200.36xlarge"))
    assert len(names.bucket("captured", CHINA)) - len("cn-north-1") + len(LONGEST_REGION) <= 63
    assert len(ACCOUNT) == len(CHINA.account)


def test_two_long_names_do_not_become_one() -> None:
    """What is cut off still tells them apart."""
    first, second = (Names.of("p" * 40, stack).prefix for stack in ("dev", "prod"))
    assert first != second
    assert len(first) == len(second) == 24


def test_endpoints_that_cannot_become_one_another_have_names_of_their_own() -> None:
    """So that a change of the settings makes a new one, before the old one goes."""
    names = Names.of("shop", "dev")
    assert names.endpoint("instance", "ml.c5.large") == "shop-dev-instance-c5-large"
    assert names.endpoint("instance", "ml.m5.large") == "shop-dev-instance-m5-large"
    assert names.endpoint("async", "ml.c5.large") == "shop-dev-async-c5-large"
    assert names.endpoint("serverless", "") == "shop-dev-serverless"


def test_short_names_stay_readable() -> None:
    """Which is what people look for in the console."""
    assert Names.of("Decoupled_AI", "prod").prefix == "decoupled-ai-prod"
