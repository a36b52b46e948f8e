"""Both servers say the same: ours, and pulumi_policy's with the same rules as plain policies."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policypack.host import stock
from policypack.host.analyzer import Analyzer
from policypack.model.resource import steps
from policypack.own_policies import KNOWN
from policypack.pack import PACK
from tests.policypack.host.calls import CONTEXT, UNKNOWN, analyze, begin, hidden, stack
from tests.property_tests import EXAMPLES

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2


_PATH = re.compile(r"\.(?:get|has|each|at)\(\s*\"([A-Za-z.\[\]0-9]+)\"")
_CRASH = "This is a bug in the rule"

ROLE_ARN = "arn:aws:iam::123456789012:role/it-1"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:it-1"


def paths() -> list[str]:
    """Every property path that some rule reads, found in the rules' own source."""
    modules = {inspect.getmodule(rule.function) for rule in PACK.rules}
    source = "".join(inspect.getsource(module) for module in modules if module)
    return sorted({*_PATH.findall(source), "role", "executionRoleArn", "eventSourceArn", "functionName", "name"})


def document(effect: str, action: str, resource: str) -> str:
    """An IAM policy document of one statement."""
    statement = {"Effect": effect, "Action": [action, "sqs:SendMessage"], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


documents = st.builds(
    document,
    st.sampled_from(["Allow", "Deny", "allow"]),
    st.sampled_from(["*", "s3:*", "dynamodb:PutItem", "xray:PutTraceSegments", "nonsense"]),
    st.sampled_from(["*", QUEUE_ARN, "arn:aws:dynamodb:eu-west-1:123456789012:table/*"]),
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2000),
    st.sampled_from(
        ["PAY_PER_REQUEST", "PROVISIONED", "python3.8", "python3.13", "ReportBatchItemFailures", "it-1", ""]
    ),
    st.sampled_from([ROLE_ARN, QUEUE_ARN, "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess", "lambda.amazonaws.com"]),
    documents,
    st.just(UNKNOWN),
)
KEYS = ["enabled", "maximumConcurrency", "Statement", "initialInstanceCount"]
values = st.recursive(
    leaves | leaves.map(hidden),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["enabled", "maximumConcurrency", "Statement", "initialInstanceCount"]), inner, max_size=3
        ),
        inner.map(hidden),
    ),
    max_leaves=6,
)


def put(properties: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a path, making the objects and lists on the way."""
    node: Any = properties
    keys = steps(path)
    for key, following in zip(keys, (*keys[1:], None), strict=True):
        if isinstance(node, list):
            return
        if following is None or isinstance(key, int):
            node[str(key)] = value
            return
        inner = node.get(key)
        node[key] = inner if isinstance(inner, dict) and len(inner) < 9 else {}
        node = node[key]


@st.composite
def resources(draw: st.DrawFn) -> list[analyzer_pb2.AnalyzeRequest]:
    """One resource of each of a few types that rules know, with some of the properties that rules read."""
    types = draw(
        st.lists(
            st.sampled_from(sorted({type_ for rule in PACK.rules for type_ in rule.on})),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    registered = []
    for type_ in types:
        properties: dict[str, Any] = {}
        for path in draw(st.lists(st.sampled_from(paths()), max_size=8, unique=True)):
            put(properties, path, draw(values))
        registered.append(analyze(type_, "it", **properties))
    return registered


def violations(responses: list[analyzer_pb2.AnalyzeResponse]) -> set[tuple[str, str]]:
    """Which rule was found broken by which resource."""
    return {
        (each.policyName, each.urn)
        for response in responses
        for each in response.diagnostics
        if each.urn and each.policyName != KNOWN.id and _CRASH not in each.message
    }


@settings(max_examples=3 * EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(resources())
def test_both_servers_find_the_same(registered: list[analyzer_pb2.AnalyzeRequest]) -> None:
    """Random resources with unknowns, secrets and nesting: the same fail verdicts."""
    ours = Analyzer(PACK, dt.date(2026, 11, 24))
    ours.ConfigureStack(begin(), CONTEXT)
    theirs = _PolicyAnalyzerServicer("stock", "1", stock.policies(PACK.rules), EnforcementLevel.ADVISORY)
    whole = stack(*registered)
    answers = [
        violations([*(server.Analyze(each, CONTEXT) for each in registered), server.AnalyzeStack(whole, CONTEXT)])
        for server in (ours, theirs)
    ]
    target(float(len(answers[0])))  # look for examples that break many rules
    assert answers[0] == answers[1]
