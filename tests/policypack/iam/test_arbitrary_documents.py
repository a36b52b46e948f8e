"""Property-based tests: every function gives a result for arbitrary documents."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.iam.actions import expand_action
from policypack.iam.condition_operators import OPERATORS
from policypack.iam.condition_values import prevent_public_access
from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.evaluation import Decision, Verdict, evaluate, evaluate_record
from policypack.iam.global_condition_keys import condition_key_type
from policypack.iam.grants import grants_of
from policypack.iam.privilege_escalation import find_escalations
from policypack.iam.requests import make_request
from policypack.iam.trust_policies import trusted_principals, trusts_service
from policypack.model import Unknown
from tests.property_tests import EXAMPLES

TEXT = st.sampled_from(
    ("*", "s3:*", "s3:GetObject", "iam:PassRole", "arn:aws:s3:::b/*", "arn:aws:s3:*", "${aws:username}", "${", "a:b:c")
) | st.text(max_size=10)
UNKNOWN = st.builds(Unknown, st.just("some.property"))
VALUES = TEXT | UNKNOWN | st.lists(TEXT | UNKNOWN, max_size=3) | st.integers() | st.none()
QUANTIFIERS = st.sampled_from(("", "ForAllValues:", "ForAnyValue:", "Some:"))
NAMES = st.sampled_from((*OPERATORS, "Null", "Nonsense"))
SUFFIXES = st.sampled_from(("", "IfExists"))
OPERATOR = st.builds(lambda one, two, three: one + two + three, QUANTIFIERS, NAMES, SUFFIXES)
CONDITIONS = st.dictionaries(OPERATOR, st.dictionaries(TEXT, VALUES, max_size=2) | UNKNOWN, max_size=2) | VALUES
STATEMENT: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"Effect": st.sampled_from(("Allow", "Deny", "allow")) | UNKNOWN, "Action": VALUES},
    optional={
        "Resource": VALUES,
        "NotResource": VALUES,
        "NotAction": VALUES,
        "Condition": CONDITIONS,
        "Principal": VALUES | st.dictionaries(st.sampled_from(("AWS", "Service", "Federated")), VALUES, max_size=2),
    },
)
DOCUMENT = st.fixed_dictionaries(
    {"Statement": st.lists(STATEMENT | UNKNOWN, max_size=4) | STATEMENT},
    optional={"Version": st.sampled_from(("2012-10-17", "2008-10-17"))},
)
CONTEXT = st.dictionaries(TEXT, st.none() | TEXT | st.booleans() | st.floats() | st.lists(TEXT, max_size=3), max_size=3)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(DOCUMENT, DOCUMENT | st.none(), st.tuples(TEXT, TEXT, TEXT), CONTEXT)
def test_every_request_gets_a_decision(
    document: Any, boundary: Any, names: tuple[str, str, str], context: dict[str, Any]
) -> None:
    """Every request has a decision, and a Deny statement for everything denies every request."""
    principal, action, resource = names
    record = {"documents": [document], "boundary": boundary, "principal": principal, "context": context}
    found = evaluate_record(record | {"action": action, "resource": resource})
    assert isinstance(found, Decision)
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    attached = [AttachedPolicy("one", parse_policy(document)), AttachedPolicy("two", parse_policy([deny]))]
    assert evaluate(make_request(action, resource, principal, context), attached).verdict is Verdict.DENIED


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(DOCUMENT, TEXT, TEXT)
def test_grants_of_arbitrary_documents(document: Any, action: str, resource: str) -> None:
    """Grants, escalations and principals are found in any document. If all is denied, no certain grant is left."""
    attached = [AttachedPolicy("one", parse_policy(document))]
    grants = grants_of(attached)
    assert grants.allows(action, resource) in {True, False, None}
    assert all(found.target for found in find_escalations(grants))
    assert len(list(grants.effective_grants())) <= sum(len(grant.resources) for grant in grants.grants)
    denied = grants_of(
        [*attached, AttachedPolicy("two", parse_policy([{"Effect": "Deny", "Action": "*", "Resource": "*"}]))]
    )
    assert not any(grant.certain for grant in denied.effective_grants())
    trust = parse_policy(document, "trust")
    assert all(prevent_public_access(one.conditions) in {True, False} for one in trusted_principals(trust))
    assert trusts_service(trust, "lambda.amazonaws.com") in {True, False, None}


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(TEXT, TEXT)
def test_decisions_agree_with_grants(action: str, resource: str) -> None:
    """Every allowed request has a grant, and every request without a grant is denied."""
    statement = {"Effect": "Allow", "Action": ["s3:Get*", action], "Resource": ["arn:aws:s3:::b/*", resource]}
    attached = [AttachedPolicy("one", parse_policy({"Version": "2012-10-17", "Statement": [statement]}))]
    for asked in ("s3:GetObject", "iam:PassRole"):
        for target in ("arn:aws:s3:::b/x", "arn:aws:s3:::c", "*"):
            verdict = evaluate(make_request(asked, target), attached).verdict
            if verdict is Verdict.ALLOWED:
                assert grants_of(attached).allows(asked, target) is not False
            if grants_of(attached).allows(asked, target) is False:
                assert verdict is Verdict.DENIED


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(TEXT)
def test_arbitrary_action_names_and_condition_keys(text: str) -> None:
    """Texts that are not action names or condition keys give a result as well."""
    assert expand_action(text) is None or isinstance(expand_action(text), tuple)
    assert condition_key_type(text) is None or isinstance(condition_key_type(text), str)
