"""Callers of a deployed stack: roles with exactly one permission, and requests made with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.credentials import Credentials

from localcloud.checkout import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.e2e.cloud import Cloud

TRUST: Final = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}


class Caller:
    """A role of the account that is allowed one action on one resource, and nothing else."""

    def __init__(self, cloud: Cloud, name: str, action: str, resource: str) -> None:
        self._cloud, self._iam, self.name = cloud, cloud.client("iam"), name
        role = self._iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(TRUST))["Role"]["Arn"]
        allowed = _document({"Effect": "Allow", "Action": action, "Resource": resource})
        self._iam.put_role_policy(RoleName=name, PolicyName="one-thing", PolicyDocument=allowed)
        got = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
        self.credentials = Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    def client(self, service: str) -> Any:
        """A boto3 client with the role's permissions."""
        keys = self.credentials
        session = boto3.Session(keys.access_key, keys.secret_key, keys.token, region_name=REGION)
        url = f"http://127.0.0.1:{self._cloud.server['port']}"
        client: Any = session.client(service, endpoint_url=url)  # type: ignore[call-overload] # any service
        return client

    def put_events(self, bus: str, details: Sequence[str], kind: str = "item") -> None:
        """Put events on a bus."""
        for some in (details[start : start + 10] for start in range(0, len(details), 10)):
            entries = [{"EventBusName": bus, "Source": "test", "DetailType": kind, "Detail": each} for each in some]
            answer = self.client("events").put_events(Entries=entries)
            assert not answer["FailedEntryCount"], answer

    def delete(self) -> None:
        """Delete the role and its policy."""
        self._iam.delete_role_policy(RoleName=self.name, PolicyName="one-thing")
        self._iam.delete_role(RoleName=self.name)


def received(sqs: Any, url: str) -> Iterator[dict[str, Any]]:
    """Receive and delete every visible message of a queue."""
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    while messages := sqs.receive_message(**asked).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
