"""The stack's configuration: read once, checked here, typed from here on."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Final, NoReturn

import pulumi

DISPOSABLE_STACK: Final = "local"
"""The stack that is made and thrown away on one machine: nothing in it is protected against deletion."""

_DAYS: Final = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
LOG_RETENTION_DAYS: Final = tuple(map(int, _DAYS.split(", ")))
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html."""

XGBOOST_REGISTRIES: Final = {
    "ap-northeast-1": "354813040037",
    "ap-south-1": "720646828776",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ca-central-1": "341280168497",
    "eu-central-1": "492215442770",
    "eu-north-1": "662702820516",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
"""AWS accounts that hold SageMaker's XGBoost image, from "Docker Registry Paths and Example Code" in its guide."""

XGBOOST_DIGEST: Final = "sha256:c764382b16cd0c921f1b2e66de8684fb999ccbd0c042c95679f0b69bc9cdd12c"
"""What SageMaker's DescribeEndpoint resolves the tag 1.5-1 of that image to."""

_IMAGE: Final = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}")
_ARTEFACT: Final = re.compile(r"s3://[a-z0-9.-]{3,63}/[\w!.'()=/-]+\.tar\.gz", re.ASCII)
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+")
_INSTANCE: Final = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")


class SettingsError(pulumi.RunError):
    """A wrong value: what it is, what is allowed, and a line to paste. Pulumi prints it without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may differ from stack to stack.

    owner: who answers for the stack, a tag on everything. deletion_protection: whether the results refuse to be
    deleted. worker_concurrency: batches at a time. log_retention_days: of all logs. model_image: ECR image by digest.
    model_artefact: `s3://` address of the model, None where the image holds it. model_instances: of
    model_instance_type. alarm_topic: ARN of the SNS topic that hears of alarms, None for nobody.
    """

    owner: str
    deletion_protection: bool
    worker_concurrency: int
    log_retention_days: int
    model_image: str
    model_artefact: str | None
    model_instance_type: str
    model_instances: int
    alarm_topic: str | None

    @staticmethod
    def read(config: pulumi.Config, *, stack: str, region: str) -> Settings:
        """Read and check everything. Raises SettingsError about the first wrong value."""
        values = _Values(config)
        found = Settings(
            owner=values.matching("owner", re.compile(r"[\w .:/=+@-]{1,256}"), "a tag's value", "platform", "platform"),
            deletion_protection=values.flag("deletionProtection", default=stack != DISPOSABLE_STACK),
            worker_concurrency=values.whole("workerConcurrency", range(2, 1001), "a whole number from 2 to 1000", 10),
            log_retention_days=values.whole("logRetentionDays", LOG_RETENTION_DAYS, f"one of {_DAYS}", 30),
            model_image=values.matching(
                "modelImage",
                _IMAGE,
                "an ECR image by digest: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST",
                _xgboost("eu-west-1"),
                _xgboost(region),
            ),
            model_artefact=values.maybe(
                "modelArtefact", _ARTEFACT, "an archive in S3: s3://BUCKET/KEY.tar.gz", "s3://models/v1/model.tar.gz"
            ),
            model_instance_type=values.matching(
                "modelInstanceType",
                _INSTANCE,
                "a SageMaker instance type: ml.FAMILY.SIZE",
                "ml.c5.large",
                "ml.c5.large",
            ),
            model_instances=values.whole("modelInstances", range(2, 101), "a whole number from 2 to 100", 2),
            alarm_topic=values.maybe(
                "alarmTopic", _TOPIC, "the ARN of an SNS topic", "arn:aws:sns:eu-west-1:123456789012:alarms"
            ),
        )
        values.refuse_others()
        return found


def _xgboost(region: str) -> str | None:
    account = XGBOOST_REGISTRIES.get(region)
    return account and f"{account}.dkr.ecr.{region}.amazonaws.com/sagemaker-xgboost@{XGBOOST_DIGEST}"


class _Values:
    """The configuration of this project, a kind of value a method."""

    def __init__(self, config: pulumi.Config) -> None:
        self._config = config
        self._known: list[str] = []

    def matching(
        self, key: str, pattern: re.Pattern[str], allowed: str, example: str | None, default: str | None
    ) -> str:
        """Text of a form; without a default it has to be there."""
        given = self._get(key, default)
        if given is None or not pattern.fullmatch(given):
            self._refuse(key, given, f"use {allowed}", str(example))
        return given

    def maybe(self, key: str, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        """Text of a form, or nothing."""
        return None if self._get(key, None) is None else self.matching(key, pattern, allowed, example, None)

    def whole(self, key: str, allowed: range | tuple[int, ...], says: str, default: int) -> int:
        """A whole number out of those allowed."""
        given = self._get(key, str(default))
        if given is None or not re.fullmatch(r"\d{1,9}", given, re.ASCII) or int(given) not in allowed:
            self._refuse(key, given, f"use {says}", str(default))
        return int(given)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        given = self._get(key, str(default).lower())
        if given not in ("true", "false"):
            self._refuse(key, given, "use true or false", str(default).lower())
        return given == "true"

    def refuse_others(self) -> None:
        """Refuse a key that nobody asked for: it is misspelt, and what it should have set has its default."""
        given = json.loads(os.environ.get("PULUMI_CONFIG") or "{}")  # where Pulumi hands all of it to the program
        for name in sorted(given):
            project, _, key = name.partition(":")
            if project == self._config.name and key not in self._known:
                raise SettingsError(
                    f"stack configuration {name} is not known\n"
                    f"       use one of: {', '.join(sorted(set(self._known)))}\n"
                    f"       pulumi config rm {name}"
                )

    def _get(self, key: str, default: str | None) -> str | None:
        self._known.append(key)
        return self._config.get(key, default)

    def _refuse(self, key: str, given: str | None, allowed: str, example: str) -> NoReturn:
        full = f"{self._config.name}:{key}"
        wrong = "is missing" if given is None else f'is "{given}"'
        raise SettingsError(
            f"stack configuration {full} {wrong}\n       {allowed}\n       pulumi config set {full} {example}"
        )
