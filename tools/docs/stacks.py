"""The reference stack as its first preview sees it, and what it exports, for any configuration."""

from __future__ import annotations

import runpy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import pulumi

from policypack.testing import REGION, program
from tools.docs import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model import Stack

SHAPES: Final = ("instance", "serverless", "async")
PLAIN: Final = "instance"
CONFIGURATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    **{shape: {"endpointShape": shape} for shape in SHAPES},
    "events": {"ingress": "events"},
    "http": {"ingress": "http"},
    "vpc": {"vpc": "true", "availabilityZones": f"{REGION}a,{REGION}b"},
    "own model": {"modelArtefact": "s3://models/v1/model.tar.gz"},
}
"""Every component is in one of these. What they leave out has its default: shape PLAIN, ingress `queue`, no network."""


@dataclass(frozen=True)
class Deployed:
    """What a program registers, and the names of what it exports."""

    stack: Stack
    exports: frozenset[str]


def deployed(values: Mapping[str, str]) -> Deployed:
    """Run the program in preview."""
    exported: set[str] = set()
    pulumi.runtime.set_all_config({f"test:{key}": value for key, value in values.items()})
    try:
        with patch.object(pulumi, "export", lambda name, _value: exported.add(name)):
            stack = program(lambda: runpy.run_path(str(PROGRAM / "__main__.py")))
    finally:
        pulumi.runtime.set_all_config({})
    return Deployed(stack, frozenset(exported))
