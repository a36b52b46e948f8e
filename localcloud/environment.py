"""The environment variables with which engine, program and pack use the local cloud only."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from localcloud.checkout import BACKEND, PULUMI_HOME, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.engine import Engine

_USER_SETTINGS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)


def _variables_to_unset() -> set[str]:
    """Variables that would lead to another AWS: profiles, and endpoints of single services."""
    endpoints = {key for key in os.environ if key.startswith("AWS_ENDPOINT_URL")}
    return {*_USER_SETTINGS, "AWS_ENDPOINT_URL", *endpoints}


def variables(engine: Engine, endpoint: str | None) -> dict[str, str]:
    """The variables that differ from the caller's. Without an endpoint there is no local AWS, but previews work."""
    found = {
        "PATH": os.pathsep.join([str(engine.path.parent), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(PULUMI_HOME),
        "PULUMI_BACKEND_URL": BACKEND.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_ACCESS_TOKEN": "none",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
    return found | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})


def child_environment(engine: Engine, endpoint: str | None) -> dict[str, str]:
    """The complete environment of a child process."""
    kept = {key: value for key, value in os.environ.items() if key not in _variables_to_unset()}
    return kept | variables(engine, endpoint)


def shell_exports(found: Mapping[str, str]) -> str:
    """Export statements for a user's shell: `eval "$(make -s env)"`."""
    unset = [f"unset {' '.join(sorted(_variables_to_unset()))}"]
    return "\n".join(unset + [f"export {key}={shlex.quote(value)}" for key, value in found.items()])
