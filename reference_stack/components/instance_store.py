"""Instance types with an instance store (local NVMe storage), which is encrypted by hardware.

SageMaker rejects a KMS key for their volumes:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from __future__ import annotations

import re
from typing import Final

_MARKED: Final = r"[a-z]+\d+[a-z-]*d[a-z-]*"
"""A `d` after the generation: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html."""
_FAMILIES: Final = r"(?:g[5-9]|gr[6-9]|i[3-9]|p[5-9]|trn\d)[a-z0-9-]*"
"""Families in which every type has one: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html."""
_STORAGE: Final = re.compile(rf"ml\.(?:{_MARKED}|{_FAMILIES})\.[a-z0-9]+")


def has_instance_store(instance_type: str) -> bool:
    """Whether an instance type has an instance store: `ml.c5d.large` and `ml.g5.xlarge` do, `ml.c5.large` does not."""
    return _STORAGE.fullmatch(instance_type) is not None
