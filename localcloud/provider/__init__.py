"""A Pulumi provider for `aws` that deploys to a local AWS, and refuses to talk to any other."""

from __future__ import annotations

import json
import shlex
from importlib import metadata
from pathlib import Path
from typing import Final

from localcloud import checkout

SCHEMA: Final = Path(__file__).with_name("schema.json")


def version() -> str:
    """Return the version of the installed pulumi_aws; without one, that for which schema.json was made."""
    try:
        return metadata.version("pulumi-aws")
    except metadata.PackageNotFoundError:
        return str(json.loads(SCHEMA.read_bytes())["version"])


def install(pulumi_home: Path) -> Path:
    """Put the plugin where the engine looks for it, and return its path.

    The script is rewritten only when it differs, and moved into place, so that a running engine never sees half of it.
    """
    plugin = pulumi_home / "plugins" / f"resource-aws-v{version()}" / "pulumi-resource-aws"
    script = (
        "#!/bin/sh\n"
        "# Written by localcloud.provider.install.\n"
        f"PYTHONPATH={shlex.quote(str(checkout.ROOT))} "
        f'exec {shlex.quote(str(checkout.PYTHON))} -m localcloud.provider "$@"\n'
    )
    if not plugin.exists() or plugin.read_text(encoding="utf-8") != script:
        plugin.parent.mkdir(parents=True, exist_ok=True)
        fresh = plugin.with_suffix(".new")
        fresh.write_text(script, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(plugin)
    return plugin
