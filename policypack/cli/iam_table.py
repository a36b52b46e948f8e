"""The effective permissions of a role, as a table for people and as an object for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from policypack.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policypack.access.role_grants import RoleDocument, RolePermissions
    from policypack.iam.elements import Condition, Entry
    from policypack.iam.grants import EffectiveGrant

_UNKNOWN: Final = "(not known)"
_HEAD: Final = ("ACTION", "RESOURCE", "FROM", "CONDITION")
_Row = tuple[str, ...]


def permissions_as_dict(permissions: RolePermissions) -> dict[str, Any]:
    """Role, documents, boundary, grants and denials. `open` lists documents that are not fully known."""
    return {
        "role": permissions.role.urn,
        "arn": _text(permissions.role.get("arn")),
        "documents": [_document(source) for source in permissions.documents],
        "boundary": None if permissions.boundary is None else [_document(source) for source in permissions.boundary],
        "open": [source.name for source in _not_fully_known(permissions)],
        "grants": [_grant(permissions, effective) for effective in permissions.grants.effective_grants()],
        "denials": list(_denials(permissions)),
    }


def table(permissions: RolePermissions) -> str:
    """One row for each action on each resource, then the Deny statements, then the documents not fully known."""
    found = permissions_as_dict(permissions)
    lines = [
        f"{permissions.role.name} ({found['arn']}), {_count(len(permissions.documents), 'document')}{_boundary(found)}",
        "",
    ]
    rows = [_row(item) for item in found["grants"]]
    lines += _aligned([_HEAD, *rows]) if rows else ["no permissions"]
    if found["denials"]:
        lines += ["", "denied:", *_aligned([_row(item) for item in found["denials"]])]
    for name in found["open"]:
        lines += ["", f"{name} is not fully known: it may allow or deny more"]
    return "\n".join(printable(line) for line in lines)


def _boundary(found: dict[str, Any]) -> str:
    names = [source["name"] for source in found["boundary"] or ()]
    return f", within {', '.join(names)}" if names else ""


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _document(source: RoleDocument) -> dict[str, Any]:
    return {
        "name": source.name,
        "resource": source.holder.urn,
        "property": source.path,
        "arn": source.arn or None,
        "known": source.known and not source.document.invalid,
        "problems": [f"{problem.place} {problem.text}".strip() for problem in source.document.problems],
    }


def _not_fully_known(permissions: RolePermissions) -> Iterator[RoleDocument]:
    yield from (source for source in (*permissions.documents, *(permissions.boundary or ())) if not source.known)


def _grant(permissions: RolePermissions, effective: EffectiveGrant) -> dict[str, Any]:
    statement = effective.grant.statement
    exceptions = permissions.grants.partial_denials(effective)
    return {
        "action": _with_exceptions(_text(effective.action), statement.not_actions),
        "resource": _with_exceptions(
            _UNKNOWN if effective.resource is None else _text(effective.resource), statement.not_resources
        ),
        "conditions": [_condition(condition) for condition in effective.conditions],
        "document": effective.grant.document,
        "place": statement.place,
        "certain": effective.certain,
        "except": [f"{denial.document}, {denial.statement.place}" for denial in exceptions],
    }


def _denials(permissions: RolePermissions) -> Iterator[dict[str, Any]]:
    """The Deny statements, with and without conditions."""
    for source in (*permissions.documents, *(permissions.boundary or ())):
        for statement in source.document.statements:
            if statement.is_deny and not statement.invalid:
                for action in _values(statement.actions, statement.not_actions):
                    for resource in _values(statement.resources, statement.not_resources):
                        yield {
                            "action": action,
                            "resource": resource,
                            "conditions": [_condition(condition) for condition in statement.conditions],
                            "document": source.name,
                            "place": statement.place,
                        }


def _values(entries: Sequence[Entry], excluded: Sequence[Entry]) -> list[str]:
    return [_with_exceptions("*", excluded)] if excluded else [_value(entry) for entry in entries]


def _with_exceptions(text: str, excluded: Sequence[Entry]) -> str:
    return f"{text} except {', '.join(_value(entry) for entry in excluded)}" if excluded else text


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "operator": condition.operator or _UNKNOWN,
        "key": condition.key or _UNKNOWN,
        "values": [_value(entry) for entry in condition.values],
    }


def _value(entry: Entry) -> str:
    return _UNKNOWN if entry.value is None else _text(entry.value)


def _text(value: object) -> str:
    """The text to show. Formatting a secret hides it."""
    return f"{value}" if isinstance(value, str) else _UNKNOWN


def _row(item: dict[str, Any]) -> _Row:
    conditions = [f"{one['operator']} {one['key']} {', '.join(one['values'])}" for one in item["conditions"]]
    conditions += [f"except {one}" for one in item.get("except", ())]
    if not item.get("certain", True):
        conditions.append("may be denied by an unknown statement")
    return item["action"], item["resource"], f"{item['document']}, {item['place']}", " and ".join(conditions)


def _aligned(rows: Iterable[_Row]) -> list[str]:
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
