"""`pulumi_policy.PolicyPack`, served by this host."""

from __future__ import annotations

import re
from typing import Any, Final

from pulumi_policy import EnforcementLevel, Policy

from policypack.dropin.servicer import Servicer
from policypack.host.server import port_line, run_server, started_by_pulumi

_NAME: Final = re.compile("^[a-zA-Z0-9-_.]{1,100}$")


class PolicyPack:
    """Takes what `pulumi_policy.PolicyPack` takes, raises the TypeErrors it raises, and serves. Does not return."""

    def __init__(  # noqa: PLR0917 - the order of pulumi_policy's arguments
        self,
        name: str,
        policies: list[Policy],
        enforcement_level: EnforcementLevel | None = None,
        initial_config: dict[str, EnforcementLevel | dict[str, Any]] | None = None,
        description: str | None = None,
        display_name: str | None = None,
        readme: str | None = None,
        provider: str | None = None,
        tags: list[str] | None = None,
        repository: str | None = None,
    ) -> None:
        _check(name, policies, enforcement_level)
        _check_config(initial_config)
        servicer = Servicer(
            name,
            policies,
            enforcement_level=EnforcementLevel.ADVISORY if enforcement_level is None else enforcement_level,
            initial_config=initial_config,
            texts={
                "description": description,
                "displayName": display_name,
                "readme": readme,
                "provider": provider,
                "repository": repository,
            },
            tags=tags,
        )
        run_server(servicer, port_line())


def _check(name: Any, policies: Any, enforcement_level: Any) -> None:
    if not name:
        raise TypeError("Missing name argument")
    if not isinstance(name, str):
        raise TypeError("Expected name to be a string")
    if _NAME.match(name) is None:
        raise TypeError(
            f"Invalid policy pack name {name}. Policy pack names may only contain "
            "alphanumerics, hyphens, underscores, or periods."
        )
    if not policies:
        raise TypeError("Missing policies argument")
    if not isinstance(policies, list):
        raise TypeError("Expected policies to be a list of policies")
    if not all(isinstance(policy, Policy) for policy in policies):
        raise TypeError("Expected each policy in policies to be a Policy")
    if enforcement_level is not None and not isinstance(enforcement_level, EnforcementLevel):
        raise TypeError("Expected enforcement_level to be an EnforcementLevel")


def _check_config(initial_config: Any) -> None:
    if initial_config is None:
        return
    if not isinstance(initial_config, dict):
        raise TypeError("Expected initial_config to be a dict")
    for key, value in initial_config.items():
        if not isinstance(key, str):
            raise TypeError("Expected initial_config key to be a string")
        if not isinstance(value, EnforcementLevel | dict):
            raise TypeError(f"Expected initial_config['{key}'] to be an EnforcementLevel or dict")
        if isinstance(value, dict) and not all(isinstance(inner, str) for inner in value):
            raise TypeError(f"Expected initial_config['{key}'] key to be a string")


# A pack that Pulumi started owes it the port as the first line, so stdout is kept from whatever the pack imports after
# this module. Any other program keeps its stdout until it makes a PolicyPack.
if started_by_pulumi():
    port_line()
