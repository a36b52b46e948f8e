"""The report as a JSON file, and the JSON schema of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from policypack.report.report import Report

if TYPE_CHECKING:
    from policypack.report.report import RunDescription

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")


def write(report: Report, folder: str) -> Path:
    """Write the report of a stack into a folder, whole or not at all. Raises OSError."""
    target = Path(folder) / f"{file_stem(report.run)}.{report.run.kind}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=1))
        Path(aside).chmod(0o644)
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return target


def file_stem(run: RunDescription) -> str:
    """`ORGANIZATION.PROJECT.STACK`, as far as they are known, with every other dot in them written as %2E."""
    parts = (run.organization, run.project, run.stack)
    return ".".join(quote(part, safe="").replace(".", "%2E") for part in parts if part) or "stack"


def schema() -> str:
    """The JSON schema of a report, as it stands in `schema.json`."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "policypack report, version 1",
        "$comment": "Generated from policypack/report/report.py by `make docs`.",
        **msgspec.json.schema(Report),
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"
