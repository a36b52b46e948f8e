"""What goes wrong: `odd:what` says what."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

what = pulumi.Config().require("what")
if what == "type":
    aws.transcribe.Vocabulary("words", language_code="en-US", vocabulary_name="words", phrases=["one"])
elif what == "endpoint":
    elsewhere = aws.Provider(
        "elsewhere", region="eu-west-1", endpoints=[aws.ProviderEndpointArgs(sqs="https://sqs.eu-west-1.amazonaws.com")]
    )
    aws.sqs.Queue("work", opts=pulumi.ResourceOptions(provider=elsewhere))
elif what == "value":
    aws.sqs.Queue("work", delay_seconds=1000)
else:
    aws.cloudwatch.LogGroup("group", retention_in_days=7)
