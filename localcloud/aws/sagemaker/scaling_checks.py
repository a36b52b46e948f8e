"""Restrictions on variants with a scalable target."""

from __future__ import annotations

import sys
from typing import Final

from localcloud.aws.http_messages import AwsError
from localcloud.aws.sagemaker.resource_store import INVALID, Document

TARGETS: Final = "moto.applicationautoscaling.models"
"""Where scalable targets are kept, as soon as there is one: moto is loaded when it is first asked for something."""


def check_change(endpoint: str, before: Document, after: Document) -> None:
    """Raise AwsError if a variant with a scalable target would change its instance type or be removed.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """
    coming = {variant["VariantName"]: variant.get("InstanceType") for variant in after["ProductionVariants"]}
    for variant in before["ProductionVariants"]:
        name = variant["VariantName"]
        if coming.get(name, "") != variant.get("InstanceType") and _scales(f"endpoint/{endpoint}/variant/{name}"):
            raise AwsError(
                INVALID,
                f"Cannot change the instance type of variant {name} of endpoint {endpoint}, or remove it: it is a "
                "scalable target. Deregister it from Application Auto Scaling first.",
            )


def _scales(resource: str) -> bool:
    models = sys.modules.get(TARGETS)
    if models is None:
        return False
    backends = [backend for account in models.applicationautoscaling_backends.values() for backend in account.values()]
    return any(resource in targets for backend in backends for targets in backend.targets.values())
