"""The real engine when a deployment fails: the error message and the state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.localcloud.provider.engine_project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.provider.fault_injection import Faults

PROGRAM = Path(__file__).with_name("failing_program")


@pytest.fixture(scope="module")
def project(
    make_pulumi_env: Callable[[Path], dict[str, str]], tmp_path_factory: pytest.TempPathFactory, local_aws: str
) -> Project:
    """Give the program, ready to run."""
    environ = make_pulumi_env(tmp_path_factory.mktemp("failing_program")) | {"AWS_ENDPOINT_URL": local_aws}
    return Project(tmp_path_factory.mktemp("program"), environ, PROGRAM)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("type", "the local provider has no resource type aws:transcribe/vocabulary:Vocabulary"),
        ("endpoint", "the local provider talks to this machine only, but the provider's endpoints.sqs is"),
        ("value", "delaySeconds"),
    ],
)
def test_a_preview_says_what_is_wrong(project: Project, fault: str, message: str) -> None:
    """Before anything is made, in words and without a traceback."""
    said = project.run("preview", "--config", f"failing_program:fault={fault}", works=False)
    assert message in said
    assert "Traceback" not in said


def test_a_half_made_resource_is_mended_by_the_next_deployment(project: Project, fault: Faults) -> None:
    """The engine keeps it, and its next deployment finishes it."""
    fault(service="logs", action="PutRetentionPolicy", status=403)  # an answer that nobody asks for again
    project.run("up", "--yes", "--skip-preview", "--config", "failing_program:fault=group", works=False)
    (half,) = project.resources()
    fault.end()
    project.up()
    (whole,) = project.resources()
    assert whole.id == half.id
    assert whole.outputs["retentionInDays"] == 7
    project.up("--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
