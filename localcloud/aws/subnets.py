"""Lookup of subnets, which moto stores."""

from __future__ import annotations

from localcloud.checkout import ACCOUNT, REGION


def vpc_of(subnet: str) -> str | None:
    """Return the id of a subnet's VPC; None if there is no such subnet."""
    from moto.ec2.models import ec2_backends  # noqa: PLC0415 - half a second, which most starts never need

    for zone in list(ec2_backends[ACCOUNT][REGION].subnets.values()):
        if subnet in zone:
            return str(zone[subnet].vpc_id)
    return None
