"""Documents in every form, good and bad, and what the reader says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.iam.documents import Document, parse_policy
from policypack.model import Undecided, Unknown, is_secret, secret

ALLOW = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: Any, **more: Any) -> Any:
    """A whole document."""
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def actions(found: Document) -> list[str | None]:
    """All actions, in order."""
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
def test_good_forms(source: object) -> None:
    """Nothing to find fault with, and every form reads the same."""
    found = parse_policy(source)
    assert found.is_complete
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
        ({"Version": "2015-01-01", "Statement": [ALLOW]}, "Version", "is none of"),
        (document(ALLOW, Id="x"), "Id", "no place in an identity policy"),
        (document(ALLOW, Comment="x"), "Comment", "is no element"),
        (document(ALLOW | {"Effect": "allow"}), "Statement[0].Effect", "neither Allow nor Deny"),
        (document(ALLOW | {"action": "sqs:*"}), "Statement[0].Action", "stands twice"),
        (document(ALLOW | {"NotAction": "sqs:*"}), "Statement[0]", "both Action and NotAction"),
        (document({"Effect": "Allow", "Resource": "*"}), "Statement[0]", "neither Action nor NotAction"),
        (document({"Effect": "Allow", "Action": "*"}), "Statement[0]", "neither Resource nor NotResource"),
        (document(ALLOW | {"Principal": "*"}), "Statement[0]", "names a principal"),
        (document(ALLOW | {"Action": []}), "Statement[0].Action", "is empty"),
        (document(ALLOW | {"Action": [""]}), "Statement[0].Action[0]", "is empty"),
        (document(ALLOW | {"Action": ["a:b", 3]}), "Statement[0].Action[1]", "is not a string"),
        (document(ALLOW | {"Action": ["SendMessage"]}), "Statement[0].Action[0]", "without a service"),
        (document(ALLOW | {"Resource": "work"}), "Statement[0].Resource", 'neither "*" nor an ARN'),
        (document(ALLOW | {"Resource": "arn:aws:sqs"}), "Statement[0].Resource", 'neither "*" nor an ARN'),
        (document(ALLOW | {"Resource": "arn:aws:sqs:::\u2603"}), "Statement[0].Resource", "characters"),
        (document(ALLOW | {"Resource": "x" * 30_000}), "Statement[0].Resource", "longer than any policy"),
        (document(ALLOW | {"Sid": "a b"}), "Statement[0].Sid", "letters and digits"),
        (document(ALLOW | {"Sid": "a"}, ALLOW | {"Sid": "a"}), "Statement[1]", "Sid of another"),
        (document(ALLOW | {"Condition": []}), "Statement[0].Condition", "is not an object"),
        (
            document(ALLOW | {"Condition": {"StringEquals": "x"}}),
            "Statement[0].Condition.StringEquals",
            "not an object",
        ),
        (document(ALLOW | {"Condition": {"Like": {"a": "b"}}}), "Statement[0].Condition.Like", "no condition operator"),
        (document(ALLOW | {"Condition": {"Bool": {"a": {}}}}), 'Statement[0].Condition.Bool["a"]', "not a string"),
    ],
)
def test_bad_forms(source: object, place: str, text: str) -> None:
    """What IAM would refuse is named with its place, and nothing is raised."""
    found = parse_policy(source)
    assert any(problem.place == place and text in problem.text for problem in found.problems), found.problems


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (TRUST, None),
        (TRUST | {"Principal": "*"}, None),
        (TRUST | {"Principal": {"AWS": ["123456789012", "*"]}}, None),
        (TRUST | {"Sid": "with spaces"}, None),
        (TRUST | {"Resource": "*"}, "names a resource"),
        (TRUST | {"Principal": "arn:aws:iam::123456789012:root"}, 'is neither "*" nor an object'),
        (TRUST | {"Principal": {"Group": "x"}}, "no kind of principal"),
        (TRUST | {"Principal": {}}, "names nobody"),
        (TRUST | {"Principal": {"AWS": 123456789012}}, "not the name of a principal"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "names no principal"),
    ],
)
def test_trust_policies(statement: dict[str, Any], text: str | None) -> None:
    """A trust policy names who, and never what on."""
    problems = parse_policy(document(statement), "trust").problems
    assert [text in problem.text for problem in problems if text] == ([True] if text else [])
    assert bool(problems) == bool(text)


def test_every_part_knows_its_place() -> None:
    """Places are written as the document is: an index only where there is a list."""
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
def test_unknown_parts_stay_unknown(source: object, unknown: str) -> None:
    """A document with unknown parts is never complete, and the known parts are still read."""
    found = parse_policy(source)
    assert found.unknown_places == (unknown,)
    assert not found.is_complete


def test_an_unknown_entry_raises_when_looked_at() -> None:
    """Looking at it says which property it hangs on."""
    entry = parse_policy(document(ALLOW | {"Resource": Unknown("queue.arn")})).statements[0].resources[0]
    assert not entry.known
    with pytest.raises(Undecided) as raised:
        entry.text()
    assert raised.value.path == "queue.arn"


def test_secrets_stay_secret() -> None:
    """What comes from a secret document prints as a secret, and still compares as it is."""
    for source in (secret(json.dumps(document(ALLOW))), secret(document(ALLOW))):
        value = parse_policy(source).statements[0].actions[0].text()
        assert is_secret(value)
        assert value == "sqs:SendMessage"


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.builds(Unknown, st.text(max_size=3))
WILD = st.recursive(
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


@settings(max_examples=400, deadline=None)
@given(WILD, st.sampled_from(["identity", "trust", "resource"]))
def test_nothing_makes_the_reader_fail(source: object, kind: Any) -> None:
    """Whatever comes, a document comes back, and it is complete only where nothing is unknown or refused."""
    found = parse_policy(source, kind)
    assert isinstance(found, Document)
    assert not (found.is_complete and found.unknown_places)
    assert found.problems or found.unknown_places or found.statements or source == [] or isinstance(source, dict)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    """Text that is no policy has at least one problem."""
    assert parse_policy(text).problems


def test_a_document_larger_than_any_is_refused_and_still_read() -> None:
    """A megabyte of statements is no policy; each of them can still be looked at."""
    count = 10_000
    found = parse_policy(json.dumps(document(*[ALLOW | {"Sid": f"S{index}"} for index in range(count)])))
    assert len(found.statements) == count
    assert found.statements[-1].actions[0].place == f"Statement[{count - 1}].Action"
    assert found.invalid
    assert [problem.text for problem in found.problems] == ["is larger than any policy may be"]
