"""The elements of an IAM policy document as data types. Each element stores its place in the document."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from policypack.model import Undecided

PolicyType = Literal["identity", "trust", "resource"]
"""The policy type: identity-based, the trust policy of a role, or resource-based."""

VARIABLES_VERSION: Final = "2012-10-17"
"""The only `Version` that supports policy variables such as `${aws:username}`.

Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

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
"""The names of all condition operators in lower case, without `ForAllValues:`, `ForAnyValue:` and `IfExists`."""


class Entry(msgspec.Struct, frozen=True, eq=False):
    """One action, resource or condition value. `place` is where it stands, for example `Statement[0].Action[1]`.

    `value` is None if it is not known yet. `origin` then names the property that the value depends on.
    """

    value: str | None
    place: str
    origin: str = ""

    @property
    def known(self) -> bool:
        """Whether the value is known."""
        return self.value is not None

    def text(self) -> str:
        """The value. Raises `Undecided` if it is not known."""
        if self.value is None:
            raise Undecided(self.origin or self.place)
        return self.value


class Principal(msgspec.Struct, frozen=True, eq=False):
    """One principal. `kind` is AWS, Service, Federated, CanonicalUser or `*` (everyone). `value` None: not known."""

    kind: str
    value: str | None
    place: str
    origin: str = ""


class Condition(msgspec.Struct, frozen=True, eq=False):
    """One condition operator with one condition key and the values to compare it with.

    `operator` and `key` are as written. `base` is the operator in lower case without quantifier and `IfExists`.
    `quantifier` is `forallvalues`, `foranyvalue` or empty. `name` is the key in lower case, because IAM ignores case
    in keys. `base` is empty if the condition is not known or IAM would reject it.
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
    """One statement. `effect` is None if it is not known. `invalid`: IAM would reject it, so its effect is unknown."""

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
        """Whether the effect is known to be Allow."""
        return self.effect == "Allow"

    @property
    def is_deny(self) -> bool:
        """Whether the effect is known to be Deny."""
        return self.effect == "Deny"


class Problem(msgspec.Struct, frozen=True):
    """Something in a document that IAM would reject, and its place."""

    place: str
    text: str


class Document(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A parsed policy document.

    `unknown_places` lists the parts that are not known, `is_unknown` says that no statement is known. `problems` lists
    what IAM would reject; `invalid` says that the document as a whole is not a policy that AWS would accept.
    """

    version: str = "2008-10-17"
    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown_places: tuple[str, ...] = ()
    is_unknown: bool = False
    invalid: bool = False

    @property
    def supports_variables(self) -> bool:
        """Whether the version of the document supports policy variables."""
        return self.version == VARIABLES_VERSION


class AttachedPolicy(msgspec.Struct, frozen=True, eq=False):
    """A policy document with a name to show in messages, for example `inline policy work of role worker`."""

    name: str
    document: Document
