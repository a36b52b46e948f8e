"""Requests to an HTTP API, with or without an AWS signature (SigV4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud

OWNER = Credentials("test", "test")


def assumed(cloud: Cloud, role: str) -> Credentials:
    """Assume a role and return its credentials."""
    got = cloud("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
    return Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def post(url: str, body: object, credentials: Credentials | None) -> tuple[int, str]:
    """Post JSON; return the status and the response body."""
    data = body if isinstance(body, str) else json.dumps(body)
    request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=data.encode())
    if credentials is not None:
        signer: Any = SigV4Auth(credentials, "execute-api", "eu-west-1")
        signer.add_auth(request)
    wire = Request(url, data=data.encode(), headers=dict(request.headers.items()), method="POST")  # noqa: S310 - loopback
    try:
        with urlopen(wire, timeout=10) as answer:  # noqa: S310 - loopback
            return int(answer.status), answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
