"""The Python language host, asked over gRPC as the engine asks it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from localcloud.checkout import ROOT
from localcloud.engine.inspection import HOST, read_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

VENV = str(ROOT / ".venv")
PIP = {"toolchain": "pip", "virtualenv": VENV}


@pytest.fixture
def extra_packages(tmp_path: Path) -> Path:
    """Make a folder of installed distributions that no index has, beside the checkout's own."""
    folder = tmp_path / "packages"
    for name, version, plugin in (
        (
            "pulumi_named",
            "1.2.3",
            {"resource": True, "name": "other", "version": "4.5.6", "server": "https://x.invalid"},
        ),
        ("pulumi_library", "1.0.0", {"resource": False}),
        ("pulumi_plain", "4.16.0rc1", None),
        ("thirdparty", "0.1.0", {"resource": True, "name": "third", "version": "v0.1.0"}),
        ("unrelated", "9.9.9", None),
    ):
        about = folder / f"{name}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        if plugin:
            (folder / name / "pulumi-plugin.json").write_text(json.dumps(plugin))
    return folder


@pytest.fixture
def host(engine: Path, pulumi_env: dict[str, str], extra_packages: Path) -> Iterator[Any]:
    """Give a client of a host of its own, which ends with the test."""
    beside = engine.resolve().parent / HOST
    binary = beside if beside.exists() else shutil.which(HOST)
    process = subprocess.Popen(
        [str(binary), "127.0.0.1:9"],
        env=pulumi_env | {"PYTHONPATH": str(extra_packages)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdin
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield language_pb2_grpc.LanguageRuntimeStub(channel)
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def info(folder: Path, options: dict[str, Any]) -> language_pb2.ProgramInfo:
    """Tell the host where a program is and with which runtime options."""
    struct = struct_pb2.Struct()
    struct.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=struct
    )


def test_greets_and_tells_its_version(host: Any, engine: Path) -> None:
    """The host is as old as its engine."""
    host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:9"))
    assert host.GetPluginInfo(empty_pb2.Empty()).version.removeprefix("v") == read_version(engine)


def test_names_the_providers_of_the_installed_packages(host: Any, tmp_path: Path) -> None:
    """From pulumi-plugin.json where there is one, else from the name; libraries have none."""
    request = language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, PIP))
    found = {package.name: package for package in host.GetRequiredPackages(request).packages}
    assert {name: package.version for name, package in found.items()} == {
        "aws": f"v{importlib.metadata.version('pulumi-aws')}",
        "other": "v4.5.6",
        "plain": "v4.16.0-rc.1",
        "third": "v0.1.0",
    }
    assert {package.kind for package in found.values()} == {"resource"}
    assert found["other"].server == "https://x.invalid"


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, ["toolchain"]),
        ({"virtualenv": "env"}, ["toolchain"]),
        ({"toolchain": "pip"}, ["virtualenv"]),
        ({"toolchain": "pip", "virtualenv": "env"}, []),
        ({"toolchain": "uv"}, []),
    ],
)
def test_asks_for_the_options_that_are_open(
    options: dict[str, Any], asked: list[str], host: Any, tmp_path: Path
) -> None:
    """`pulumi new` asks for the toolchain, and with pip for the virtual environment."""
    prompts = host.RuntimeOptionsPrompts(language_pb2.RuntimeOptionsRequest(info=info(tmp_path, options))).prompts
    assert [prompt.key for prompt in prompts] == asked
    for prompt in prompts:
        values = [choice.stringValue for choice in prompt.choices]
        assert prompt.default.stringValue == values[0] == {"toolchain": "pip", "virtualenv": "venv"}[prompt.key]
        assert "poetry" in values or prompt.key != "toolchain"


def test_tells_about_its_python_and_the_packages(host: Any, tmp_path: Path) -> None:
    """`pulumi about` shows the interpreter and what is installed in the project's environment."""
    about = host.About(language_pb2.AboutRequest(info=info(tmp_path, PIP)))
    assert about.executable == f"{VENV}/bin/python"
    assert about.version == platform.python_version()
    request = language_pb2.GetProgramDependenciesRequest(info=info(tmp_path, PIP), transitiveDependencies=True)
    listed = {package.name: package.version for package in host.GetProgramDependencies(request).dependencies}
    for name in ("pulumi", "grpcio", "unrelated"):
        version = "9.9.9" if name == "unrelated" else importlib.metadata.version(name)
        assert listed[name] == version


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"toolchain": "conda"}, "conda"),
        ({"toolchain": 3}, "toolchain"),
        ({"virtualenv": ["x"]}, "virtualenv"),
        ({"typechecker": "pytype"}, "pytype"),
    ],
)
def test_refuses_unknown_options(options: dict[str, Any], named: str, host: Any, tmp_path: Path) -> None:
    """A mistake in Pulumi.yaml is named, not ignored."""
    with pytest.raises(grpc.RpcError) as error:
        host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=info(tmp_path, PIP | options)))
    assert named in str(error.value)


def plugin_request(folder: Path, working: Path, *arguments: str) -> language_pb2.RunPluginRequest:
    """Ask for a provider in a folder to be run."""
    environment = [f"PATH={os.environ['PATH']}", "GIVEN=by the engine"]
    return language_pb2.RunPluginRequest(
        info=info(folder, PIP), pwd=str(working), args=arguments, env=environment, kind="resource", name="small"
    )


def test_runs_a_plugin(host: Any, tmp_path: Path) -> None:
    """Its output and exit code reach the engine; it runs in the requested folder, in the plugin's environment."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "__main__.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1:], os.getcwd(), os.environ['GIVEN'], os.environ['VIRTUAL_ENV'], sys.prefix)\n"
        "print('complaint', file=sys.stderr)\n"
        "sys.exit(7)\n"
    )
    messages = list(host.RunPlugin(plugin_request(folder, tmp_path, "127.0.0.1:9")))
    stdout = b"".join(message.stdout for message in messages).decode()
    stderr = b"".join(message.stderr for message in messages).decode()
    assert stdout == f"['127.0.0.1:9'] {tmp_path} by the engine {VENV} {VENV}\n"
    assert stderr == "complaint\n"
    assert messages[-1].WhichOneof("output") == "exitcode"
    assert messages[-1].exitcode == 7


def test_ends_a_plugin_that_the_engine_gives_up(
    host: Any, tmp_path: Path, no_processes: Callable[[Iterable[int]], None]
) -> None:
    """Cancelling the call ends the plugin, without waiting for it."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "__main__.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    call = host.RunPlugin(plugin_request(folder, tmp_path))
    pid = int(next(call).stdout)
    call.cancel()
    no_processes([pid])


def test_a_plugin_that_is_none_is_an_error(host: Any, tmp_path: Path) -> None:
    """Neither a __main__.py nor a package: said, instead of a Python traceback."""
    with pytest.raises(grpc.RpcError, match=r"__main__\.py"):
        list(host.RunPlugin(plugin_request(tmp_path, tmp_path)))


def test_cancel_is_answered(host: Any) -> None:
    """The engine cancels its language hosts whenever a run ends; twice is no fault."""
    for _ in range(2):
        assert host.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
