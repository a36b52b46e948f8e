"""A program with one fault, named by the configuration value `failing_program:fault`."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

fault = pulumi.Config().require("fault")
if fault == "type":
    aws.transcribe.Vocabulary("words", language_code="en-US", vocabulary_name="words", phrases=["one"])
elif fault == "endpoint":
    real_aws = aws.Provider(
        "real_aws", region="eu-west-1", endpoints=[aws.ProviderEndpointArgs(sqs="https://sqs.eu-west-1.amazonaws.com")]
    )
    aws.sqs.Queue("work", opts=pulumi.ResourceOptions(provider=real_aws))
elif fault == "value":
    aws.sqs.Queue("work", delay_seconds=1000)
else:
    aws.cloudwatch.LogGroup("group", retention_in_days=7)
