"""What real SageMaker does that no local one shows: what it refuses, and what it takes back."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from components.alarms import Alerting
from components.async_endpoint import AsyncEndpoint, AsyncEndpointArgs
from components.instance_endpoint import InstanceEndpoint, InstanceEndpointArgs

from policypack import testing
from policypack.testing import program
from tests.reference_stack.parts import TAGS, only
from tests.reference_stack.test_endpoints import ENDPOINT, MODEL, TARGET, hosting, instance, serverless, variant


def test_a_version_that_was_taken_back_fails_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else Pulumi would delete the model and the configuration that the endpoint went back to."""
    register = testing._Monitor.RegisterResource

    def go_back(monitor: testing._Monitor, request: Any) -> Any:
        answer = register(monitor, request)
        if request.type == ENDPOINT:
            answer.object.update({"endpointConfigName": "the-one-before"})
        return answer

    monkeypatch.setattr(testing._Monitor, "RegisterResource", go_back)
    with pytest.raises(pulumi.RunError, match="endpoint forecast went back to the-one-before: the new version failed"):
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
def test_storage_that_the_hardware_encrypts_gets_no_key(instance_type: str, keyed: bool) -> None:
    """SageMaker refuses one; results and requests that leave the instance are under the key all the same."""
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


def test_a_serverless_endpoint_is_bounded_and_as_sagemaker_takes_it() -> None:
    """No isolation, no capture, no canary, no network: SageMaker refuses all of these."""
    stack = serverless()
    found = variant(stack)
    assert found.get("productionVariants[0].serverlessConfig") == {"maxConcurrency": 9, "memorySizeInMb": 2_048}
    assert not any(found.has(path) for path in ("dataCaptureConfig", "asyncInferenceConfig"))
    assert not any(only(stack, MODEL).has(path) for path in ("enableNetworkIsolation", "vpcConfig"))
    assert not only(stack, ENDPOINT).has("deploymentConfig")
    assert not stack.of_type(TARGET)


def test_half_an_endpoint_is_refused() -> None:
    """One instance is none when it fails, and an alarm that tells nobody is none."""
    with pytest.raises(ValueError, match="give at least 2"):
        InstanceEndpointArgs(hosting=hosting(), bucket_name="captured", least=1)
    with pytest.raises(ValueError, match="at least one topic"):
        Alerting(topics=[], tags=TAGS)
