"""Policy packs in folders of their own, as the engine starts them, and a program for them to judge."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from localcloud.checkout import PYTHON, REGION, ROOT
from localcloud.provider import install, version

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.engine import Engine

_PREFIX: Final = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"

EMPTY: Final = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
PolicyPack("empty", [ResourceValidationPolicy("empty", "Judges nothing.", validate=lambda args, report: None)])
"""
STOCK: Final = f"""{_PREFIX}
from benchmarks.workload.rules import PACK
from policypack.host import stock
stock.serve(PACK)
"""
OURS: Final = f"""{_PREFIX}
from policypack import serve
from benchmarks.workload.rules import PACK
serve(PACK)
"""
PROGRAM: Final = f"""{_PREFIX}
import pulumi
from benchmarks.workload.requests import resources
options = pulumi.ResourceOptions(version={version()!r})
for type_, name, inputs in resources({{count}}):
    pulumi.CustomResource(type_, name, inputs, options)
"""


def _runtime(name: str) -> str:
    virtualenv = PYTHON.parent.parent
    return f"name: {name}\nruntime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: {virtualenv}\n"


def pack(folder: Path, source: str) -> Path:
    """A policy pack of this source."""
    folder.mkdir(parents=True)
    (folder / "PulumiPolicy.yaml").write_text(_runtime(folder.name))
    (folder / "__main__.py").write_text(source)
    return folder


def program(folder: Path, count: int) -> Path:
    """A program of `count` resources, which are one more with the stack itself."""
    folder.mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(_runtime(folder.name))
    (folder / "__main__.py").write_text(PROGRAM.format(count=count))
    return folder


def environment(folder: Path, engine: Engine) -> dict[str, str]:
    """An environment in which the engine writes to this folder only, and finds our provider."""
    home, state = folder / "pulumi", folder / "state"
    install(home)
    state.mkdir()
    return {
        "PATH": os.pathsep.join([str(engine.path.parent), *os.get_exec_path()]),
        "HOME": str(folder),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "benchmark",
        "PULUMI_ACCESS_TOKEN": "pul-not-a-token",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "POLICYPACK_LOCAL_DIR": str(folder / "local"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nothing listens there: a preview needs no AWS
    }
