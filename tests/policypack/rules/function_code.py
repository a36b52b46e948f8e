"""Functions with Python code and a role, that the examples of rules about code vary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from localcloud.checkout import ROOT
from tests.policypack.rules.workloads import LOGS, POLL, allow, arn, feed, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    Builder = Callable[[], object]

RESULTS, JOBS, NEWS = arn("dynamodb", "table/results"), arn("sqs", "jobs"), arn("sns", "news")
PUT, PUBLISH = allow("dynamodb:PutItem", RESULTS), allow("sns:Publish", NEWS)
PUTS = "import boto3\ntable = boto3.client('dynamodb')\ndef handle(event, context):\n    table.put_item()\n"
DYNAMIC = f"{PUTS}    getattr(table, event['verb'])()\n"
FOLDER = ROOT / "lambda_src" / "worker"
WORKER_STATEMENTS = (
    allow([*POLL, "sqs:ChangeMessageVisibility"], JOBS),
    allow("sagemaker:InvokeEndpoint", arn("sagemaker", "endpoint/model")),
    PUT,
    allow(LOGS, f"{arn('logs', 'log-group:x')}:*"),
    allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    allow("kms:Decrypt", arn("kms", "key/x")),
)
"""What the code of the reference stack's worker needs."""


def archive(source: str) -> pulumi.AssetArchive:
    """Give an archive of one module."""
    return pulumi.AssetArchive({"handler.py": pulumi.StringAsset(source)})


def code(source: str, *statements: Any, **settings: Any) -> Builder:
    """Build a function of this code, whose role has these statements."""
    return lambda: worker(*statements, **{"code": archive(source), **settings})


def folder(*statements: Any) -> Builder:
    """Build the reference stack's worker, which a queue feeds."""
    return lambda: feed(JOBS, worker(*statements, code=pulumi.FileArchive(str(FOLDER)), handler="predict.handle"))
