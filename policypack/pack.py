"""The pack: the rules of every concern, joined."""

from __future__ import annotations

from typing import Final

from policypack.rule_pack import Pack
from policypack.rules import (
    cost,
    data_protection,
    least_privilege,
    network,
    observability,
    resilience,
    scalability,
)
from policypack.version import VERSION

PACK: Final = Pack(
    name="policypack",
    version=VERSION,
    rules=(
        *scalability.RULES,
        *resilience.RULES,
        *least_privilege.RULES,
        *data_protection.RULES,
        *network.RULES,
        *observability.RULES,
        *cost.RULES,
    ),
)
