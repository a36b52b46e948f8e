"""What stands between the engine and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policypack.dropin import PolicyPack

__all__ = ["PolicyPack"]


def __getattr__(name: str) -> object:
    """Import the drop-in when somebody asks for it: rules and their host do without."""
    if name == "PolicyPack":
        from policypack.dropin import PolicyPack  # noqa: PLC0415 - see above

        return PolicyPack
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
