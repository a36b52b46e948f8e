# ruff: noqa: INP001, T201 - embedded into the host, which runs it as a script and reads what it prints
"""Print, as JSON, the installed distributions that are Pulumi packages: name, version and pulumi-plugin.json."""

import importlib.metadata
import json
import pathlib
import re

found: "dict[str, dict[str, object]]" = {}
for distribution in importlib.metadata.distributions():
    name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
    about = pathlib.Path(str(distribution.locate_file(name.replace("-", "_"))), "pulumi-plugin.json")
    plugin = json.loads(about.read_text()) if about.is_file() else None
    if plugin is not None or name.startswith("pulumi-"):
        found.setdefault(name, {"name": name, "version": distribution.version, "plugin": plugin})
print(json.dumps([found[name] for name in sorted(found)]))
