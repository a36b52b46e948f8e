"""Whatever the properties hold and whoever refers to whom: the rules over the whole stack never fail themselves."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policypack.access.wiring import TARGET_PROPERTIES
from policypack.judge.evaluation import Verdict, judge
from policypack.model import Reference, Resource, Stack, Unknown, secret
from policypack.model.execution_roles import EXECUTION_ROLES
from policypack.model.services import ARN_FORMATS
from tests.policypack.rules.groups import group

WHOLE_STACK = group(
    "missing", "unused", "sharing", "hygiene", "identity.managed_policies", "identity.transitive_permissions"
)
TYPES = sorted(
    {*ARN_FORMATS, *TARGET_PROPERTIES, *EXECUTION_ROLES, *(type_ for rule in WHOLE_STACK for type_ in rule.on)}
)
NAMES = ["one", "two", "three"]
URNS = [f"urn:pulumi:dev::app::{type_}::{name}" for type_ in TYPES for name in NAMES]
PROPERTIES = [
    *("name", "arn", "id", "url", "role", "roles", "roleArn", "executionRoleArn", "policy", "policyArn", "policyArns"),
    *(
        "inlinePolicies",
        "managedPolicyArns",
        "permissionsBoundary",
        "assumeRolePolicy",
        "path",
        "environment",
        "vpcConfig",
    ),
    *("tracingConfig", "deadLetterConfig", "destinationConfig", "eventSourceArn", "functionName", "kmsMasterKeyId"),
    *(
        "serverSideEncryption",
        "primaryContainer",
        "containers",
        "deploymentConfig",
        "productionVariants",
        "target",
        "source",
    ),
    *(
        "endpoint",
        "protocol",
        "topic",
        "rule",
        "bucket",
        "queues",
        "lambdaFunctions",
        "layers",
        "policyNames",
        "roleName",
    ),
    *("dataCaptureConfig", "endpointConfigName", "keyId", "targetKeyId", "granteePrincipal", "queueUrl", "function"),
]
TEXTS = st.sampled_from(
    [
        *NAMES,
        "",
        "*",
        "arn:aws:iam::123456789012:role/one",
        "arn:aws:sqs:eu-west-1:123456789012:two",
        "arn:aws:lambda:eu-west-1:123456789012:function:one:live",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/three/stream/x",
        "s3://one/two",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/one:1",
        '{"Statement": {"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": "lambda.amazonaws.com"}}}',
        '{"Statement": [{"Effect": "Allow", "Action": ["sqs:*", "kms:Decrypt"], "Resource": "arn:aws:sqs:*:*:t*"}]}',
        '{"Statement": [{"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"}]}',
        "sqs",
        "Active",
        "\x1b[2J\ufdd0",
    ]
)
KEYS = st.sampled_from(
    [
        *PROPERTIES,
        "variables",
        "mode",
        "subnetIds",
        "targetArn",
        "onFailure",
        "destination",
        "image",
        "modelDataUrl",
        "modelName",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 3) | TEXTS | TEXTS.map(secret)
VALUES = st.recursive(
    LEAVES | st.builds(Unknown, st.just("somewhere")) | st.builds(Reference, st.sampled_from(URNS), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    """Give a resource whose properties may hold anything."""
    urn = draw(st.sampled_from(URNS))
    type_ = urn.split("::")[2]
    values: dict[str, Any] = draw(st.dictionaries(st.sampled_from(PROPERTIES), VALUES, max_size=6))
    links = st.dictionaries(st.sampled_from(PROPERTIES), st.lists(st.sampled_from(URNS), max_size=3), max_size=3)
    return Resource(
        urn,
        type_,
        urn.rpartition("::")[2],
        values,
        dependencies=draw(st.lists(st.sampled_from(URNS), max_size=3)),
        property_dependencies=draw(links),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(resources(), max_size=12, unique_by=lambda resource: resource.urn))
def test_the_rules_themselves_never_fail(found: list[Resource]) -> None:
    """A finding, a pass, or a verdict that has to wait."""
    stack = Stack(found)
    for rule in WHOLE_STACK:
        for subject in stack.of_type(*sorted(rule.on)):
            judgement = judge(rule, subject, stack)
            assert judgement.verdict is not Verdict.CRASHED, (rule.id, judgement.crash)
