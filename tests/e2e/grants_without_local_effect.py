"""Grants that real AWS needs and the local AWS does not use, each with AWS's page that documents it."""

from __future__ import annotations

from typing import Final

TRACES: Final = {
    "xray:PutTraceSegments *": "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
    "xray:PutTelemetryRecords *": "https://docs.aws.amazon.com/xray/latest/api/API_PutTelemetryRecords.html",
}
"""Lambda sends a function's X-Ray traces. A trace that is not sent makes nothing fail."""

_DEVELOPER: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_MODEL: Final = f"{_DEVELOPER}/sagemaker-roles.html#sagemaker-roles-createmodel-perms"
_ROLLBACK: Final = f"{_DEVELOPER}/deployment-guardrails-configuration.html"
_CAPTURE: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html"

CAPTURE: Final = {"s3:PutObject captured/*": _CAPTURE, "kms:GenerateDataKey via s3": _CAPTURE}
"""SageMaker data capture stores requests and responses."""

_LATER: Final = f"{_DEVELOPER}/async-inference-create-endpoint-prerequisites.html"
MULTIPART_UPLOAD: Final = {"s3:AbortMultipartUpload output/*": _LATER, "s3:AbortMultipartUpload failures/*": _LATER}
"""SageMaker uploads a large response as a multipart upload, and aborts one that it cannot finish."""


def hosting_grants(shape: str) -> dict[str, str]:
    """SageMaker pulls the image, writes logs and metrics, and reads alarms; the local AWS runs no container."""
    log = f"log-group:/aws/sagemaker/Endpoints/decoupled-ai-local-{shape}-c5-large:*"
    return {
        "ecr:BatchCheckLayerAvailability repository/sagemaker-xgboost": _MODEL,
        "ecr:BatchGetImage repository/sagemaker-xgboost": _MODEL,
        "ecr:GetDownloadUrlForLayer repository/sagemaker-xgboost": _MODEL,
        "ecr:GetAuthorizationToken *": _MODEL,
        f"logs:CreateLogStream {log}": _MODEL,
        f"logs:DescribeLogStreams {log}": _MODEL,
        f"logs:PutLogEvents {log}": _MODEL,
        "cloudwatch:PutMetricData *": _MODEL,
        "cloudwatch:DescribeAlarms alarm:model-fails": _ROLLBACK,
        "cloudwatch:DescribeAlarms alarm:model-slow": _ROLLBACK,
    }
