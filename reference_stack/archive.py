"""A function's code as an archive: the same bytes from the same sources, with byte code where it can be made.

Lambda's file system cannot be written to, so what is not compiled beforehand is compiled at every cold start.
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
HOME: Final = "/var/task"
"""Where Lambda unpacks an archive: the place that tracebacks out of byte code name."""
_KEPT: Final = (
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


def archive(folder: Path, runtime: str, build: Path = BUILD) -> pulumi.AssetArchive:
    """The files of a folder, without what Python leaves in it when it runs there.

    With byte code for a runtime (`python3.13`) where an interpreter of just that version is at hand; made in `build`.
    """
    sources = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = {path.relative_to(folder).as_posix(): path for path in sources}
    files |= compiled(folder, {name: path for name, path in files.items() if name.endswith(".py")}, runtime, build)
    return pulumi.AssetArchive({name: pulumi.FileAsset(files[name]) for name in sorted(files)})


def compiled(folder: Path, sources: dict[str, Path], runtime: str, build: Path = BUILD) -> dict[str, Path]:
    """The byte code of sources, by its name in the archive; none without an interpreter of the runtime's version."""
    python = interpreter(runtime)
    if python is None:
        return {}
    digest = sha256("\0".join(f"{name}\0{path.read_text()}" for name, path in sources.items()).encode())
    made = build / f"{folder.name}-{runtime}-{digest.hexdigest()[:16]}"
    tag = f"cpython-{runtime.removeprefix('python').replace('.', '')}"
    wanted = {name: _cached(name, tag) for name in sources}
    files = {target: made / target for target in wanted.values()}
    if not all(path.exists() for path in files.values()):
        jobs = [[str(sources[name]), str(files[target]), f"{HOME}/{name}"] for name, target in wanted.items()]
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        for job in jobs:  # an interpreter each: what one has compiled before changes how it writes the next
            subprocess.run([python, "-I", "-c", _COMPILE, *job], check=True, capture_output=True)
    return files


@cache
def interpreter(runtime: str) -> str | None:
    """An interpreter of just the runtime's version: this one, pyenv's, uv's, one on PATH; None where there is none."""
    version = runtime.removeprefix("python")
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    kept = [path for pattern in _KEPT for path in sorted(_home().glob(pattern.format(version=version)))]
    for candidate in filter(None, (*map(str, kept), shutil.which(runtime))):
        asked = subprocess.run([candidate, "-I", "-c", _VERSION], check=False, capture_output=True, text=True)
        if asked.returncode == 0 and asked.stdout.strip() == runtime:
            return candidate
    return None


def _home() -> Path:
    """The user's, whatever HOME says: CI gives itself another."""
    try:
        import pwd  # noqa: PLC0415 - there is none on Windows

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):  # KeyError: a user without a name, as in some containers
        return Path.home()


def _cached(name: str, tag: str) -> str:
    path = Path(name)
    return (path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").as_posix()
