"""Behaviour of SageMaker that no local AWS reproduces: rejected settings, and rollbacks."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from components.alarms import Alerting
from components.async_endpoint import AsyncEndpoint, AsyncEndpointArgs
from components.instance_endpoint import InstanceEndpoint, InstanceEndpointArgs

from policypack import testing
from policypack.testing import program
from tests.reference_stack.component_fixtures import TAGS, only
from tests.reference_stack.test_endpoints import ENDPOINT, MODEL, TARGET, hosting, instance, serverless, variant


def test_a_rollback_fails_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise Pulumi would delete the model and the configuration that are in use again."""
    register = testing._Monitor.RegisterResource

    def go_back(monitor: testing._Monitor, request: Any) -> Any:
        answer = register(monitor, request)
        if request.type == ENDPOINT:
            answer.object.update({"endpointConfigName": "the-one-before"})
        return answer

    monkeypatch.setattr(testing._Monitor, "RegisterResource", go_back)
    with pytest.raises(pulumi.RunError, match="forecast was rolled back to the-one-before: the new version failed"):
        instance()


@pytest.mark.parametrize(
    ("instance_type", "keyed"),
    [
        *((f"ml.{name}", True) for name in ("c5.large", "m5.xlarge", "t2.medium", "m7i-flex.large", "inf2.xlarge")),
        *((f"ml.{name}", True) for name in ("p3.2xlarge", "r6g.large", "c6in.large")),
        *((f"ml.{name}", False) for name in ("c5d.large", "m5dn.large", "r6gd.large", "m6id.large", "p3dn.24xlarge")),
        *((f"ml.{name}", False) for name in ("g4dn.xlarge", "g5.xlarge", "g6e.xlarge", "gr6.4xlarge", "p4de.24xlarge")),
        *((f"ml.{name}", False) for name in ("p5.48xlarge", "p6-b200.48xlarge", "trn1.2xlarge")),
    ],
)
def test_instance_store_volumes_get_no_key(instance_type: str, keyed: bool) -> None:
    """SageMaker rejects one; results and captured requests are still encrypted with the key."""
    on_instances = InstanceEndpointArgs(hosting=hosting(), bucket_name="captured", instance_type=instance_type)
    answers_later = AsyncEndpointArgs(hosting=hosting(), bucket_name="batches", instance_type=instance_type)
    for stack in (
        program(lambda: InstanceEndpoint("it", on_instances)),
        program(lambda: AsyncEndpoint("it", answers_later)),
    ):
        found = variant(stack)
        assert found.get("productionVariants[0].instanceType") == instance_type
        assert found.has("kmsKeyArn") is keyed
        assert found.has("dataCaptureConfig.kmsKeyId") or found.has("asyncInferenceConfig.outputConfig.kmsKeyId")


def test_a_serverless_endpoint_has_only_supported_settings() -> None:
    """SageMaker rejects isolation, data capture, canary deployments and a VPC here."""
    stack = serverless()
    found = variant(stack)
    assert found.get("productionVariants[0].serverlessConfig") == {"maxConcurrency": 9, "memorySizeInMb": 2_048}
    assert not any(found.has(path) for path in ("dataCaptureConfig", "asyncInferenceConfig"))
    assert not any(only(stack, MODEL).has(path) for path in ("enableNetworkIsolation", "vpcConfig"))
    assert not only(stack, ENDPOINT).has("deploymentConfig")
    assert not stack.of_type(TARGET)


def test_a_single_instance_and_alarms_without_a_topic_are_rejected() -> None:
    """Both raise ValueError."""
    with pytest.raises(ValueError, match="give at least 2"):
        InstanceEndpointArgs(hosting=hosting(), bucket_name="captured", min_instances=1)
    with pytest.raises(ValueError, match="at least one topic"):
        Alerting(topics=[], tags=TAGS)
