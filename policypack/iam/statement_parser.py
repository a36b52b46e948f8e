"""Parse the statements of a policy document and record what IAM would reject in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from policypack.iam.elements import CONDITION_OPERATORS, Condition, Entry, PolicyType, Principal, Problem, Statement
from policypack.iam.globs import replace_reserved_characters
from policypack.iam.statement_validation import check_element_combinations, check_entry_formats
from policypack.model import is_secret, is_unknown, secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELEMENTS: Final = {
    name.lower(): name
    for name in (
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    )
}
_PRINCIPALS: Final = {name.lower(): name for name in ("AWS", "Service", "Federated", "CanonicalUser")}
_DUPLICATE: Final = "duplicate element"
_SID: Final = re.compile(r"[0-9A-Za-z]*\Z")
_INVALID_CHARACTER: Final = re.compile(r"[^\t\n\r -\xff]")  # from the pattern of PolicyDocument in PutRolePolicy
_MAX_VALUE_LENGTH: Final = 20_480
"""The size in characters of the largest resource-based policy (S3: 20 KB). No value in a policy can be longer."""
MAX_DOCUMENT_SIZE: Final = 131_072
"""The largest accepted sum of the lengths of all values, in characters. No service accepts a policy of this size."""


class StatementParser:
    """Parses statements. Collects what IAM would reject and the places that are not known."""

    def __init__(self, kind: PolicyType) -> None:
        self.kind = kind
        self.problems: list[Problem] = []
        self.unknown_places: list[str] = []
        self.size = 0

    def add_problem(self, place: str, text: str) -> None:
        """Record something that IAM would reject."""
        self.problems.append(Problem(place, text))

    def add_unknown(self, place: str, value: Any) -> str:
        """Record a part that is not known. Returns the property that it depends on."""
        self.unknown_places.append(place)
        return value.path or place

    def read_elements(self, data: Mapping[Any, Any], names: Mapping[str, str], place: str) -> dict[str, Any]:
        """The elements of an object by canonical name. Case is ignored; unknown and duplicate names are problems."""
        found: dict[str, Any] = {}
        for key, value in data.items():
            name = names.get(key) or names.get(str(key).lower())
            if name is None:
                self.add_problem(_join(place, str(key)), "is not an element of a policy")
            elif name in found:
                self.add_problem(_join(place, name), "is given twice")
                found[_DUPLICATE] = True
            else:
                found[name] = value
        return found

    def parse_statement(self, data: object, index: int, place: str) -> Statement:
        """Parse one statement. It is `invalid` if IAM would reject it."""
        if is_unknown(data):
            unknown = (Entry(None, place, self.add_unknown(place, data)),)
            return Statement(index=index, place=place, actions=unknown, resources=unknown)
        if not isinstance(data, dict):
            self.add_problem(place, "is not a statement: a statement is an object")
            return Statement(index=index, place=place, invalid=True)
        parts = self.read_elements(data, _ELEMENTS, place)
        sid = self._sid(parts, place)
        before = len(self.problems)  # the problems found so far do not change what the statement means
        statement = Statement(
            index=index,
            place=place,
            sid=sid,
            effect=self._effect(parts, place),
            actions=self._entries(parts, "Action", place),
            not_actions=self._entries(parts, "NotAction", place),
            resources=self._entries(parts, "Resource", place),
            not_resources=self._entries(parts, "NotResource", place),
            principals=self._principals(parts, "Principal", place),
            not_principals=self._principals(parts, "NotPrincipal", place),
            conditions=self._conditions(parts, place),
            invalid=_DUPLICATE in parts,
        )
        self.problems.extend(check_element_combinations(parts, self.kind, place))
        if len(self.problems) > before:
            statement = msgspec.structs.replace(statement, invalid=True)
        self.problems.extend(check_entry_formats(statement, self.kind))
        return statement

    def _effect(self, parts: Mapping[str, Any], place: str) -> Literal["Allow", "Deny"] | None:
        effect = parts.get("Effect")
        if is_unknown(effect):
            self.add_unknown(f"{place}.Effect", effect)
        elif effect == "Allow":
            return "Allow"
        elif effect == "Deny":
            return "Deny"
        else:
            self.add_problem(f"{place}.Effect", "is neither Allow nor Deny (it is case sensitive)")
        return None

    def _sid(self, parts: Mapping[str, Any], place: str) -> str:
        sid = parts.get("Sid", "")
        if is_unknown(sid):
            return ""  # the Sid has no effect on what the statement allows
        if not isinstance(sid, str) or (self.kind == "identity" and not _SID.match(sid)):
            self.add_problem(f"{place}.Sid", "has characters other than letters and digits")
        return sid if isinstance(sid, str) else ""

    def _entries(self, parts: Mapping[str, Any], name: str, place: str) -> tuple[Entry, ...]:
        if name not in parts:
            return ()
        value = parts[name]
        place = f"{place}.{name}"
        if type(value) is list:
            entries = tuple([self._entry(item, f"{place}[{index}]") for index, item in enumerate(value)])
            if not entries:
                self.add_problem(place, "is empty")
            return entries
        return (self._entry(value, place),)

    def _entry(self, value: object, place: str) -> Entry:
        if isinstance(value, str):
            self.size += len(value)
            if len(value) > _MAX_VALUE_LENGTH:
                self.add_problem(place, "is longer than the largest policy that AWS accepts")
                value = ""
            elif not value:
                self.add_problem(place, "is empty")
            elif not (value.isascii() and value.isprintable()) and _INVALID_CHARACTER.search(value):
                self.add_problem(place, "contains characters that IAM does not accept")
                value = replace_reserved_characters(value)
            return Entry(value, place)
        if is_unknown(value):
            return Entry(None, place, self.add_unknown(place, value))
        self.add_problem(place, "is not a string")
        return Entry("", place)

    def _principals(self, parts: Mapping[str, Any], name: str, place: str) -> tuple[Principal, ...]:
        if name not in parts:
            return ()
        value = parts[name]
        place = f"{place}.{name}"
        if not isinstance(value, dict):
            return (self._principal("*", value, place),)
        found: list[Principal] = []
        for key, held in value.items():
            kind = _PRINCIPALS.get(str(key).lower())
            if kind is None:
                self.add_problem(f"{place}.{key}", "is not a principal type")
                continue
            items = enumerate(held) if isinstance(held, list) else [(None, held)]
            for index, item in items:
                where = f"{place}.{kind}" if index is None else f"{place}.{kind}[{index}]"
                found.append(self._principal(kind, item, where))
        if not value:
            self.add_problem(place, "has no principals")
        return tuple(found)

    def _principal(self, kind: str, value: object, place: str) -> Principal:
        if is_unknown(value):
            return Principal(kind, None, place, self.add_unknown(place, value))
        if kind == "*" and (not isinstance(value, str) or value != "*"):
            self.add_problem(place, 'is neither "*" nor an object')
            return Principal("AWS", value if isinstance(value, str) else "", place)
        if not isinstance(value, str) or not value or len(value) > _MAX_VALUE_LENGTH:
            self.add_problem(place, "is not a principal")
            return Principal(kind, "", place)
        if kind == "AWS" and value == "*":
            kind = "*"  # IAM user guide, "Principal": the two forms mean the same
        return Principal(kind, value, place)

    def _conditions(self, parts: Mapping[str, Any], place: str) -> tuple[Condition, ...]:
        if "Condition" not in parts:
            return ()
        blocks = parts["Condition"]
        place = f"{place}.Condition"
        if is_unknown(blocks):
            return (self._unknown_condition(place, blocks),)
        if not isinstance(blocks, dict):
            self.add_problem(place, "is not an object")
            return ()
        found: list[Condition] = []
        for operator, keys in blocks.items():
            where = f"{place}.{operator}"
            if is_unknown(keys):
                found.append(self._unknown_condition(where, keys))
            elif not isinstance(keys, dict):
                self.add_problem(where, "is not an object")
            else:
                found.extend(self._condition(str(operator), str(key), value, where) for key, value in keys.items())
        return tuple(found)

    def _condition(self, operator: str, key: str, value: object, place: str) -> Condition:
        quantifier, _, rest = operator.lower().rpartition(":")
        if_exists = rest.endswith("ifexists")
        base = rest.removesuffix("ifexists")
        if (
            base not in CONDITION_OPERATORS
            or quantifier not in {"", "forallvalues", "foranyvalue"}
            or (if_exists and base == "null")
        ):
            self.add_problem(place, "is not a condition operator")
            base = ""
        where = f'{place}["{key}"]'
        items = value if isinstance(value, list) else [value]
        values = tuple(
            self._scalar(item, where if value is not items else f"{where}[{index}]") for index, item in enumerate(items)
        )
        return Condition(operator, base, quantifier, if_exists, key, key.lower(), values, where)

    def _scalar(self, value: object, place: str) -> Entry:
        if isinstance(value, bool):
            return Entry("true" if value else "false", place)
        if isinstance(value, int | float):
            text = repr(value + 0)  # the sum is a plain number, so the text of a secret one is marked as secret again
            return Entry(secret(text) if is_secret(value) else text, place)
        if isinstance(value, str) and not value:
            return Entry(value, place)  # an empty condition value, as in `"s3:prefix": ""`, is valid
        return self._entry(value, place)

    def _unknown_condition(self, place: str, value: object) -> Condition:
        self.add_unknown(place, value)
        return Condition("", "", "", if_exists=False, key="", name="", values=(), place=place)


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
