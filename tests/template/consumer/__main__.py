"""A stack of another team: it reads the reference stack's exports, and lets its own sender use the queue."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
reference = pulumi.StackReference(config.require("reference"))
account = aws.get_caller_identity().account_id

sender = aws.iam.Role(
    "sender",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                }
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "send",
    role=sender.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": reference.require_output("queue_arn")},
                {
                    "Effect": "Allow",
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                    "Resource": reference.require_output("key_arn"),
                    "Condition": {"StringEquals": {"kms:ViaService": f"sqs.{aws.get_region().region}.amazonaws.com"}},
                },
            ],
        }
    ),
)

pulumi.export("sender_role_arn", sender.arn)
for name in config.require_object("names"):
    pulumi.export(name, reference.require_output(name))
