"""IAM by itself, without AWS and without a stack: parsing policies, matching, evaluation, grants and escalation."""
