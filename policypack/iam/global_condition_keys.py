"""Global condition keys, which requests to any service may contain, and the types of all condition keys.

Source: IAM user guide, "AWS global condition context keys".
"""

from __future__ import annotations

from typing import Final

from policypack.iam.actions import service_condition_key_type

_SINGLE_VALUED: Final[dict[str, str]] = {
    "Arn": "PrincipalArn SourceArn SourceVpcArn Ec2InstanceSourceArn ChatbotSourceArn SignInSessionArn",
    "String": (
        "PrincipalAccount PrincipalOrgID PrincipalServiceName PrincipalType userid username FederatedProvider "
        "SourceIdentity SourceVpc SourceVpce VpceAccount VpceOrgID Ec2InstanceSourceVpc ResourceAccount ResourceOrgID "
        "CalledViaFirst CalledViaLast referer RequestedRegion SourceAccount SourceOrgID UserAgent AssumedRoot "
        "CalledViaAWSMCP ViaAWSMCPService"
    ),
    "IPAddress": "SourceIp VpcSourceIp Ec2InstanceSourcePrivateIPv4",
    "Bool": "MultiFactorAuthPresent PrincipalIsAWSService SecureTransport ViaAWSService IsMcpServiceAction",
    "Date": "CurrentTime EpochTime TokenIssueTime",
    "Numeric": "MultiFactorAuthAge",
}
_MULTIVALUED: Final = (
    "CalledVia PrincipalOrgPaths PrincipalServiceNamesList ResourceOrgPaths SourceOrgPaths VpceOrgPaths TagKeys"
)
RESOURCE_TAG: Final = "aws:resourcetag/"
"""The beginning, in lower case, of the condition keys for the tags of the resource."""
_TAG_PREFIXES: Final = ("aws:principaltag/", "aws:requesttag/", RESOURCE_TAG)

GLOBAL_KEYS: Final[dict[str, str]] = {
    **{f"aws:{name.lower()}": kind for kind, names in _SINGLE_VALUED.items() for name in names.split()},
    **{f"aws:{name.lower()}": "ArrayOfString" for name in _MULTIVALUED.split()},
}
"""The type of every global key by its name in lower case. Keys of type `ArrayOf...` are multivalued."""


def is_global_condition_key(key: str) -> bool:
    """Whether the key is a global condition key. Case is ignored."""
    key = key.lower()
    return key in GLOBAL_KEYS or key.startswith(_TAG_PREFIXES)


def condition_key_type(key: str) -> str | None:
    """The type of a global or service-specific condition key. None if it is unknown."""
    key = key.lower()
    if key.startswith(_TAG_PREFIXES):
        return "String"
    return GLOBAL_KEYS.get(key) or service_condition_key_type(key)


def is_multivalued_key(key: str) -> bool | None:
    """Whether a request may contain several values of the key (AWS: multivalued key). None if the key is unknown."""
    kind = condition_key_type(key)
    return None if kind is None else kind.startswith("ArrayOf")
