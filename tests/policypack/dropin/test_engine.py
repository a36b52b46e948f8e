"""A stock pack under the real engine, before and after its import line was changed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from tests.localcloud.engine.small_projects import Project, write_pack
from tests.policypack.dropin.child import OURS, STOCK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = """
import asyncio
import pulumi

def unknown():
    value, known = asyncio.Future(), asyncio.Future()
    value.set_result(None if pulumi.runtime.is_dry_run() else "at last")
    known.set_result(not pulumi.runtime.is_dry_run())
    return pulumi.Output(set(), value, known)

class Thing(pulumi.ComponentResource):
    def __init__(self, name, props, opts=None):
        super().__init__("test:index:Thing", name, props, opts)
        self.register_outputs({"size": 3})

first = Thing("first", {"size": 3, "late": unknown(), "tags": {"team": "a"}, "key": pulumi.Output.secret("s3cret")})
Thing("second", {"code": pulumi.StringAsset("text"), "list": [1, {"deep": None}]}, pulumi.ResourceOptions(parent=first))
"""

PACK = """
import asyncio
from pulumi_policy import *
IMPORT

def things(judge):
    def validate(args, report):
        if args.resource_type != "test:index:Thing":
            args.not_applicable()
        return judge(args, report)
    return validate

async def later(args, report):
    await asyncio.sleep(0)
    report(f"{args.name}: {sorted(args.props)}")

def late(args, report):
    report(f"{args.props.get('late')}")

def takes_away(args, report):
    for key in list(args.props):
        args.props[key] = None

def configured(args, report):
    if args.props.get("size", 0) > args.get_config()["largest"]:
        report(f"is {args.props['size']}, with {args.props['tags']['team']} and {len(args.props['key'])}")

def grows(args):
    if args.resource_type == "test:index:Thing" and "size" in args.props:
        args.props["size"] += 1
        return args.props

def whole(args, report):
    for resource in args.resources:
        parent = resource.parent and resource.parent.name
        report(f"{resource.name} under {parent}: {sorted(resource.props)}", resource.urn)

PolicyPack("small", [
    ResourceValidationPolicy("later", "Later.", things(later)),
    ResourceValidationPolicy("takes-away", "Takes away.", things(takes_away)),
    ResourceValidationPolicy("late", "Late.", things(late), severity=Severity.LOW),
    ResourceValidationPolicy("configured", "Configured.", things(configured), EnforcementLevel.LEVEL,
        config_schema=PolicyConfigSchema({"largest": {"type": "number", "default": 2}})),
    ResourceValidationPolicy("grows", "Grows.", remediate=grows, enforcement_level=EnforcementLevel.REMEDIATE),
    StackValidationPolicy("whole", "Whole.", whole),
])
"""


RUNS = [  # in this order on one stack: what stops comes before what is made
    (("preview",), "ADVISORY"),
    (("preview",), "MANDATORY"),
    (("up", "--yes", "--skip-preview"), "MANDATORY"),
    (("up", "--yes", "--skip-preview"), "ADVISORY"),
]
Answer = tuple[str, list[str]]
"""The policies' part of what is shown, and the policies' events."""


def _run(project: Project, pack: Path, log: Path, command: tuple[str, ...], level: str) -> Answer:
    """Run a project under the pack."""
    options = ("--stack", "dev", "--policy-pack", str(pack), "--event-log", str(log))
    shown = project.run(*command, *options, expect=1 if level == "MANDATORY" else 0)
    events = [json.loads(event) for event in log.read_text().splitlines()]
    kinds = ("policyEvent", "policyRemediationEvent")
    policies = [json.dumps(event[kind]) for event in events for kind in kinds if kind in event]
    listed = shown[shown.index("Policies:") :].partition("Resources:")[0]
    listed = re.sub(r"\(local: [^)]*\)", "", listed)  # the pack's folder, which the engine shortens where it is long
    return listed, sorted(policies)  # the engine hands a stack's resources to a pack in any order


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory, make_pulumi_env: Callable[[Path], dict[str, str]]
) -> dict[str, list[Answer]]:
    """All RUNS under both packs, on a stack of its own each."""
    found: dict[str, list[Answer]] = {}
    for name, line in (("stock", STOCK), ("ours", OURS)):
        folder = tmp_path_factory.mktemp(name)
        environment = {**make_pulumi_env(folder), "PYTHONPATH": str(ROOT), "PULUMI_DEBUG_COMMANDS": "true"}
        project, packs = Project(folder / "project", environment, PROGRAM), {}
        for level in ("ADVISORY", "MANDATORY"):
            code = PACK.replace("IMPORT", line).replace("LEVEL", level)
            packs[level] = write_pack(folder / level, files={"__main__.py": code})
        found[name] = [
            _run(project, packs[level], folder / f"events-{number}", command, level)
            for number, (command, level) in enumerate(RUNS)
        ]
    return found


@pytest.mark.parametrize("number", range(len(RUNS)), ids=[f"{command[0]}-{level}" for command, level in RUNS])
def test_one_line_changed(answers: dict[str, list[Answer]], number: int) -> None:
    """Exit code, what the user reads, and every policy event are what they were."""
    ours = answers["ours"][number]
    assert ours == answers["stock"][number]
    assert "grows" in ours[0]
    assert "small-dev under None" in ours[0] or RUNS[number][1] == "MANDATORY"
