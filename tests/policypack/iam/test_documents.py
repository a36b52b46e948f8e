"""Parsing of policy documents: valid and invalid forms, unknown parts, secrets, and arbitrary input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.iam.documents import parse_policy
from policypack.iam.elements import Document
from policypack.model import Undecided, Unknown, is_secret, secret
from tests.property_tests import EXAMPLES

ALLOW = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: Any, **more: Any) -> Any:
    """A document with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def actions(found: Document) -> list[str | None]:
    """The values of all actions, in order."""
    return [entry.value for statement in found.statements for entry in statement.actions]


@pytest.mark.parametrize(
    "source",
    [
        document(ALLOW),
        json.dumps(document(ALLOW)),
        json.dumps(document(ALLOW), indent=8),
        "\n\t " + json.dumps(document(ALLOW)) + "\r\n",
        {"Version": "2012-10-17", "Statement": ALLOW},
        {"Statement": [ALLOW]},  # "If you do not include a Version element, the value defaults to 2008-10-17"
        [ALLOW],
        {"statement": {"EFFECT": "Allow", "action": ["sqs:SendMessage"], "RESOURCE": ["*"]}},
        document(ALLOW | {"Sid": "One2"}),
        document(ALLOW | {"Condition": {"StringEquals": {"aws:SourceVpc": ["vpc-1"]}, "Null": {"aws:x": False}}}),
        document({"Effect": "Deny", "NotAction": "sqs:*", "NotResource": "arn:aws:sqs:*"}, ALLOW),
    ],
)
def test_valid_documents(source: object) -> None:
    """Every valid form is parsed without problems and gives the same actions."""
    found = parse_policy(source)
    assert not found.is_unknown
    assert not found.invalid
    assert found.unknown_places == ()
    assert not any(statement.invalid for statement in found.statements)
    assert found.problems == ()
    assert "sqs:SendMessage" in actions(found)


@pytest.mark.parametrize(
    ("source", "place", "text"),
    [
        ("", "", "is not JSON"),
        ("{", "", "is not JSON"),
        ("[1, NaN]", "", "is not JSON"),
        ("null", "", "is not a policy"),
        ("[]x", "", "is not JSON"),
        ('"text"', "", "is not a policy"),
        (None, "", "is not a policy"),
        (7, "", "is not a policy"),
        ("{}", "", "has no Statement"),
        ('{"Statement": [], "Statement": []}', "", "has the key 'Statement' twice"),
        (
            '{"Statement": [{"Effect": "Allow", "Action": "a:b", "Action": "c:d", "Resource": "*"}]}',
            "",
            "'Action' twice",
        ),
        ("[" * 100_000, "", "nested too deeply"),
        ('{"Statement": "\u0007"}', "", "is not JSON"),
        (document("x"), "Statement[0]", "is not a statement"),
        (document([ALLOW]), "Statement[0]", "is not a statement"),
        ({"Version": "2015-01-01", "Statement": [ALLOW]}, "Version", "is not one of"),
        (document(ALLOW, Id="x"), "Id", "not allowed in an identity-based policy"),
        (document(ALLOW, Comment="x"), "Comment", "is not an element"),
        (document(ALLOW | {"Effect": "allow"}), "Statement[0].Effect", "neither Allow nor Deny"),
        (document(ALLOW | {"action": "sqs:*"}), "Statement[0].Action", "is given twice"),
        (document(ALLOW | {"NotAction": "sqs:*"}), "Statement[0]", "both Action and NotAction"),
        (document({"Effect": "Allow", "Resource": "*"}), "Statement[0]", "neither Action nor NotAction"),
        (document({"Effect": "Allow", "Action": "*"}), "Statement[0]", "neither Resource nor NotResource"),
        (document(ALLOW | {"Principal": "*"}), "Statement[0]", "has a principal"),
        (document(ALLOW | {"Action": []}), "Statement[0].Action", "is empty"),
        (document(ALLOW | {"Action": [""]}), "Statement[0].Action[0]", "is empty"),
        (document(ALLOW | {"Action": ["a:b", 3]}), "Statement[0].Action[1]", "is not a string"),
        (document(ALLOW | {"Action": ["SendMessage"]}), "Statement[0].Action[0]", "without a service"),
        (document(ALLOW | {"Resource": "work"}), "Statement[0].Resource", 'neither "*" nor an ARN'),
        (document(ALLOW | {"Resource": "arn:aws:sqs"}), "Statement[0].Resource", 'neither "*" nor an ARN'),
        (document(ALLOW | {"Resource": "arn:aws:sqs:::\u2603"}), "Statement[0].Resource", "characters"),
        (document(ALLOW | {"Resource": "x" * 30_000}), "Statement[0].Resource", "longer than the largest policy"),
        (document(ALLOW | {"Sid": "a b"}), "Statement[0].Sid", "letters and digits"),
        (document(ALLOW | {"Sid": "a"}, ALLOW | {"Sid": "a"}), "Statement[1]", "same Sid as another"),
        (document(ALLOW | {"Condition": []}), "Statement[0].Condition", "is not an object"),
        (
            document(ALLOW | {"Condition": {"StringEquals": "x"}}),
            "Statement[0].Condition.StringEquals",
            "not an object",
        ),
        (
            document(ALLOW | {"Condition": {"Like": {"a": "b"}}}),
            "Statement[0].Condition.Like",
            "not a condition operator",
        ),
        (document(ALLOW | {"Condition": {"Bool": {"a": {}}}}), 'Statement[0].Condition.Bool["a"]', "not a string"),
    ],
)
def test_invalid_documents(source: object, place: str, text: str) -> None:
    """What IAM would reject is listed with its place, and no error is raised."""
    found = parse_policy(source)
    assert any(problem.place == place and text in problem.text for problem in found.problems), found.problems


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (TRUST, None),
        (TRUST | {"Principal": "*"}, None),
        (TRUST | {"Principal": {"AWS": ["123456789012", "*"]}}, None),
        (TRUST | {"Sid": "with spaces"}, None),
        (TRUST | {"Resource": "*"}, "has a resource"),
        (TRUST | {"Principal": "arn:aws:iam::123456789012:root"}, 'is neither "*" nor an object'),
        (TRUST | {"Principal": {"Group": "x"}}, "not a principal type"),
        (TRUST | {"Principal": {}}, "has no principals"),
        (TRUST | {"Principal": {"AWS": 123456789012}}, "is not a principal"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "has neither Principal nor NotPrincipal"),
    ],
)
def test_trust_policies(statement: dict[str, Any], text: str | None) -> None:
    """A trust policy has principals and no resources."""
    problems = parse_policy(document(statement), "trust").problems
    assert [text in problem.text for problem in problems if text] == ([True] if text else [])
    assert bool(problems) == bool(text)


def test_every_element_has_a_place() -> None:
    """A place has an index only where the document has a list."""
    found = parse_policy(
        document(ALLOW, ALLOW | {"Action": ["a:b", "c:d"], "Condition": {"Bool": {"aws:x": ["true"]}}})
    )
    one, two = found.statements
    assert (one.actions[0].place, one.resources[0].place) == ("Statement[0].Action", "Statement[0].Resource")
    assert two.actions[1].place == "Statement[1].Action[1]"
    assert two.conditions[0].values[0].place == 'Statement[1].Condition.Bool["aws:x"][0]'
    assert parse_policy({"Statement": ALLOW}).statements[0].actions[0].place == "Statement.Action"


@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        (Unknown("policy"), "policy"),
        (document(Unknown("a")), "Statement[0]"),
        ({"Statement": Unknown("a")}, "Statement"),
        (document(ALLOW | {"Resource": ["*", Unknown("queue.arn")]}), "Statement[0].Resource[1]"),
        (
            document(ALLOW | {"Condition": {"StringEquals": {"a": Unknown("x")}}}),
            'Statement[0].Condition.StringEquals["a"]',
        ),
        (document(ALLOW | {"Effect": Unknown("x")}), "Statement[0].Effect"),
    ],
)
def test_unknown_parts_are_listed(source: object, unknown: str) -> None:
    """The places of unknown parts are listed; the known parts are still parsed."""
    found = parse_policy(source)
    assert found.unknown_places == (unknown,)


def test_the_text_of_an_unknown_entry_raises() -> None:
    """The error names the property that the value depends on."""
    entry = parse_policy(document(ALLOW | {"Resource": Unknown("queue.arn")})).statements[0].resources[0]
    assert not entry.known
    with pytest.raises(Undecided) as raised:
        entry.text()
    assert raised.value.path == "queue.arn"


def test_secrets_stay_secret() -> None:
    """Values from a secret document are secrets, and still compare equal to their plain text."""
    for source in (secret(json.dumps(document(ALLOW))), secret(document(ALLOW))):
        value = parse_policy(source).statements[0].actions[0].text()
        assert is_secret(value)
        assert value == "sqs:SendMessage"


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.builds(Unknown, st.text(max_size=3))
ARBITRARY_DOCUMENT = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Action", "NotAction", "Effect", "Resource", "Principal", "AWS", "Condition", "Bool"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=4 * EXAMPLES, deadline=None)
@given(ARBITRARY_DOCUMENT, st.sampled_from(["identity", "trust", "resource"]))
def test_parsing_never_raises(source: object, kind: Any) -> None:
    """Any input gives a document, which has no statements if the whole document is unknown."""
    found = parse_policy(source, kind)
    assert isinstance(found, Document)
    assert not (found.is_unknown and found.statements)
    assert found.problems or found.unknown_places or found.statements or source == [] or isinstance(source, dict)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_parsing_arbitrary_text_never_raises(text: str) -> None:
    """Text that is not a policy has at least one problem."""
    assert parse_policy(text).problems


def test_a_document_above_the_size_limit_is_invalid_and_still_parsed() -> None:
    """A document of one megabyte is rejected; its statements are still available."""
    count = 10_000
    found = parse_policy(json.dumps(document(*[ALLOW | {"Sid": f"S{index}"} for index in range(count)])))
    assert len(found.statements) == count
    assert found.statements[-1].actions[0].place == f"Statement[{count - 1}].Action"
    assert found.invalid
    assert [problem.text for problem in found.problems] == ["is larger than the largest policy that AWS accepts"]
