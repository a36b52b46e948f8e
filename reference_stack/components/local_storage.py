"""Which instances bring storage of their own, which the hardware encrypts and nobody's key can.

SageMaker refuses a key for their volumes:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from __future__ import annotations

import re
from typing import Final

_MARKED: Final = r"[a-z]+\d+[a-z-]*d[a-z-]*"
"""A `d` behind the generation: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html."""
_FAMILIES: Final = r"(?:g[5-9]|gr[6-9]|i[3-9]|p[5-9]|trn\d)[a-z0-9-]*"
"""All of them have it: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html."""
_STORAGE: Final = re.compile(rf"ml\.(?:{_MARKED}|{_FAMILIES})\.[a-z0-9]+")


def has_local_storage(instance_type: str) -> bool:
    """Whether it is one of these: `ml.c5d.large` and `ml.g5.xlarge` are, `ml.c5.large` is not."""
    return _STORAGE.fullmatch(instance_type) is not None
