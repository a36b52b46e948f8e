"""`pulumi new` with the real CLI: the questions it asks, the files it copies, and the project it creates."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from localcloud.checkout import REGION, ROOT
from tests.template.git_server import GitServer
from tests.template.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cloud import Cloud

OURS = {
    ".venv/lib/site.py": "an environment\n",
    ".local/state/.pulumi/stacks/decoupled-ai/local.json": "{}\n",
    ".mypy_cache/cache": "cached\n",
    "Pulumi.local.yaml": "encryptionsalt: v1:ours\n",
    "reference_stack/__pycache__/settings.cpython-313.pyc": "byte code\n",
    "report/organization.decoupled-ai.local.up.json": "{}\n",
}
"""What is in a checkout that is used, beside what belongs to it."""
SOME_TESTS = ("tests/reference_stack/test_settings.py", "tests/lambda_src/worker/test_logic.py")
IGNORED = "/report/\n"
LINK = ".IN-USE--run-make-template"


def make(folder: Path, cloud: Cloud, *words: str, **extra: str) -> str:
    """Run make without the variables of an outer make or pytest; it has to succeed."""
    kept = {
        key: value
        for key, value in cloud.environment.items()
        if key not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "POLICYPACK_LOCAL_DIR", "TESTS"}
        and not key.startswith("PYTEST_")
    }
    done = subprocess.run(
        ["make", *words],
        cwd=folder,
        env=kept | extra,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def git(folder: Path, *words: str) -> str:
    """Run git without the user's configuration."""
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def files(folder: Path) -> set[str]:
    """Every file in a folder, without git's own."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return {str(path) for path in found if path.parts[0] != ".git"}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files that are committed in this checkout."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def used_checkout(tracked: list[str], cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with environments, state and caches."""
    folder = tmp_path_factory.mktemp("used") / "checkout"
    for name in tracked:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "all of it")
    (folder / ".git" / "info" / "exclude").write_text(IGNORED)
    for name, text in OURS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".venv" / "lib64").symlink_to("lib")
    for line in make(folder, cloud, "-n", "-B", ".venv/.done").splitlines():
        if LINK in line:
            subprocess.run(["/bin/sh", "-c", line], cwd=folder, check=True)
    assert not git(folder, "status", "--porcelain")
    return folder


@pytest.fixture(scope="module")
def template(used_checkout: Path, cloud: Cloud) -> Path:
    """The folder that `make template` creates, from a used checkout."""
    said = make(used_checkout, cloud, "-s", "template")
    folder = used_checkout / "build" / "template"
    assert said == f"In an empty folder:  pulumi new {folder}\n"
    return folder


@pytest.fixture(scope="module")
def project(template: Path, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was created without questions, as in CI."""
    folder = tmp_path_factory.mktemp("new") / "shop"
    folder.mkdir()
    answers = {"aws:region": "eu-central-1", "shop:endpointShape": "serverless", "shop:ingress": "http"}
    words = " ".join(f"-c {key}={value}" for key, value in answers.items())
    done = cloud.shell(
        # pip reads this as `compile = no`: Python compiles what the test imports, when it imports it.
        f"export PIP_NO_COMPILE=no\ncd {folder}\npulumi new {template} --yes --name shop --stack dev {words}"
    )
    assert done.returncode == 0, done.stdout
    assert "Your new project is ready to go!" in done.stdout
    assert "pulumi preview --policy-pack ." in done.stdout.rpartition("ready to go!")[2]
    return folder


def test_a_checkout_in_use_is_rejected_before_copying(used_checkout: Path, cloud: Cloud, tmp_path: Path) -> None:
    """The CLI would copy environments and state; the error says what to do instead."""
    done = cloud.shell(f"cd {tmp_path}\npulumi new {used_checkout} --yes --name shop --stack dev")
    assert done.returncode != 0, done.stdout
    assert LINK in done.stdout
    assert not files(tmp_path)


def test_the_template_contains_the_committed_files(template: Path, tracked: list[str]) -> None:
    """As in a clean clone, which the CLI copies for a URL."""
    assert files(template) == set(tracked)


def test_a_url_gives_the_committed_files(used_checkout: Path, tracked: list[str], cloud: Cloud, tmp_path: Path) -> None:
    """Even if the repository that was pushed is in use."""
    host, folder = tmp_path / "host", tmp_path / "shop"
    (host / "team").mkdir(parents=True)
    folder.mkdir()
    git(host, "clone", "-q", "--bare", str(used_checkout), "team/stack.git")
    with GitServer(host) as server:
        done = cloud.shell(
            f"export SSL_CERT_FILE={server.certificate}\ncd {folder}\n"
            f"pulumi new {server.url}/team/stack --yes --generate-only --name shop --stack dev"
        )
    assert done.returncode == 0, done.stdout
    assert files(folder) == set(tracked)
    assert (folder / "Pulumi.yaml").read_text().startswith("name: shop\n")
    assert not (folder / ".git").exists()


def test_it_asks_for_region_shape_and_ingress(template: Path, pulumi_env: dict[str, str], tmp_path: Path) -> None:
    """On a terminal, with the allowed values; the answers become the stack's configuration."""
    folder = tmp_path / "asked"
    folder.mkdir()
    with Terminal(["pulumi", "new", str(template)], folder, pulumi_env | {"TERM": "xterm"}) as terminal:
        terminal.answer("Project name (decoupled-ai)", "shop")
        terminal.answer("Project description", "")
        terminal.answer("Stack name (dev)", "")
        terminal.answer(f"(aws:region) ({REGION})", "eu-central-1")
        terminal.answer("instance, serverless or async (endpointShape) (instance)", "async")
        terminal.answer("(ingress) (queue)", "events")
        terminal.answer("(owner) (platform)", "")
        shown = terminal.read_until("Saved config")
    for allowed in ("queue (the queue itself)", "events (an EventBridge bus)", "http (an HTTP API)"):
        assert allowed in shown
    assert (folder / "Pulumi.dev.yaml").read_text().partition("config:\n")[2].split() == [
        *("aws:region:", "eu-central-1", "shop:endpointShape:", "async"),
        *("shop:ingress:", "events", "shop:owner:", "platform"),
    ]


def test_no_history_state_and_stack_files_are_copied(project: Path, template: Path) -> None:
    """Only the template's files, the stack's configuration and an environment."""
    made = {name for name in files(project) if not name.startswith(".venv/")}
    assert made == files(template) | {"Pulumi.dev.yaml"}
    assert not (project / ".git").exists()
    for name in files(template) - {"Pulumi.yaml"}:
        assert (project / name).read_bytes() == (template / name).read_bytes()
    settings = (project / "Pulumi.yaml").read_text()
    assert settings.startswith("name: shop\n")
    assert "template:\n" not in settings.replace("pulumi:template: ", "")


def test_it_previews_under_its_own_pack(project: Path, cloud: Cloud, tmp_path: Path) -> None:
    """Without violations and undecided policies, in the chosen region."""
    done = cloud.shell(f"export POLICYPACK_REPORT={tmp_path}\ncd {project}\npulumi preview --stack dev --policy-pack .")
    assert done.returncode == 0, done.stdout
    assert "✅ policypack@v" in done.stdout
    assert "-eu-central-1" in done.stdout
    report = json.loads((tmp_path / "organization.shop.dev.preview.json").read_text())
    assert {each["verdict"] for each in report["verdicts"]} == {"pass"}


def test_make_test_of_a_project_runs_the_tests_of_the_stack(project: Path, template: Path, cloud: Cloud) -> None:
    """In this repository `make test` runs all tests."""
    wanted = {
        project: "tests/reference_stack tests/lambda_src tests/e2e tests/template",
        template: "tests",
    }
    run = "-m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15"
    for folder, tests in wanted.items():
        assert f'{run} -m "not long" --hypothesis-profile=quick {tests}\n' in make(folder, cloud, "-n", "test")
        assert f"{run} {tests}\n" in make(folder, cloud, "-n", "verify")


def test_some_of_its_tests_pass(project: Path) -> None:
    """With the tools of this checkout, and its linter too: the long test below makes the project's own."""
    assert " passed in " in run_python(project, sys.executable, "pytest", *SOME_TESTS)
    assert "All checks passed!" in run_python(project, sys.executable, "ruff", "check", ".")
    found = run_python(project, sys.executable, "pytest", "--collect-only", "tests/template")
    assert "test_stack_reference" in found
    assert "test_new" not in found


@pytest.mark.long
def test_make_test_passes(project: Path, cloud: Cloud) -> None:
    """All checks, and some of its tests: this repository has just run, or runs, the same ones.

    mypy may begin where this checkout's left off: it looks at what differs.
    """
    if (ROOT / ".mypy_cache").exists():
        shutil.copytree(ROOT / ".mypy_cache", project / ".mypy_cache", dirs_exist_ok=True)
    said = make(project, cloud, "test", f"TESTS={' '.join(SOME_TESTS)}")
    assert "All checks passed!" in said
    assert "Success: no issues found" in said
    assert " passed in " in said
    found = run_python(project, str(project / ".venv" / "bin" / "python"), "pytest", "--collect-only", "tests/template")
    assert "test_stack_reference" in found
    assert "test_new" not in found


def run_python(project: Path, python: str, *words: str) -> str:
    """Run a module in the project, without the variables of pytest; it has to succeed."""
    done = subprocess.run(
        [python, "-m", *words],
        cwd=project,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
