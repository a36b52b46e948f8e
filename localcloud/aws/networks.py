"""Subnets, which moto keeps, for those who look one up."""

from __future__ import annotations

from localcloud.checkout import ACCOUNT, REGION


def vpc_of(subnet: str) -> str | None:
    """Return the id of the network that a subnet is in; None where there is no such subnet."""
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - half a second, which most starts never need

    for zone in list(ec2_backends[ACCOUNT][REGION].subnets.values()):
        if subnet in zone:
            return str(zone[subnet].vpc_id)
    return None
