"""Endpoint configurations and production variants that the examples of SageMaker AI rules vary."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

Variant = aws.sagemaker.EndpointConfigurationProductionVariantArgs
ONE = Variant(model_name="model", instance_type="ml.m5.large", initial_instance_count=1)
TWO = Variant(model_name="model", instance_type="ml.m5.large", initial_instance_count=2)
SERVERLESS = Variant(
    model_name="model",
    serverless_config=aws.sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
        max_concurrency=5, memory_size_in_mb=2048
    ),
)


def configuration(variants: Any, **settings: Any) -> aws.sagemaker.EndpointConfiguration:
    """Give the configuration of an endpoint."""
    return aws.sagemaker.EndpointConfiguration("config", production_variants=variants, **settings)
