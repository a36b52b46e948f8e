"""The container image for the default model: SageMaker's XGBoost image, which AWS publishes in every region."""

from __future__ import annotations

from typing import Final

from config_reader import nearest

XGBOOST_REGISTRIES: Final = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ca-central-1": "341280168497",
    "eu-central-1": "492215442770",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
"""AWS accounts that hold SageMaker's XGBoost image, from "Docker Registry Paths and Example Code" in its guide; the
same that `aws.sagemaker.get_prebuilt_ecr_image(repository_name="sagemaker-xgboost")` names, which knows no digests."""

OTHER_REGIONS: Final = (
    *("ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
    *("ap-southeast-7", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-2", "eu-south-2", "il-central-1"),
    *("me-central-1", "mx-central-1", "us-gov-east-1", "us-gov-west-1"),
)
"""AWS's other regions, for which no account is listed above: similar names, but not misspelt.
https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"""

XGBOOST_DIGEST: Final = "sha256:c764382b16cd0c921f1b2e66de8684fb999ccbd0c042c95679f0b69bc9cdd12c"
"""The digest to which DescribeEndpoint resolves the tag 1.5-1 of that image, observed in us-east-1.

AWS documents neither digests nor that they are equal in all regions; where it differs, set modelImage.
"""


def xgboost(region: str) -> str | None:
    """The image URI in a region; None if unknown."""
    account = XGBOOST_REGISTRIES.get(region)
    return account and f"{account}.dkr.ecr.{region}.amazonaws.com/sagemaker-xgboost@{XGBOOST_DIGEST}"


def nearest_region(region: str) -> str | None:
    """The region with a known image whose name is most similar; None for AWS's other regions."""
    return None if region in OTHER_REGIONS else nearest(region, XGBOOST_REGISTRIES)


def image_format(region: str) -> str:
    """The format of an image URI in a region, with placeholders in capitals."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"ACCOUNT.dkr.ecr.{region}.{suffix}/REPOSITORY@sha256:DIGEST"
