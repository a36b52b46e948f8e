"""Reads an IAM policy document in every form it is written in, once, and never fails on it."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from policypack.iam.elements import Document, Entry, Kind, Problem, Statement
from policypack.iam.statement_parser import MAX_DOCUMENT_SIZE, StatementParser
from policypack.model import is_secret, is_unknown, secret

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Document", "Entry", "Kind", "Problem", "Statement", "parse_policy"]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_ELEMENTS: Final = {"version": "Version", "id": "Id", "statement": "Statement"}


def parse_policy(source: object, kind: Kind = "identity") -> Document:
    """Read a document: JSON text, an object, a list of statements, or something that is not known yet.

    Never raises: what IAM would refuse is listed in `problems`, what is not known in `unknowns`.
    """
    if is_unknown(source):
        origin: str = getattr(source, "path", "")
        return Document(is_unknown=True, unknown_places=(origin,))
    if isinstance(source, str):
        if is_secret(source):
            return _parse_text(source, kind)
        return _parse_cached(source, kind)
    return _parse_object(source, kind)


def _parse_text(text: str, kind: Kind) -> Document:
    import json  # noqa: PLC0415 - a run without IAM documents does without it

    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            twice.extend(key for key, count in counts.items() if count > 1)
        return made

    try:
        data = json.loads(text, object_pairs_hook=unique, parse_constant=_reject_constant)
    except RecursionError:
        return _invalid_document("is nested too deeply to be a policy")
    except ValueError as error:
        where = f" (character {error.pos})" if isinstance(error, json.JSONDecodeError) else ""
        return _invalid_document(f"is not JSON{where}")
    if twice:
        return _invalid_document(f"has the key {twice[0]!r} twice in one object")
    return _parse_object(secret(data) if is_secret(text) else data, kind)


_parse_cached = lru_cache(maxsize=512)(_parse_text)  # one managed policy is often attached many times


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _invalid_document(text: str) -> Document:
    return Document(invalid=True, problems=(Problem("", text),))


def _parse_object(data: object, kind: Kind) -> Document:
    if isinstance(data, list):
        data = {"Statement": data}  # a bare list of statements, as programs hand them around
    if not isinstance(data, dict):
        return _invalid_document("is not a policy: a JSON object is needed")
    reader = StatementParser(kind)
    parts = reader.read_elements(data, _ELEMENTS, "")
    version = parts.get("Version", "2008-10-17")
    if is_unknown(version):
        reader.add_unknown("Version", version)
        version = _VERSIONS[0]  # nearly every document's; the older one only makes variables inert
    elif version not in _VERSIONS:
        reader.add_problem("Version", f"is none of {', '.join(_VERSIONS)}")
        version = _VERSIONS[1]
    if "Id" in parts and kind == "identity":
        reader.add_problem("Id", "has no place in an identity policy")
    if "Statement" not in parts:
        return _invalid_document("has no Statement")
    if is_unknown(parts["Statement"]):
        reader.add_unknown("Statement", parts["Statement"])
        return Document(version=version, is_unknown=True, unknown_places=tuple(reader.unknowns))
    statements = tuple(_statements(reader, parts["Statement"]))
    if reader.size > MAX_DOCUMENT_SIZE:
        reader.add_problem("", "is larger than any policy may be")
    return Document(
        version=version,
        statements=statements,
        problems=tuple(reader.problems),
        unknown_places=tuple(reader.unknowns),
        invalid=reader.size > MAX_DOCUMENT_SIZE,
    )


def _statements(reader: StatementParser, found: object) -> Iterator[Statement]:
    if not isinstance(found, list):
        yield reader.parse_statement(found, 0, "Statement")
        return
    sids: set[str] = set()
    for index, item in enumerate(found):
        statement = reader.parse_statement(item, index, f"Statement[{index}]")
        if statement.sid and statement.sid in sids:
            reader.add_problem(statement.place, "has the Sid of another statement")
        sids.add(statement.sid)
        yield statement
