"""Parse an IAM policy document, given as JSON text or as objects, without ever raising an error."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from policypack.iam.elements import Document, PolicyType, Problem, Statement
from policypack.iam.statement_parser import MAX_DOCUMENT_SIZE, StatementParser
from policypack.model import is_secret, is_unknown, secret

if TYPE_CHECKING:
    from collections.abc import Iterator


_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_ELEMENTS: Final = {"version": "Version", "id": "Id", "statement": "Statement"}


def parse_policy(source: object, kind: PolicyType = "identity") -> Document:
    """Parse a policy document: JSON text, an object, a list of statements, or a value that is not known yet.

    Never raises. `problems` of the result lists what IAM would reject, `unknown_places` what is not known.
    """
    if is_unknown(source):
        origin: str = getattr(source, "path", "")
        return Document(is_unknown=True, unknown_places=(origin,))
    if isinstance(source, str):
        if is_secret(source):
            return _parse_text(source, kind)
        return _parse_cached(source, kind)
    return _parse_object(source, kind)


def _parse_text(text: str, kind: PolicyType) -> Document:
    import json  # noqa: PLC0415 - a run without IAM documents does not need it

    duplicates: list[str] = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            duplicates.extend(key for key, count in counts.items() if count > 1)
        return made

    try:
        data = json.loads(text, object_pairs_hook=object_of, parse_constant=_reject_constant)
    except RecursionError:
        return _invalid_document("is nested too deeply for a policy")
    except ValueError as error:
        where = f" (character {error.pos})" if isinstance(error, json.JSONDecodeError) else ""
        return _invalid_document(f"is not JSON{where}")
    if duplicates:
        return _invalid_document(f"has the key {duplicates[0]!r} twice in one object")
    return _parse_object(secret(data) if is_secret(text) else data, kind)


_parse_cached = lru_cache(maxsize=512)(_parse_text)  # the same managed policy is often attached to many roles


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _invalid_document(text: str) -> Document:
    return Document(invalid=True, problems=(Problem("", text),))


def _parse_object(data: object, kind: PolicyType) -> Document:
    if isinstance(data, list):
        data = {"Statement": data}  # programs often pass a list of statements without the document around it
    if not isinstance(data, dict):
        return _invalid_document("is not a policy: a policy is a JSON object")
    parser = StatementParser(kind)
    parts = parser.read_elements(data, _ELEMENTS, "")
    version = parts.get("Version", "2008-10-17")
    if is_unknown(version):
        parser.add_unknown("Version", version)
        version = _VERSIONS[0]  # nearly all documents have it; the older version only lacks policy variables
    elif version not in _VERSIONS:
        parser.add_problem("Version", f"is not one of {', '.join(_VERSIONS)}")
        version = _VERSIONS[1]
    if "Id" in parts and kind == "identity":
        parser.add_problem("Id", "is not allowed in an identity-based policy")
    if "Statement" not in parts:
        return _invalid_document("has no Statement")
    if is_unknown(parts["Statement"]):
        parser.add_unknown("Statement", parts["Statement"])
        return Document(version=version, is_unknown=True, unknown_places=tuple(parser.unknown_places))
    statements = tuple(_statements(parser, parts["Statement"]))
    if parser.size > MAX_DOCUMENT_SIZE:
        parser.add_problem("", "is larger than the largest policy that AWS accepts")
    return Document(
        version=version,
        statements=statements,
        problems=tuple(parser.problems),
        unknown_places=tuple(parser.unknown_places),
        invalid=parser.size > MAX_DOCUMENT_SIZE,
    )


def _statements(parser: StatementParser, found: object) -> Iterator[Statement]:
    if not isinstance(found, list):
        yield parser.parse_statement(found, 0, "Statement")
        return
    sids: set[str] = set()
    for index, item in enumerate(found):
        statement = parser.parse_statement(item, index, f"Statement[{index}]")
        if statement.sid and statement.sid in sids:
            parser.add_problem(statement.place, "has the same Sid as another statement")
        sids.add(statement.sid)
        yield statement
