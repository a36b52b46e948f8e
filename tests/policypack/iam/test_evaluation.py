"""Evaluation of requests: denials, boundaries, NotAction, NotResource, policy variables and unknown parts."""

from __future__ import annotations

from typing import Any

import pytest

from policypack.iam.documents import parse_policy
from policypack.iam.elements import AttachedPolicy
from policypack.iam.evaluation import Verdict, evaluate, evaluate_record
from policypack.iam.requests import make_request
from policypack.model import Unknown

BUCKET = "arn:aws:s3:::reports"
OBJECT = f"{BUCKET}/2024/june.csv"
USER = "arn:aws:iam::123456789012:user/team/anna"
SESSION = "arn:aws:sts::123456789012:assumed-role/worker/session"


def statement(effect: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    """One document."""
    return {"Statement": list(statements)} | ({"Version": version} if version else {})


READ = statement("Allow", "s3:GetObject", f"{BUCKET}/*")
WITHOUT_ACTION = {"Effect": "Allow", "Resource": "*"}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        # IAM user guide, "Policy evaluation logic": "By default, all requests are implicitly denied"
        ([], "denied"),
        ([policy(READ)], "allowed"),
        ([policy(statement("Allow", "s3:PutObject", f"{BUCKET}/*"))], "denied"),
        ([policy(statement("Allow", "s3:GetObject", BUCKET))], "denied"),
        ([policy(statement("Allow", "s3:*")), policy(READ)], "allowed"),
        # "An explicit deny in any policy overrides any allows", whatever the order
        ([policy(READ, statement("Deny", "s3:*"))], "denied"),
        ([policy(statement("Deny", "s3:GetObject", f"{BUCKET}/2024/*")), policy(READ)], "denied"),
        ([policy(READ), policy(statement("Deny", "s3:GetObject", f"{BUCKET}/2025/*"))], "allowed"),
        ([policy(READ, statement("Deny", "s3:Put*"))], "allowed"),
        # NotAction: everything except
        ([policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})], "allowed"),
        ([policy({"Effect": "Allow", "NotAction": ["iam:*", "S3:get*"], "Resource": "*"})], "denied"),
        ([policy(READ, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})], "allowed"),
        ([policy(READ, {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})], "denied"),
        # NotResource: everything except, also by a pattern that ends early
        ([policy({"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/2023/*"})], "allowed"),
        ([policy({"Effect": "Allow", "Action": "s3:*", "NotResource": [BUCKET, f"{BUCKET}/*"]})], "denied"),
        ([policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:*"})], "denied"),
        ([policy(READ, {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{BUCKET}/*"})], "allowed"),
        # policy variables: only with the version that supports them, and only if they have a value
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{s3:year}}/*"))], "allowed"),
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{s3:year}}/*"), version=None)], "denied"),
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{s3:month}}/*"))], "denied"),
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{s3:month, '2024'}}/*"))], "allowed"),
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{s3:star}}"))], "denied"),  # wildcards in values are literal
        ([policy(statement("Allow", "s3:*", f"{BUCKET}/${{*}}"))], "denied"),
        ([policy({"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/${{s3:month}}/*"})], "allowed"),
        # all conditions of a statement must be met
        ([policy(READ | {"Condition": {"StringEquals": {"s3:year": "2024", "s3:star": "*"}}})], "allowed"),
        ([policy(READ | {"Condition": {"StringEquals": {"s3:year": "2024", "s3:star": "x"}}})], "denied"),
        ([policy(READ | {"Condition": {"StringEquals": {"s3:year": "2024"}, "Bool": {"s3:no": "true"}}})], "denied"),
        ([policy(READ | {"Condition": {}})], "allowed"),
        # other forms of documents
        ([policy(READ)["Statement"]], "allowed"),
        ([{"statement": {"effect": "Allow", "action": "S3:GETOBJECT", "resource": ["*"]}}], "allowed"),
        (['{"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}]}'], "allowed"),
        (policy(READ), "allowed"),
        # the effect of what IAM would reject is unknown
        (["not a policy"], "undecided"),
        ([policy(READ), "not a policy"], "undecided"),
        ([policy(statement("Deny", "s3:*")), "not a policy"], "denied"),
        ([policy(READ, {"Effect": "allow", "Action": "s3:*", "Resource": "*"})], "undecided"),
        ([policy(READ, {"Effect": "allow", "Action": "sqs:*", "Resource": "*"})], "allowed"),
        ([policy(WITHOUT_ACTION)], "denied"),
    ],
)
def test_documents(documents: Any, expected: str) -> None:
    """Identity-based policies without a permissions boundary."""
    asked = {
        "documents": documents,
        "principal": USER,
        "action": "s3:GetObject",
        "resource": OBJECT,
        "context": {"s3:year": "2024", "s3:star": "*", "s3:no": False},
    }
    assert evaluate_record(asked).verdict.value == expected


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        # IAM user guide, "Permissions boundaries": the effective permissions are the intersection
        (None, "allowed"),
        (policy(statement("Allow", "s3:*")), "allowed"),
        (policy(statement("Allow", "s3:Get*", f"{BUCKET}/2024/*")), "allowed"),
        (policy(statement("Allow", "s3:Get*", f"{BUCKET}/2023/*")), "denied"),
        (policy(statement("Allow", "sqs:*")), "denied"),
        (policy(statement("Allow", "*"), statement("Deny", "s3:*")), "denied"),
        (policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "allowed"),
        (policy(statement("Allow", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})), "denied"),
        ("nonsense", "undecided"),
    ],
)
def test_boundary(boundary: Any, expected: str) -> None:
    """A permissions boundary limits all policies and grants nothing by itself."""
    asked = {"documents": [policy(READ)], "principal": USER, "action": "s3:GetObject", "resource": OBJECT}
    assert evaluate_record(asked | {"boundary": boundary}).verdict.value == expected
    nothing = asked | {"documents": [], "boundary": boundary}
    assert evaluate_record(nothing).verdict is Verdict.DENIED


@pytest.mark.parametrize(
    ("principal", "key", "value"),
    [
        # IAM user guide, "Principal key values"
        (USER, "aws:username", "anna"),
        (USER, "aws:PrincipalType", "User"),
        (USER, "aws:PrincipalAccount", "123456789012"),
        (USER, "aws:PrincipalArn", USER),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        (SESSION, "aws:PrincipalArn", "arn:aws:iam::123456789012:role/worker"),
        ("arn:aws:iam::123456789012:root", "aws:PrincipalType", "Account"),
        ("arn:aws:iam::123456789012:root", "aws:userid", "123456789012"),
    ],
)
def test_condition_keys_of_the_principal(principal: str, key: str, value: str) -> None:
    """Condition keys are derived from the ARN of the principal unless the context has them."""
    document = policy(statement("Allow", "sqs:*", Condition={"StringEquals": {key: value}}))
    asked = {"documents": [document], "principal": principal, "action": "sqs:ListQueues"}
    assert evaluate_record(asked).verdict is Verdict.ALLOWED
    assert evaluate_record(asked | {"context": {key: "other"}}).verdict is Verdict.DENIED


def test_a_role_session_has_no_user_name() -> None:
    """The variable aws:username is absent from requests of role sessions, so a pattern with it matches nothing."""
    document = policy(statement("Allow", "s3:*", f"{BUCKET}/${{aws:username}}/*"))
    asked = {"documents": [document], "action": "s3:GetObject", "resource": f"{BUCKET}/worker/x"}
    assert evaluate_record(asked | {"principal": SESSION}).verdict is Verdict.DENIED


def test_the_decision_names_the_statement() -> None:
    """The decision has the document and the place of the deciding statement."""
    documents = [
        AttachedPolicy("inline policy", parse_policy(policy(READ))),
        AttachedPolicy("managed policy", parse_policy(policy(statement("Allow", "sqs:*"), statement("Deny", "s3:*")))),
    ]
    found = evaluate(make_request("s3:GetObject", OBJECT), documents)
    assert (found.verdict, found.is_explicit) == (Verdict.DENIED, True)
    assert (found.document, found.place) == ("managed policy", "Statement[1]")
    found = evaluate(make_request("s3:GetObject", OBJECT), documents[:1])
    assert (found.verdict, found.document, found.place) == (Verdict.ALLOWED, "inline policy", "Statement[0]")
    found = evaluate(make_request("s3:PutObject", OBJECT), documents[:1])
    assert (found.verdict, found.is_explicit, found.place) == (Verdict.DENIED, False, "")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([Unknown("policy")], Verdict.UNDECIDED),
        ([statement("Allow", "s3:GetObject", Unknown("bucket.arn"))], Verdict.UNDECIDED),
        ([statement("Allow", "s3:PutObject", Unknown("bucket.arn"))], Verdict.DENIED),
        ([statement("Allow", Unknown("action"), BUCKET)], Verdict.DENIED),
        ([READ, statement("Deny", "s3:GetObject", Unknown("bucket.arn"))], Verdict.UNDECIDED),
        ([READ, statement("Deny", "s3:PutObject", Unknown("bucket.arn"))], Verdict.ALLOWED),
        ([READ, statement("Deny", "s3:GetObject"), Unknown("statement")], Verdict.DENIED),
        ([READ, statement("Allow", "s3:*", Unknown("bucket.arn"))], Verdict.ALLOWED),
        ([statement("Allow", "s3:*", [Unknown("a"), f"{BUCKET}/*"])], Verdict.ALLOWED),
        ([READ | {"Condition": {"StringEquals": {"s3:year": Unknown("year")}}}], Verdict.UNDECIDED),
        ([READ | {"Condition": {"StringEquals": {"s3:year": ["2024", Unknown("y")]}}}], Verdict.ALLOWED),
        ([READ | {"Condition": Unknown("condition")}], Verdict.UNDECIDED),
        ([READ | {"Effect": Unknown("effect")}], Verdict.UNDECIDED),
    ],
)
def test_unknown_parts(statements: list[Any], expected: Verdict) -> None:
    """The verdict is undecided only if it depends on an unknown part."""
    attached = [AttachedPolicy("policy", parse_policy(policy(*statements)))]
    asked = make_request("s3:GetObject", OBJECT, USER, {"s3:year": "2024"})
    assert evaluate(asked, attached).verdict is expected


def test_incomplete_context() -> None:
    """If the context is incomplete, conditions on its missing keys are undecided."""
    conditional = READ | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
    attached = [AttachedPolicy("policy", parse_policy(policy(conditional)))]
    assert (
        evaluate(make_request("s3:GetObject", OBJECT, USER, incomplete_context=True), attached).verdict
        is Verdict.UNDECIDED
    )
    assert evaluate(make_request("s3:GetObject", OBJECT, USER), attached).verdict is Verdict.DENIED


@pytest.mark.parametrize(
    "record", [{}, {"action": "GetObject"}, {"action": 3}, {"action": "s3:GetObject", "resource": 1}]
)
def test_an_invalid_request_is_undecided(record: dict[str, Any]) -> None:
    """An object that is not a request has no other verdict."""
    assert evaluate_record({"documents": [policy(READ)]} | record).verdict is Verdict.UNDECIDED
