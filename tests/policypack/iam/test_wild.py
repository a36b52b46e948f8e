"""Whatever a document holds, every question about it is answered."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.iam.actions import can_be_scoped, expand
from policypack.iam.condition_operators import OPERATORS
from policypack.iam.condition_values import restricts
from policypack.iam.documents import parse
from policypack.iam.escalation import escalations
from policypack.iam.evaluation import Attached, Decision, Verdict, decide, decide_record
from policypack.iam.global_keys import key_type
from policypack.iam.grants import grants_of
from policypack.iam.requests import request
from policypack.iam.trust import may_assume, trusted
from policypack.model import Unknown

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


@settings(max_examples=300, deadline=None)
@given(DOCUMENT, DOCUMENT | st.none(), st.tuples(TEXT, TEXT, TEXT), CONTEXT)
def test_every_request_gets_a_decision(
    document: Any, boundary: Any, names: tuple[str, str, str], context: dict[str, Any]
) -> None:
    """Allowed, denied or undecided; and a denial added to the documents never makes more allowed."""
    principal, action, resource = names
    record = {"documents": [document], "boundary": boundary, "principal": principal, "context": context}
    found = decide_record(record | {"action": action, "resource": resource})
    assert isinstance(found, Decision)
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    attached = [Attached("one", parse(document)), Attached("two", parse([deny]))]
    assert decide(request(action, resource, principal, context), attached).verdict is Verdict.DENIED


@settings(max_examples=300, deadline=None)
@given(DOCUMENT, TEXT, TEXT)
def test_every_question_about_grants_is_answered(document: Any, action: str, resource: str) -> None:
    """Grants, ways up and trust of any document; and everything denied leaves nothing."""
    attached = [Attached("one", parse(document))]
    grants = grants_of(attached)
    assert grants.may(action, resource) in {True, False, None}
    assert all(way.path for way in escalations(grants))
    assert len(list(grants.effective())) <= sum(len(grant.resources) for grant in grants.grants)
    denied = grants_of([*attached, Attached("two", parse([{"Effect": "Deny", "Action": "*", "Resource": "*"}]))])
    assert not any(reach.certain for reach in denied.effective())
    trust = parse(document, "trust")
    assert all(restricts(one.conditions) in {True, False} for one in trusted(trust))
    assert may_assume(trust, "lambda.amazonaws.com") in {True, False, None}


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT)
def test_a_certain_decision_agrees_with_the_grants(action: str, resource: str) -> None:
    """What is allowed without conditions is granted, and what is not granted is denied."""
    statement = {"Effect": "Allow", "Action": ["s3:Get*", action], "Resource": ["arn:aws:s3:::b/*", resource]}
    attached = [Attached("one", parse({"Version": "2012-10-17", "Statement": [statement]}))]
    for asked in ("s3:GetObject", "iam:PassRole"):
        for target in ("arn:aws:s3:::b/x", "arn:aws:s3:::c", "*"):
            verdict = decide(request(asked, target), attached).verdict
            if verdict is Verdict.ALLOWED:
                assert grants_of(attached).may(asked, target) is not False
            if grants_of(attached).may(asked, target) is False:
                assert verdict is Verdict.DENIED


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_any_text_can_be_asked_about(text: str) -> None:
    """Action names and condition keys that are none."""
    assert can_be_scoped(text) in {True, False, None}
    assert expand(text) is None or isinstance(expand(text), tuple)
    assert key_type(text) is None or isinstance(key_type(text), str)
