"""The reference stack at its first preview, with its exports, for several configurations."""

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
DEFAULT_SHAPE: Final = "instance"
CONFIGURATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    **{shape: {"endpointShape": shape} for shape in SHAPES},
    "events": {"ingress": "events"},
    "http": {"ingress": "http"},
    "vpc": {"vpc": "true", "availabilityZones": f"{REGION}a,{REGION}b"},
    "own model": {"modelArtefact": "s3://models/v1/model.tar.gz"},
}
"""Together they contain every component. Other settings have defaults: shape DEFAULT_SHAPE, ingress `queue`, no VPC."""


@dataclass(frozen=True)
class Preview:
    """The stack that a program registers, and the names of its exports."""

    stack: Stack
    exports: frozenset[str]


def preview(values: Mapping[str, str]) -> Preview:
    """Run the program in preview with this configuration."""
    exported: set[str] = set()
    pulumi.runtime.set_all_config({f"test:{key}": value for key, value in values.items()})
    try:
        with patch.object(pulumi, "export", lambda name, _value: exported.add(name)):
            stack = program(lambda: runpy.run_path(str(PROGRAM / "__main__.py")))
    finally:
        pulumi.runtime.set_all_config({})
    return Preview(stack, frozenset(exported))
