"""The stack's configuration: what is accepted, and what a wrong value is answered with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pytest
from images import XGBOOST_DIGEST, XGBOOST_REGISTRIES
from settings import LOG_RETENTION_DAYS, Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Configure = Callable[[Mapping[str, str]], None]

OWN_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model@sha256:" + "a" * 64


def read(configure: Configure, values: Mapping[str, str], stack: str = "dev", region: str = "eu-west-1") -> Settings:
    """Read a configuration as the program does."""
    configure(values)
    return Settings.read(pulumi.Config("test"), stack=stack, region=region)


def test_without_configuration_everything_has_a_safe_value(configure: Configure) -> None:
    """Credentials and a region are enough to deploy."""
    assert read(configure, {}) == Settings(
        owner="platform",
        endpoint_shape="instance",
        ingress="queue",
        vpc=False,
        availability_zones=None,
        deletion_protection=True,
        worker_concurrency=10,
        worker_reserved=True,
        result_days=365,
        log_retention_days=30,
        model_image=f"141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost@{XGBOOST_DIGEST}",
        model_artefact=None,
        model_instance_type="ml.c5.large",
        model_instances=2,
        model_instances_most=4,
        model_requests=1_000,
        serverless_memory_mb=2_048,
        serverless_concurrency=20,
        serverless_warm=0,
        alarm_email=None,
        dashboard=True,
        monthly_budget=500,
    )


def test_a_backlog_may_have_one_instance(configure: Configure) -> None:
    """It waits while that one is replaced."""
    assert read(configure, {"endpointShape": "async", "modelInstancesMost": "1"}).model_instances_most == 1


def test_everything_can_be_said(configure: Configure) -> None:
    """Each key reaches its setting."""
    values = {
        "owner": "Team A: a@example.com",
        "endpointShape": "async",
        "ingress": "http",
        "vpc": "true",
        "availabilityZones": "eu-west-1b,eu-west-1c",
        "deletionProtection": "false",
        "workerConcurrency": "1000",
        "workerReserved": "false",
        "resultDays": "0",
        "logRetentionDays": "3653",
        "modelImage": OWN_IMAGE,
        "modelArtefact": "s3://models/a/b/model.tar.gz",
        "modelInstanceType": "ml.inf2.xlarge",
        "modelInstances": "3",
        "modelInstancesMost": "30",
        "modelRequests": "50",
        "serverlessMemoryMb": "6144",
        "serverlessConcurrency": "200",
        "serverlessWarm": "200",
        "alarmEmail": "team@example.com",
        "dashboard": "false",
        "monthlyBudget": "1000000",
    }
    assert read(configure, values) == Settings(
        owner=values["owner"],
        endpoint_shape="async",
        ingress="http",
        vpc=True,
        availability_zones=("eu-west-1b", "eu-west-1c"),
        deletion_protection=False,
        worker_concurrency=1000,
        worker_reserved=False,
        result_days=0,
        log_retention_days=3653,
        model_image=OWN_IMAGE,
        model_artefact="s3://models/a/b/model.tar.gz",
        model_instance_type="ml.inf2.xlarge",
        model_instances=3,
        model_instances_most=30,
        model_requests=50,
        serverless_memory_mb=6_144,
        serverless_concurrency=200,
        serverless_warm=200,
        alarm_email="team@example.com",
        dashboard=False,
        monthly_budget=1_000_000,
    )


def test_the_model_comes_along_unless_another_is_named(configure: Configure) -> None:
    """By its artefact, or by an image that holds it."""
    assert read(configure, {}).brings_model
    assert not read(configure, {"modelImage": OWN_IMAGE}).brings_model
    assert not read(configure, {"modelArtefact": "s3://models/model.tar.gz"}).brings_model


def test_only_the_stack_that_is_thrown_away_lets_its_results_be_deleted(configure: Configure) -> None:
    """`local` is made and destroyed on one machine; it can still be told otherwise."""
    assert not read(configure, {}, stack="local").deletion_protection
    assert read(configure, {"deletionProtection": "true"}, stack="local").deletion_protection


@pytest.mark.parametrize(
    ("key", "value", "allowed", "paste"),
    [
        ("owner", "", "use a tag's value", "platform"),
        ("owner", "team\ta", "use a tag's value", "platform"),
        ("deletionProtection", "yes", "use true or false", "true"),
        ("workerConcurrency", "1", "use a whole number from 2 to 1000", "10"),  # AWS's least for a mapping is 2
        ("workerConcurrency", "1001", "use a whole number from 2 to 1000", "10"),
        ("workerConcurrency", "ten", "use a whole number from 2 to 1000", "10"),
        ("workerConcurrency", "²", "use a whole number from 2 to 1000", "10"),  # a digit to str.isdigit, not to int
        ("logRetentionDays", "31", f"use one of {', '.join(map(str, LOG_RETENTION_DAYS))}", "30"),
        (
            "modelImage",
            "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1",  # a tag can move
            "use an ECR image by digest: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST",
            f"141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost@{XGBOOST_DIGEST}",
        ),
        (
            "modelArtefact",
            "models/model.tar.gz",
            "use an archive in S3: s3://BUCKET/KEY.tar.gz",
            "s3://models/v1/model.tar.gz",
        ),
        (
            "modelArtefact",
            "s3://models/*.tar.gz",  # would widen the policy that grants it
            "use an archive in S3: s3://BUCKET/KEY.tar.gz",
            "s3://models/v1/model.tar.gz",
        ),
        ("modelInstanceType", "c5.large", "use a SageMaker instance type: ml.FAMILY.SIZE", "ml.c5.large"),
        ("modelInstances", "1", "use a whole number from 2 to 100", "2"),
        ("endpointShape", "instnace", "use one of: instance, serverless, async", "instance"),
        ("ingress", "public", "use one of: queue, events, http", "queue"),
        ("vpc", "1", "use true or false", "false"),
        *(
            ("availabilityZones", zones, "use two zones: eu-west-1a,eu-west-1b", "eu-west-1a,eu-west-1b")
            for zones in ("eu-west-1a", "eu-west-1a,eu-west-1a", "eu-west-1a,us-east-1b")  # one; one twice; elsewhere
        ),
        ("resultDays", "-1", "use a whole number from 0 to 3650", "365"),
        ("modelInstancesMost", "1", "use a whole number from 2 to 1000", "4"),  # fewer than at least
        ("modelRequests", "0", "use a whole number from 1 to 1000000", "1000"),
        ("serverlessMemoryMb", "2000", "use a whole number from 1024 to 6144 in steps of 1024", "2048"),
        ("serverlessConcurrency", "201", "use a whole number from 1 to 200", "20"),
        ("serverlessWarm", "21", "use a whole number from 0 to 20", "0"),  # more than there may be
        ("alarmEmail", "a@b", "use one e-mail address", "platform@example.com"),
        ("dashboard", "on", "use true or false", "true"),
        ("monthlyBudget", "12.5", "use a whole number from 0 to 1000000", "500"),
    ],
)
def test_a_wrong_value_is_answered_in_three_lines(
    configure: Configure, key: str, value: str, allowed: str, paste: str
) -> None:
    """What is wrong, what is allowed, and a line to paste."""
    with pytest.raises(SettingsError) as error:
        read(configure, {key: value})
    assert str(error.value).splitlines() == [
        f'stack configuration test:{key} is "{value}"',
        f"       {allowed}",
        f"       pulumi config set test:{key} {paste}",
    ]
    assert isinstance(error.value, pulumi.RunError)  # Pulumi prints these without a traceback
    read(configure, {key: paste})  # what it says to paste is accepted


def test_a_key_that_is_not_known_is_misspelt(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the value that was meant would stay at its default, and nobody would hear of it."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"test:owner": "a", "aws:region": "eu-west-1", "other:x": "1"}))
    read(configure, {"owner": "a"})
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"test:deletionProtecton": "false"}))
    with pytest.raises(SettingsError) as error:
        read(configure, {})
    assert str(error.value) == (
        "stack configuration test:deletionProtecton is not known\n"
        "       use one of: alarmEmail, availabilityZones, dashboard, deletionProtection, endpointShape, ingress, "
        "logRetentionDays, modelArtefact, modelImage, modelInstanceType, modelInstances, modelInstancesMost, "
        "modelRequests, monthlyBudget, owner, resultDays, serverlessConcurrency, serverlessMemoryMb, "
        "serverlessWarm, vpc, workerConcurrency, workerReserved\n"
        "       pulumi config rm test:deletionProtecton"
    )


def test_a_region_without_a_default_image_asks_for_one(configure: Configure) -> None:
    """AWS keeps its images in other accounts there."""
    with pytest.raises(SettingsError, match="stack configuration test:modelImage is missing"):
        read(configure, {}, region="mx-central-1")
    assert read(configure, {"modelImage": OWN_IMAGE}, region="mx-central-1").model_image == OWN_IMAGE


@pytest.mark.parametrize("region", XGBOOST_REGISTRIES)
def test_every_default_image_is_one_that_may_be_set(configure: Configure, region: str) -> None:
    """The table and the form agree."""
    assert f".{region}." in read(configure, {}, region=region).model_image
