"""OIDC identity providers that everybody shares: whose token it is, only its claims tell."""

from __future__ import annotations

from typing import Final

GITHUB: Final = "token.actions.githubusercontent.com"
"""The issuer of the tokens of GitHub Actions."""

CONSUMER_PROVIDERS: Final = (
    *("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"),
)
"""The issuers that AssumeRoleWithWebIdentity takes without an identity provider in the account, at which anybody can
sign in (STS API reference, "AssumeRoleWithWebIdentity")."""

SHARED_PROVIDERS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            *("agent.buildkite.com", "app.terraform.io", "gitlab.com", "oidc.codefresh.io", "proidc.upbound.io"),
            *("oidc-configuration.audit-log.githubusercontent.com", "scalr.io", "studio.datachain.ai/api"),
            *("tokens.cloud.shisho.dev", "vstoken.actions.githubusercontent.com"),
        ),
        ("sub",),
    ),
    **dict.fromkeys(("api.pulumi.com/oidc", "cognito-identity.amazonaws.com", "oidc.vercel.com"), ("aud",)),
    **dict.fromkeys(("graph.facebook.com", "www.amazon.com"), ("app_id",)),
    "accounts.google.com": ("aud", "oaud", "sub"),
    "sandboxes.cloud": ("aud",),
    GITHUB: ("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
}
"""By issuer, the claims of which at least one has to be limited, because it tells whose token it is.

IAM user guide, "Identity-provider controls for shared OIDC providers" and "OIDC federation".
"""
