"""aws.iam.get_policy_document: the JSON of Terraform's data source."""

from __future__ import annotations

import json
import zlib
from typing import Any


def render(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the function's result: the arguments with `json`, `minifiedJson` and an id."""
    document: dict[str, Any] = {"Version": arguments.get("version", "2012-10-17")}
    if "policyId" in arguments:
        document["Id"] = arguments["policyId"]
    statements: list[dict[str, Any]] = []
    for text in [arguments.get("sourceJson"), *arguments.get("sourcePolicyDocuments", [])]:
        statements = _merged(statements, _parsed(text))
    statements = _merged(statements, [_statement(each) for each in arguments.get("statements", [])])
    for text in [*arguments.get("overridePolicyDocuments", []), arguments.get("overrideJson")]:
        statements = _merged(statements, _parsed(text))
    if statements:
        document["Statement"] = statements
    pretty, small = json.dumps(document, indent=2, ensure_ascii=False), json.dumps(document, separators=(",", ":"))
    return {**arguments, "json": pretty, "minifiedJson": small, "id": str(zlib.crc32(pretty.encode()))}


def _parsed(text: str | None) -> list[dict[str, Any]]:
    if not text:
        return []
    found = json.loads(text).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _merged(base: list[dict[str, Any]], extra: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add statements; a statement with the Sid of an earlier one replaces it."""
    out = list(base)
    for each in extra:
        sid = each.get("Sid")
        place = next((index for index, old in enumerate(out) if sid and old.get("Sid") == sid), None)
        if place is None:
            out.append(each)
        else:
            out[place] = each
    return out


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if given.get("sid"):
        out["Sid"] = given["sid"]
    out["Effect"] = given.get("effect", "Allow")
    for prop, name in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(prop):
            out[name] = _list(given[prop])
    for prop, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(prop):
            out[name] = _principals(given[prop])
    if given.get("conditions"):
        out["Condition"] = _conditions(given["conditions"])
    return out


def _list(values: list[str]) -> Any:
    """Return one value as itself, several in reverse order, as Terraform does; &{...} becomes ${...}."""
    texts = [each.replace("&{", "${") for each in values]
    return texts[0] if len(texts) == 1 else sorted(texts, reverse=True)


def _principals(given: list[dict[str, Any]]) -> Any:
    if len(given) == 1 and given[0]["type"] == "*" and given[0]["identifiers"] == ["*"]:
        return "*"
    by_type: dict[str, list[str]] = {}
    for each in given:
        by_type.setdefault(each["type"], []).extend(each["identifiers"])
    return {key: _list(sorted(set(values))) for key, values in by_type.items()}


def _conditions(given: list[dict[str, Any]]) -> dict[str, Any]:
    by_test: dict[str, dict[str, list[str]]] = {}
    for each in given:
        by_test.setdefault(each["test"], {}).setdefault(each["variable"], []).extend(each["values"])
    return {
        test: {name: _list(values) for name, values in variables.items()} for test, variables in sorted(by_test.items())
    }
