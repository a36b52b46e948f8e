"""Calling somebody's policy, whatever it does."""

from __future__ import annotations

import asyncio
import os
from inspect import isawaitable
from typing import Any, Final

import pulumi.runtime
from pulumi_policy import StackValidationArgs


def _what_not_applicable_raises() -> type[Exception]:
    try:
        StackValidationArgs([]).not_applicable()
    except Exception as error:  # noqa: BLE001 - whatever it is: pulumi_policy does not publish the class
        return type(error)
    raise AssertionError("not_applicable() of pulumi_policy returned")


NotApplicableError: Final = _what_not_applicable_raises()


def finished(result: Any) -> Any:
    """What a policy returned; a coroutine is run to its end first, on an event loop of its own."""
    if result is None or not isawaitable(result):
        return result
    loop = asyncio.new_event_loop()
    try:
        task: asyncio.Task[Any] = asyncio.Task(result, loop=loop)  # type: ignore[arg-type] # others raise here
        try:
            return loop.run_until_complete(task)
        finally:
            if task.done() and not task.cancelled():
                task.exception()  # looked at, so that asyncio does not log sys.exit as an exception nobody looked at
    finally:
        loop.close()


def configure_runtime() -> None:
    """Give `pulumi.Config` and `pulumi.get_stack` in policies what the environment says, before every request."""
    for key, value in pulumi.runtime.get_config_env().items():
        pulumi.runtime.set_config(key, value)
    environ = os.environ
    if "PULUMI_PROJECT" in environ and "PULUMI_STACK" in environ and "PULUMI_DRY_RUN" in environ:
        settings = pulumi.runtime.Settings(
            project=environ["PULUMI_PROJECT"],
            stack=environ["PULUMI_STACK"],
            dry_run=environ["PULUMI_DRY_RUN"] == "true",
            organization=environ.get("PULUMI_ORGANIZATION", "organization"),  # backends of files have none
        )
        pulumi.runtime.configure(settings)
