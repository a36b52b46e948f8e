"""What we change in ministack and moto: one module a subject, each change with its reason.

`pins.check` refuses to start on any other version than the one they were read in.
"""

from __future__ import annotations

from ministack import app

from localcloud.aws.fixes import (
    apigateway_fixes,
    dynamodb_fixes,
    events_fixes,
    iam_fixes,
    kms_fixes,
    lambda_fixes,
    logs_fixes,
    s3_fixes,
    sns_fixes,
    sqs_fixes,
)
from localcloud.aws.pins import replace


def apply() -> None:
    """Change ministack; moto is changed when it is first loaded."""
    replace(app, "BANNER", "ministack answers on port {port}")  # twenty lines in the log otherwise
    apigateway_fixes.apply()
    dynamodb_fixes.apply()
    events_fixes.apply()
    iam_fixes.apply()
    kms_fixes.apply()
    lambda_fixes.apply()
    logs_fixes.apply()
    s3_fixes.apply()
    sns_fixes.apply()
    sqs_fixes.apply()
