"""What an IAM policy document is made of, each part knowing its place in the document."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from policypack.model import Undecided

Kind = Literal["identity", "trust", "resource"]
"""Where a document is attached: to an identity, to a role as its trust policy, or to a resource."""

VARIABLES_VERSION: Final = "2012-10-17"
"""The only `Version` in which `${aws:username}` is a variable (IAM user guide, "Variables and tags")."""


CONDITION_OPERATORS: Final = frozenset(
    (
        *("stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase"),
        *("stringlike", "stringnotlike", "bool", "binaryequals", "ipaddress", "notipaddress", "null"),
        *("arnequals", "arnlike", "arnnotequals", "arnnotlike"),
        *("numericequals", "numericnotequals", "numericlessthan", "numericlessthanequals"),
        *("numericgreaterthan", "numericgreaterthanequals"),
        *("dateequals", "datenotequals", "datelessthan", "datelessthanequals"),
        *("dategreaterthan", "dategreaterthanequals"),
    )
)
"""Every condition operator's name in lower case, without `ForAllValues:`, `ForAnyValue:` and `IfExists`."""


class Entry(msgspec.Struct, frozen=True, eq=False):
    """One action, resource or condition value. `value` is None where not known; `origin` then says what is not."""

    value: str | None
    place: str
    origin: str = ""

    @property
    def known(self) -> bool:
        """Whether the value is known."""
        return self.value is not None

    def text(self) -> str:
        """The value. Raises Undecided where it is not known."""
        if self.value is None:
            raise Undecided(self.origin or self.place)
        return self.value


class Principal(msgspec.Struct, frozen=True, eq=False):
    """One principal. `kind` is AWS, Service, Federated, CanonicalUser or `*` (everybody); `value` None: not known."""

    kind: str
    value: str | None
    place: str
    origin: str = ""


class Condition(msgspec.Struct, frozen=True, eq=False):
    """One key of one condition operator, with the values it may have.

    `operator` and `key` are as written; `base` is the operator in lower case without set prefix and `IfExists`;
    `quantifier` is `forallvalues`, `foranyvalue` or nothing; `name` is the key in lower case, as IAM compares it.
    An empty `base` stands for a condition that is not known, or that IAM would not take.
    """

    operator: str
    base: str
    quantifier: str
    if_exists: bool
    key: str
    name: str
    values: tuple[Entry, ...]
    place: str


class Statement(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One statement. `effect` is None where it is not known. `broken`: IAM would refuse it, so what it does is open."""

    index: int
    place: str
    sid: str = ""
    effect: Literal["Allow", "Deny"] | None = None
    actions: tuple[Entry, ...] = ()
    not_actions: tuple[Entry, ...] = ()
    resources: tuple[Entry, ...] = ()
    not_resources: tuple[Entry, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()
    invalid: bool = False

    @property
    def is_allow(self) -> bool:
        """Whether the statement certainly allows."""
        return self.effect == "Allow"

    @property
    def is_deny(self) -> bool:
        """Whether the statement certainly denies."""
        return self.effect == "Deny"


class Problem(msgspec.Struct, frozen=True):
    """What IAM would refuse in a document, and where."""

    place: str
    text: str


class Document(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A policy document, read once. `unknowns`: the places not known; `broken`: it is no policy that AWS would take."""

    version: str = "2008-10-17"
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown_places: tuple[str, ...] = ()
    is_unknown: bool = False
    invalid: bool = False

    @property
    def supports_variables(self) -> bool:
        """Whether `${...}` stands for a value of the request."""
        return self.version == VARIABLES_VERSION

    @property
    def is_complete(self) -> bool:
        """Whether every part is known and readable, so that what the document does not say, it does not grant."""
        return not (
            self.is_unknown or self.invalid or self.unknown_places or any(item.invalid for item in self.statements)
        )


class AttachedPolicy(msgspec.Struct, frozen=True, eq=False):
    """A document with the name it is known by, as `inline policy work of role worker`."""

    name: str
    document: Document
