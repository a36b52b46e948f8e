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


def _run(folder: Path, line: str, level: str, environment: dict[str, str], *command: str) -> tuple[str, list[str]]:
    """Run a new project under the pack: the policies' part of what is shown, and the policies' events."""
    project = Project(folder / "project", environment, PROGRAM)
    pack = write_pack(folder / "pack", files={"__main__.py": PACK.replace("IMPORT", line).replace("LEVEL", level)})
    log = folder / "events"
    options = ("--stack", "dev", "--policy-pack", str(pack), "--event-log", str(log))
    shown = project.run(*command, *options, expect=1 if level == "MANDATORY" else 0)
    events = [json.loads(event) for event in log.read_text().splitlines()]
    kinds = ("policyEvent", "policyRemediationEvent")
    policies = [json.dumps(event[kind]) for event in events for kind in kinds if kind in event]
    listed = shown[shown.index("Policies:") :].partition("Resources:")[0]
    listed = re.sub(r"\(local: [^)]*\)", "", listed)  # the pack's folder, which the engine shortens where it is long
    return listed, sorted(policies)  # the engine hands a stack's resources to a pack in any order


@pytest.mark.parametrize("level", ["ADVISORY", "MANDATORY"])
@pytest.mark.parametrize("command", [("preview",), ("up", "--yes", "--skip-preview")])
def test_one_line_changed(
    tmp_path: Path, make_pulumi_env: Callable[[Path], dict[str, str]], command: tuple[str, ...], level: str
) -> None:
    """Exit code, what the user reads, and every policy event are what they were."""
    answers = []
    for name, line in (("stock", STOCK), ("ours", OURS)):
        environment = {**make_pulumi_env(tmp_path / name), "PYTHONPATH": str(ROOT), "PULUMI_DEBUG_COMMANDS": "true"}
        answers.append(_run(tmp_path / name, line, level, environment, *command))
    stock, ours = answers
    assert ours == stock
    assert "grows" in ours[0]
    assert "small-dev under None" in ours[0] or level == "MANDATORY"
