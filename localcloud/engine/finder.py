"""The choice of the engine: the user's own, a cached one, the official release, or a build."""

from __future__ import annotations

import os
from pathlib import Path

from localcloud.console import say
from localcloud.engine import build, cache, release
from localcloud.engine.inspection import OLDEST, Engine, UnusableError, inspect


def find_or_make(*, quiet: bool = False) -> Engine:
    """Return a real engine with its Python language host; install one if there is none.

    quiet: print nothing unless something has to be installed. Raises UserError if no engine can be installed.
    """
    engine = _on_path(quiet=quiet) or _made_before() or _make()
    if not quiet:
        say(f"engine: pulumi {engine.version}, {engine.origin}: {engine.path}")
    return engine


def _on_path(*, quiet: bool) -> Engine | None:
    """Return the first usable `pulumi` on PATH; each rejected one gets a line."""
    seen: set[Path] = set()
    for folder in os.get_exec_path():
        pulumi = Path(folder).absolute() / "pulumi"
        if not os.access(pulumi, os.X_OK) or pulumi.is_dir() or pulumi.resolve() in seen:
            continue
        seen.add(pulumi.resolve())
        if pulumi.is_relative_to(cache.root()):
            continue  # ours; the cache knows whether it is still the right one
        try:
            return Engine(path=pulumi, version=inspect(pulumi), origin="found on PATH")
        except UnusableError as reason:
            if not quiet:
                say(f"engine: not using {pulumi}: {reason}")
    return None


def _made_before() -> Engine | None:
    return cache.cached(release.name()) or cache.cached(build.name())


def _make() -> Engine:
    with cache.locked():
        made_meanwhile = _made_before()
        if made_meanwhile:
            return made_meanwhile
        try:
            return release.download()
        except UnusableError as reason:
            say(f"engine: no official release: {reason}")
            oldest = ".".join(map(str, OLDEST))
            return build.build([f"pulumi >= {oldest} on PATH", f"the official release ({reason})"])
