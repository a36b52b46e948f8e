"""The example stack files, in a project with another name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import ROOT
from tests.e2e.cloud import Copy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cloud import Cloud

EXAMPLES = ROOT / "examples" / "stacks"


@pytest.mark.parametrize(
    ("stack", "shape", "ingress"),
    [
        ("dev", "serverless", "queue"),
        ("prod", "instance", "events"),
    ],
)
def test_an_example_passes_the_strict_profile(
    stack: str, shape: str, ingress: str, cloud: Cloud, tmp_path: Path
) -> None:
    """At preview, without violations and undecided policies. Its keys have no project name."""
    folder = Copy(cloud, tmp_path / "project", "shop").folder
    example = (EXAMPLES / f"Pulumi.{stack}.yaml").read_text()
    commands = [line.removeprefix("#   ") for line in example.splitlines() if line.startswith("#   ")]
    assert commands == [f"pulumi stack init {stack} && cat examples/stacks/Pulumi.{stack}.yaml >> Pulumi.{stack}.yaml"]
    done = cloud.shell(
        f"export POLICYPACK_REPORT={tmp_path}\ncd {folder}\n"
        f"{commands[0].replace('examples', str(EXAMPLES.parent))}\n"
        f"pulumi preview --policy-pack {ROOT} --policy-pack-config {ROOT}/policypack/profiles/strict.json"
    )
    assert done.returncode == 0, done.stdout
    assert f'"{shape}"' in done.stdout
    assert f'"{ingress}"' in done.stdout
    report = json.loads((tmp_path / f"organization.shop.{stack}.preview.json").read_text())
    assert {each["verdict"] for each in report["verdicts"]} == {"pass"}
    assert (folder / f"Pulumi.{stack}.yaml").read_text().endswith(example)


def test_every_value_of_an_example_is_explained() -> None:
    """By a comment on its line."""
    for path in sorted(EXAMPLES.glob("Pulumi.*.yaml")):
        values = path.read_text().partition("\nconfig:\n")[2].splitlines()
        assert values
        assert all(" # " in line for line in values), path
