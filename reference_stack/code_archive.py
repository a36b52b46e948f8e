"""A function's code as a reproducible archive, with byte code if an interpreter of the runtime's version is available.

Lambda's file system is read-only: code without byte code is compiled again at every cold start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import pulumi

BUILD: Final = Path(__file__).resolve().parent.parent / "lambda_src" / ".build"
LAMBDA_TASK_ROOT: Final = "/var/task"
"""The folder to which Lambda extracts the archive, so that tracebacks from byte code name it."""
_INTERPRETER_LOCATIONS: Final = (
    ".pyenv/versions/{version}.*/bin/python{version}",
    ".local/share/uv/python/cpython-{version}.*/bin/python{version}",
)
_VERSION: Final = "import sys; print('python%d.%d' % sys.version_info[:2])"
_COMPILE: Final = """
import py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
for source, target, shown in zip(*[iter(sys.argv[1:])] * 3):
    py_compile.compile(source, target, shown, doraise=True, invalidation_mode=mode)
"""


def code_archive(folder: Path, runtime: str, build: Path = BUILD) -> pulumi.AssetArchive:
    """The files of a folder, without Python's caches.

    Includes byte code for the runtime (`python3.13`) if a matching interpreter exists on this machine. build: where
    byte code is written.
    """
    sources = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = {path.relative_to(folder).as_posix(): path for path in sources}
    files |= compile_bytecode(
        folder, {name: path for name, path in files.items() if name.endswith(".py")}, runtime, build
    )
    return pulumi.AssetArchive({name: pulumi.FileAsset(files[name]) for name in sorted(files)})


def compile_bytecode(folder: Path, sources: dict[str, Path], runtime: str, build: Path = BUILD) -> dict[str, Path]:
    """Compile sources; return byte code files by archive name, or none without a matching interpreter."""
    python = interpreter(runtime)
    if python is None:
        return {}
    digest = sha256("\0".join(f"{name}\0{path.read_text()}" for name, path in sources.items()).encode())
    made = build / f"{folder.name}-{runtime}-{digest.hexdigest()[:16]}"
    tag = f"cpython-{runtime.removeprefix('python').replace('.', '')}"
    wanted = {name: _bytecode_name(name, tag) for name in sources}
    files = {target: made / target for target in wanted.values()}
    if not all(path.exists() for path in files.values()):
        jobs = [
            [str(sources[name]), str(files[target]), f"{LAMBDA_TASK_ROOT}/{name}"] for name, target in wanted.items()
        ]
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        for job in jobs:  # one process per file: byte code depends on what a process compiled before
            subprocess.run([python, "-I", "-c", _COMPILE, *job], check=True, capture_output=True)
    return files


@cache
def interpreter(runtime: str) -> str | None:
    """An interpreter of exactly the runtime's version: this one, pyenv's, uv's or one on PATH; None if none exists."""
    version = runtime.removeprefix("python")
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    locations = [
        path for pattern in _INTERPRETER_LOCATIONS for path in sorted(_home().glob(pattern.format(version=version)))
    ]
    for candidate in filter(None, (*map(str, locations), shutil.which(runtime))):
        asked = subprocess.run([candidate, "-I", "-c", _VERSION], check=False, capture_output=True, text=True)
        if asked.returncode == 0 and asked.stdout.strip() == runtime:
            return candidate
    return None


def _home() -> Path:
    """The user's home directory, independent of HOME, which CI systems change."""
    try:
        import pwd  # noqa: PLC0415 - there is none on Windows

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):  # KeyError: a user without a passwd entry, as in some containers
        return Path.home()


def _bytecode_name(name: str, tag: str) -> str:
    path = Path(name)
    return (path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").as_posix()
