"""Condition keys that any request may carry (IAM user guide, "AWS global condition context keys")."""

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
_TAG_PREFIXES: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")

GLOBAL_KEYS: Final[dict[str, str]] = {
    **{f"aws:{name.lower()}": kind for kind, names in _SINGLE_VALUED.items() for name in names.split()},
    **{f"aws:{name.lower()}": "ArrayOfString" for name in _MULTIVALUED.split()},
}
"""Type of every global key by its name in lower case; `ArrayOf...` may hold several values in one request."""


def is_global_condition_key(key: str) -> bool:
    """Whether the key is a global one, in whatever case."""
    key = key.lower()
    return key in GLOBAL_KEYS or key.startswith(_TAG_PREFIXES)


def condition_key_type(key: str) -> str | None:
    """The type of a condition key of any service; None where not known."""
    key = key.lower()
    if key.startswith(_TAG_PREFIXES):
        return "String"
    return GLOBAL_KEYS.get(key) or service_condition_key_type(key)


def is_multivalued_key(key: str) -> bool | None:
    """Whether one request may carry several values of the key; None where the key is not known."""
    kind = condition_key_type(key)
    return None if kind is None else kind.startswith("ArrayOf")
