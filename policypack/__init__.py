"""Scalability and security policies for AWS systems of decoupled components.

A pack of your own is this one with your rules, in a `__main__.py` of three lines::

    from policypack import PACK, serve
    from our_rules import RULES
    serve(PACK.with_rules(*RULES).without("queue-has-one-consumer"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policypack.host.serve import serve
    from policypack.pack import PACK

__all__ = ["PACK", "serve"]


def __getattr__(name: str) -> object:
    """Import what is asked for, and only then: most modules of this package need neither all rules nor gRPC."""
    if name == "PACK":
        from policypack.pack import PACK  # noqa: PLC0415 - see above

        return PACK
    if name == "serve":
        from policypack.host.serve import serve  # noqa: PLC0415 - see above

        return serve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
