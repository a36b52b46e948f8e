"""IAM without AWS: documents, matching, action data, evaluation, grants, escalation and trust."""
