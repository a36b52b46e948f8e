"""A deployed function on disk: its archive, extracted once, and its process environment."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc

from localcloud import interpreters
from localcloud.aws.patching import private
from localcloud.checkout import AWS_STATE, REGION

layer_archive = private(lambda_svc, "_resolve_layer_zip")

LOCK = threading.Lock()
LOGGER = logging.getLogger("functions")

UNPACKED: Final = AWS_STATE / "tmp" / "functions"
LIBRARIES: Final = AWS_STATE / "tmp" / "runtime"
PROVIDED: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""The libraries that AWS's Python runtimes bring along."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """One version of one function."""

    config: dict[str, Any]
    archive: bytes

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.config["FunctionName"])

    @property
    def version(self) -> str:
        """`$LATEST` or a number."""
        return str(self.config.get("Version", "$LATEST"))

    @property
    def seconds(self) -> int:
        """The timeout of an invocation."""
        return int(self.config.get("Timeout", 3))

    @property
    def log_group(self) -> str:
        """The log group."""
        return str((self.config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{self.name}")

    @property
    def logs_json(self) -> bool:
        """Whether the log format is JSON."""
        return (self.config.get("LoggingConfig") or {}).get("LogFormat") == "JSON"

    @property
    def key(self) -> tuple[str, ...]:
        """What a warm process was started with: another key needs another process."""
        parts = ("FunctionName", "Version", "CodeSha256", "Handler", "Runtime", "Role", "MemorySize", "Timeout")
        rest = ("Environment", "Layers", "LoggingConfig", "TracingConfig")
        return tuple(repr(self.config.get(part)) for part in parts + rest)

    def unpack(self) -> tuple[Path, list[Path]]:
        """Return the folder of the code, and the folders of its layers for the module path."""
        layers = [unpacked(layer_archive(layer) or b"") for layer in self.config.get("Layers") or []]
        return unpacked(self.archive), [folder for layer in layers for folder in sorted(_importable(layer))]

    def environment(self, code: Path, stream: str) -> dict[str, str]:
        """Return the process environment: the function's variables and those that Lambda sets."""
        config, logging = self.config, self.config.get("LoggingConfig") or {}
        variables = {str(k): str(v) for k, v in ((config.get("Environment") or {}).get("Variables") or {}).items()}
        endpoint = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
        own = {
            "_HANDLER": str(config.get("Handler", "")),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": str(logging.get("LogFormat", "Text")),
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_LAMBDA_LOG_LEVEL": str(logging.get("ApplicationLogLevel", "INFO")),
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(code),
            **execution_credentials(config),
        }
        defaults = {"LANG": "C.UTF-8", "PATH": os.environ["PATH"], "TMPDIR": os.environ["TMPDIR"], "TZ": ":UTC"}
        return defaults | {"AWS_ENDPOINT_URL": endpoint} | variables | own


def unpacked(archive: bytes) -> Path:
    """Return the folder of an extracted archive; extract it if needed."""
    folder = UNPACKED / hashlib.sha256(archive).hexdigest()[:32]
    if not folder.exists():
        UNPACKED.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=UNPACKED))
        if archive:
            with zipfile.ZipFile(io.BytesIO(archive)) as files:
                files.extractall(aside)
        try:
            aside.rename(folder)
        except OSError:  # another thread was faster
            shutil.rmtree(aside)
    return folder


def interpreter(runtime: str) -> str:
    """Return an interpreter of the runtime if this machine has one, else the server's own."""
    with LOCK:
        return _interpreter(runtime)


@cache
def _interpreter(runtime: str) -> str:
    found = interpreters.interpreter(runtime)
    if found is None:
        LOGGER.info("%s is not on this machine: its functions run with %s", runtime, sys.version.split()[0])
    return found or sys.executable


@cache
def libraries() -> Path:
    """Return a folder with exactly the libraries of AWS's Python runtimes."""
    LIBRARIES.mkdir(parents=True, exist_ok=True)
    for name in PROVIDED:
        found = find_spec(name)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{name} is missing in the environment of the local AWS")
        file = Path(found.origin)
        source = file.parent if file.name == "__init__.py" else file
        (LIBRARIES / source.name).symlink_to(source)
    return LIBRARIES


def _importable(layer: Path) -> list[Path]:
    return [found for found in (layer / "python", *layer.glob("python/lib/*/site-packages")) if found.is_dir()]
