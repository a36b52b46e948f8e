"""How many examples a property-based test tries."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

EXAMPLES: Final = settings().max_examples
"""In the profile in force: 100, or fewer in `quick`, which `make test` uses. Tests that need more try a multiple."""
