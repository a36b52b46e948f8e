"""The plugin process: `pulumi-resource-aws ENGINE`, or `--types` to list the resource types."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path


def _only_stubs() -> None:
    """Make pulumi.runtime.proto importable without the whole SDK, which would take 0.4 s at each start."""
    root = next(Path(entry) / "pulumi" for entry in sys.path if (Path(entry) / "pulumi" / "runtime" / "proto").is_dir())
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def _hermetic() -> None:
    """Ignore the user's AWS profile: credentials are fake, and a missing profile must not be an error."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


def main(arguments: list[str]) -> None:
    """Serve until the engine ends, or list the types."""
    if "--types" in arguments:
        from localcloud.provider.registry import MODULES  # noqa: PLC0415 - serving needs another half

        sys.stdout.write("\n".join(sorted(MODULES)) + "\n")
        return
    _only_stubs()
    _hermetic()
    from localcloud.provider.serve import serve  # noqa: PLC0415 - after the stubs

    serve()


if __name__ == "__main__":
    main(sys.argv[1:])
