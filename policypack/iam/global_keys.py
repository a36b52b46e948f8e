"""Condition keys that any request may carry (IAM user guide, "AWS global condition context keys")."""

from __future__ import annotations

from typing import Final

from policypack.iam.actions import service_key_type

_SINGLE: Final[dict[str, str]] = {
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
_MANY: Final = (
    "CalledVia PrincipalOrgPaths PrincipalServiceNamesList ResourceOrgPaths SourceOrgPaths VpceOrgPaths TagKeys"
)
_TAGS: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")

GLOBAL_KEYS: Final[dict[str, str]] = {
    **{f"aws:{name.lower()}": kind for kind, names in _SINGLE.items() for name in names.split()},
    **{f"aws:{name.lower()}": "ArrayOfString" for name in _MANY.split()},
}
"""Type of every global key by its name in lower case; `ArrayOf...` may hold several values in one request."""


def is_global(key: str) -> bool:
    """Whether the key is a global one, in whatever case."""
    key = key.lower()
    return key in GLOBAL_KEYS or key.startswith(_TAGS)


def key_type(key: str) -> str | None:
    """The type of a condition key of any service; None where not known."""
    key = key.lower()
    if key.startswith(_TAGS):
        return "String"
    return GLOBAL_KEYS.get(key) or service_key_type(key)


def holds_many(key: str) -> bool | None:
    """Whether one request may carry several values of the key; None where the key is not known."""
    kind = key_type(key)
    return None if kind is None else kind.startswith("ArrayOf")
