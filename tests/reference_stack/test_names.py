"""Physical names."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from names import Names

from policypack.testing import ACCOUNT
from tests.reference_stack.component_fixtures import CHINA

LONGEST_REGION = "ap-southeast-99"
BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
ENDPOINT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@given(st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True))
def test_names_are_valid_for_any_project_and_stack(project: str, stack: str) -> None:
    """Pulumi allows 100 characters of each, capitals, dots and underscores."""
    names = Names.of(f"p{project}", f"s{stack}")
    for purpose in ("models", "captured", "batches"):
        assert BUCKET.fullmatch(names.bucket(purpose, CHINA))
    for shape in ("instance", "serverless", "async"):
        assert ENDPOINT.fullmatch(names.endpoint(shape, "ml.p6e-gb200.36xlarge"))
    assert len(names.bucket("captured", CHINA)) - len("cn-north-1") + len(LONGEST_REGION) <= 63
    assert len(ACCOUNT) == len(CHINA.account)


def test_long_names_stay_distinct() -> None:
    """The digest in a shortened name differs."""
    first, second = (Names.of("p" * 40, stack).prefix for stack in ("dev", "prod"))
    assert first != second
    assert len(first) == len(second) == 24


def test_endpoint_names_contain_shape_and_instance_type() -> None:
    """A change of these settings creates a new endpoint before the old one is deleted."""
    names = Names.of("shop", "dev")
    assert names.endpoint("instance", "ml.c5.large") == "shop-dev-instance-c5-large"
    assert names.endpoint("instance", "ml.m5.large") == "shop-dev-instance-m5-large"
    assert names.endpoint("async", "ml.c5.large") == "shop-dev-async-c5-large"
    assert names.endpoint("serverless", "") == "shop-dev-serverless"


def test_short_names_stay_readable() -> None:
    """They are not shortened or hashed."""
    assert Names.of("Decoupled_AI", "prod").prefix == "decoupled-ai-prod"
