"""The local cloud of the end-to-end tests, and fixtures of the template."""

from __future__ import annotations

from localcloud.checkout import ROOT
from tests.e2e.conftest import cloud, copy

__all__ = ["cloud", "copy"]

# `pulumi new` drops this section: what it made is a project of its owner's, which asks nobody anything.
collect_ignore = [] if "\ntemplate:\n" in (ROOT / "Pulumi.yaml").read_text() else ["test_new.py"]
