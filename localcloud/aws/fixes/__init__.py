"""The changes to ministack and moto: one module per subject, each change with its reason.

`patching.check_versions` refuses to start with other versions than the ones the changes were written for.
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
from localcloud.aws.patching import replace


def apply() -> None:
    """Apply the changes to ministack; moto is changed when it is first imported."""
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
