"""The stack's configuration: valid values, and the errors for invalid ones."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from typing import TYPE_CHECKING

import botocore.session
import pulumi
import pytest
from settings import LOG_RETENTION_DAYS, SHAPE_SETTINGS, Settings, SettingsError
from xgboost_image import OTHER_REGIONS, XGBOOST_DIGEST, XGBOOST_REGISTRIES, image_format, xgboost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Configure = Callable[[Mapping[str, str]], None]

TAG = "use 1 to 256 letters, digits, spaces and _ . : / = + @ -"
IMAGE = "use an ECR image by digest: ACCOUNT.dkr.ecr.eu-west-1.amazonaws.com/REPOSITORY@sha256:DIGEST"
ARCHIVE = "use an archive in S3: s3://BUCKET/KEY.tar.gz"
REPOSITORY = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost"
OWN_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model@sha256:" + "a" * 64


def read(configure: Configure, values: Mapping[str, str], stack: str = "dev", region: str = "eu-west-1") -> Settings:
    """Read a configuration as the program does."""
    configure(values)
    return Settings.read(pulumi.Config("test"), stack=stack, region=region)


def field(key: str) -> str:
    """The field of Settings for a key."""
    return re.sub("(?=[A-Z])", "_", key).lower()


def test_defaults(configure: Configure) -> None:
    """Credentials and a region suffice to deploy."""
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
        model_image=f"{REPOSITORY}@{XGBOOST_DIGEST}",
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


def test_an_asynchronous_endpoint_may_have_one_instance(configure: Configure, warnings: list[str]) -> None:
    """The backlog waits while it is replaced. Without a maximum, modelInstances determines it."""
    assert read(configure, {"endpointShape": "async", "modelInstancesMost": "1"}).model_instances_most == 1
    assert read(configure, {"endpointShape": "async", "modelInstances": "3"}).model_instances_most == 6
    assert warnings == []
    with pytest.raises(SettingsError, match="use a whole number from 1 to 1000\n"):
        read(configure, {"endpointShape": "async", "modelInstancesMost": "0"})


def test_every_setting_can_be_set(configure: Configure) -> None:
    """Each key reaches its field."""
    said: dict[str, tuple[str, object]] = {
        "owner": ("Team A: a@example.com", "Team A: a@example.com"),
        "endpointShape": ("async", "async"),
        "ingress": ("http", "http"),
        "vpc": ("true", True),
        "availabilityZones": ("eu-west-1b,eu-west-1c", ("eu-west-1b", "eu-west-1c")),
        "deletionProtection": ("false", False),
        "workerConcurrency": ("1000", 1_000),
        "workerReserved": ("false", False),
        "resultDays": ("0", 0),
        "logRetentionDays": ("3653", 3_653),
        "modelImage": (OWN_IMAGE, OWN_IMAGE),
        "modelArtefact": ("s3://models/a/b/model.tar.gz", "s3://models/a/b/model.tar.gz"),
        "modelInstanceType": ("ml.inf2.xlarge", "ml.inf2.xlarge"),
        "modelInstances": ("3", 3),
        "modelInstancesMost": ("30", 30),
        "modelRequests": ("50", 50),
        "serverlessMemoryMb": ("6144", 6_144),
        "serverlessConcurrency": ("200", 200),
        "serverlessWarm": ("200", 200),
        "alarmEmail": ("team@example.com", "team@example.com"),
        "dashboard": ("false", False),
        "monthlyBudget": ("1000000", 1_000_000),
    }
    found = read(configure, {key: text for key, (text, _) in said.items()})
    assert dataclasses.asdict(found) == {field(key): value for key, (_, value) in said.items()}


def test_the_default_model_is_used_unless_another_is_configured(configure: Configure) -> None:
    """By its artefact, or by an image that contains it."""
    assert read(configure, {}).uses_default_model
    assert not read(configure, {"modelImage": OWN_IMAGE}).uses_default_model
    assert not read(configure, {"modelArtefact": "s3://models/model.tar.gz"}).uses_default_model


def test_only_the_local_stack_has_no_deletion_protection(configure: Configure) -> None:
    """It can still be configured otherwise."""
    assert not read(configure, {}, stack="local").deletion_protection
    assert read(configure, {"deletionProtection": "true"}, stack="local").deletion_protection


@pytest.mark.parametrize(
    ("key", "value", "allowed", "paste"),
    [
        ("owner", "", TAG, "platform"),
        ("owner", "team\ta", TAG, "platform"),
        ("owner", "a" * 257, TAG, "platform"),
        ("deletionProtection", "yes", "use true or false", "true"),
        ("workerConcurrency", "1", "use a whole number from 2 to 1000", "10"),  # AWS's least for a mapping is 2
        ("workerConcurrency", "1001", "use a whole number from 2 to 1000", "10"),
        ("workerConcurrency", "ten", "use a whole number from 2 to 1000", "10"),
        ("workerConcurrency", "²", "use a whole number from 2 to 1000", "10"),  # a digit to str.isdigit, not to int
        ("logRetentionDays", "31", f"use one of {', '.join(map(str, LOG_RETENTION_DAYS))}", "30"),
        ("modelImage", f"{REPOSITORY}:1.7-1", IMAGE, f"{REPOSITORY}@{XGBOOST_DIGEST}"),  # a tag can move
        ("modelArtefact", "models/model.tar.gz", ARCHIVE, "s3://models/v1/model.tar.gz"),
        ("modelArtefact", "s3://models/*.tar.gz", ARCHIVE, "s3://models/v1/model.tar.gz"),  # would widen a policy
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
        ("modelInstancesMost", "1", "use a whole number from 2 to 1000 (modelInstances is 2)", "4"),
        ("modelRequests", "0", "use a whole number from 1 to 1000000", "1000"),
        ("serverlessMemoryMb", "2000", "use a whole number from 1024 to 6144 in steps of 1024", "2048"),
        ("serverlessConcurrency", "201", "use a whole number from 1 to 200", "20"),
        ("serverlessWarm", "21", "use a whole number from 0 to 20 (serverlessConcurrency is 20)", "0"),
        ("alarmEmail", "a@b", "use one e-mail address", "platform@example.com"),
        ("dashboard", "on", "use true or false", "true"),
        ("monthlyBudget", "12.5", "use a whole number from 0 to 1000000", "500"),
    ],
)
def test_an_invalid_value_is_an_error(configure: Configure, key: str, value: str, allowed: str, paste: str) -> None:
    """The value, the allowed values, and a command to paste."""
    with pytest.raises(SettingsError) as error:
        read(configure, {key: value})
    assert str(error.value).splitlines() == [
        f'stack configuration test:{key} is "{value}"',
        f"       {allowed}",
        f"       pulumi config set test:{key} {paste}",
    ]
    assert isinstance(error.value, pulumi.RunError)  # Pulumi prints these without a traceback
    read(configure, {key: paste})  # what it says to paste is accepted


@pytest.mark.parametrize(("key", "choice"), [("ingres", "nearest: ingress; all"), ("x", "use one of")])
def test_an_unknown_key_is_an_error(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, key: str, choice: str
) -> None:
    """Otherwise the intended setting would silently keep its default."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"test:owner": "a", "aws:region": "eu-west-1", "other:x": "1"}))
    read(configure, {"owner": "a"})
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({f"test:{key}": "false"}))
    with pytest.raises(SettingsError) as error:
        read(configure, {})
    what, allowed, paste = str(error.value).splitlines()
    said, _, keys = allowed.rpartition(": ")
    assert (what, said) == (f"stack configuration test:{key} is not known", f"       {choice}")
    assert [field(each) for each in keys.split(", ")] == sorted(each.name for each in dataclasses.fields(Settings))
    assert paste == f"       pulumi config rm test:{key}"


@pytest.mark.parametrize(("region", "near"), [("eu-west-9", "eu-west-1"), ("mx-central-1", None), ("nowhere", None)])
def test_a_region_without_a_default_image_asks_for_one(configure: Configure, region: str, near: str | None) -> None:
    """AWS's other regions are not treated as misspelt, although some names are similar."""
    with pytest.raises(SettingsError) as error:
        read(configure, {"availabilityZones": "eu-west-1a,eu-west-1b"}, region=region)
    regions = f"nearest: {near}" if near else f"one of: {', '.join(XGBOOST_REGISTRIES)}"
    choice = [f"another aws:region ({regions})", f"an image in {region} as modelImage"]
    assert str(error.value).splitlines() == [
        f'no image is known for region "{region}", and stack configuration test:modelImage is missing',
        f"       use {', or '.join(choice if near else reversed(choice))}",
        f"       pulumi config set {f'aws:region {near}' if near else f'test:modelImage {image_format(region)}'}",
    ]
    assert read(configure, {"modelImage": OWN_IMAGE}, region=region).model_image == OWN_IMAGE


def test_the_error_for_an_invalid_image_shows_one_of_the_region(configure: Configure) -> None:
    """Or the format of an image URI."""
    china = "ACCOUNT.dkr.ecr.cn-north-1.amazonaws.com.cn/REPOSITORY@sha256:DIGEST"
    for region, paste in (("us-east-2", xgboost("us-east-2")), ("cn-north-1", china)):
        with pytest.raises(SettingsError, match=f"{region}.*\n *pulumi config set test:modelImage {paste}$"):
            read(configure, {"modelImage": "model"}, region=region)


def test_no_aws_region_is_treated_as_misspelt() -> None:
    """All regions that botocore knows, except partitions with another URI format."""
    regions = botocore.session.get_session().get_available_regions
    known = {region for partition in ("aws", "aws-cn", "aws-us-gov") for region in regions("sagemaker", partition)}
    assert known <= {*XGBOOST_REGISTRIES, *OTHER_REGIONS}


@pytest.mark.parametrize(
    ("shape", "unused"),
    [
        ("instance", ["serverlessMemoryMb", "serverlessConcurrency", "serverlessWarm"]),
        ("serverless", ["modelInstanceType", "modelInstances", "modelInstancesMost", "modelRequests"]),
        ("async", ["modelInstances", "modelRequests", "serverlessMemoryMb", "serverlessConcurrency", "serverlessWarm"]),
    ],
)
def test_settings_without_effect_cause_warnings(
    configure: Configure, warnings: list[str], shape: str, unused: list[str]
) -> None:
    """Once each, without an error; defaults cause none."""
    read(configure, {"endpointShape": shape})
    assert warnings == []
    values = {**dict.fromkeys(SHAPE_SETTINGS, "3"), "modelInstanceType": "ml.m5.large", "serverlessMemoryMb": "1024"}
    read(configure, {"endpointShape": shape, **values})
    says = "stack configuration test:{} has no effect with endpointShape {}"
    assert warnings == [says.format(key, shape) for key in unused]


def test_the_documented_shapes_of_a_setting_are_those_that_use_it() -> None:
    """The docstring, from which the documentation is generated, agrees with the code."""
    said = re.findall(r"^(\w+): .*of shapes? `(\w+)`(?: and `(\w+)`)?", inspect.getdoc(Settings) or "", re.MULTILINE)
    assert [(key, *filter(None, shapes)) for key, *shapes in said] == [
        (field(it), *SHAPE_SETTINGS[it]) for it in SHAPE_SETTINGS
    ]


@pytest.mark.parametrize("region", XGBOOST_REGISTRIES)
def test_every_default_image_is_a_valid_setting(configure: Configure, region: str) -> None:
    """The table of images and the pattern agree."""
    assert f".{region}." in read(configure, {}, region=region).model_image
