"""A stack of another project reads the reference stack's exports with a StackReference."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.checkout import REGION, ROOT
from tests.template.resource_lookup import found

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud, Copy

CONSUMER = Path(__file__).with_name("consumer")

ARNS = (
    *("queue_arn", "dead_letter_queue_arn", "function_arn", "function_alias_arn", "mapping_arn"),
    *("results_table_arn", "idempotency_table_arn", "model_arn", "endpoint_configuration_arn", "endpoint_arn"),
    *("worker_role_arn", "model_role_arn", "key_arn", "alarm_topic_arn", "worker_log_group_arn"),
    *("model_log_group_arn", "model_bucket_arn", "success_topic_arn", "error_topic_arn"),
    *("answers_queue_arn", "answers_dead_letter_queue_arn", "collector_function_arn", "collector_function_alias_arn"),
    *("collector_mapping_arn", "collector_role_arn", "collector_log_group_arn"),
    *("api_arn", "ingress_role_arn", "access_log_group_arn", "flow_log_group_arn", "flow_log_role_arn"),
)
URLS = ("queue_url", "dead_letter_queue_url", "answers_queue_url", "answers_dead_letter_queue_url", "api_url")
NAMES = (
    *("queue_name", "results_table", "idempotency_table", "function_name", "endpoint_name", "key_alias"),
    *("batch_bucket", "collector_function_name", "vpc_id"),
)


@dataclass(frozen=True)
class StackPair:
    """The exports of the reference stack, and the outputs of the stack that reads them."""

    exported: dict[str, str]
    consumed: dict[str, str]


@pytest.fixture(scope="module")
def stack_pair(cloud: Cloud, copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> StackPair:
    """Deploy both stacks under the policy pack.

    The reference stack has the settings with the most exports.
    """
    copy.up(endpointShape="async", ingress="http", vpc="true")
    exported = copy.outputs()
    folder = tmp_path_factory.mktemp("consumer")
    shutil.copy(CONSUMER / "__main__.py", folder)
    settings = (CONSUMER / "Pulumi.yaml").read_text().replace("../../../.venv", str(ROOT / ".venv"))
    (folder / "Pulumi.yaml").write_text(settings)
    config = {"reference": f"organization/{copy.project}/local", "names": [*ARNS, *URLS, *NAMES]}
    (folder / "Pulumi.dev.yaml").write_text(json.dumps({"config": config}))
    done = cloud.shell(
        f"cd {folder}\npulumi stack init dev\npulumi up --yes --skip-preview --policy-pack {ROOT}\n"
        "echo OUTPUTS; pulumi stack output --json"
    )
    assert done.returncode == 0, done.stdout
    assert f"allows sqs:SendMessage on {exported['queue_arn']}, which another stack creates" in done.stdout
    return StackPair(exported, json.loads(done.stdout.rpartition("OUTPUTS\n")[2]))


def test_the_other_stack_reads_all_exports(stack_pair: StackPair) -> None:
    """Every ARN, URL and name is equal."""
    wanted = {*ARNS, *URLS, *NAMES}
    assert {name: stack_pair.consumed[name] for name in wanted} == {name: stack_pair.exported[name] for name in wanted}


def test_every_exported_arn_is_checked(stack_pair: StackPair) -> None:
    """A new export has to be added to this test."""
    assert {name for name, value in stack_pair.exported.items() if value.startswith("arn:")} == set(ARNS)


@pytest.mark.parametrize("name", ARNS)
def test_every_arn_names_an_existing_resource(name: str, stack_pair: StackPair, cloud: Cloud) -> None:
    """Its service finds it."""
    assert found(cloud, stack_pair.consumed[name]) == stack_pair.consumed[name]


def test_names_agree_with_arns(stack_pair: StackPair) -> None:
    """The resource that is called by name is the one that is granted by ARN."""
    it = stack_pair.consumed
    for arn, name in (
        ("queue_arn", it["queue_name"]),
        ("queue_arn", it["queue_url"].rpartition("/")[2]),
        ("dead_letter_queue_arn", it["dead_letter_queue_url"].rpartition("/")[2]),
        ("results_table_arn", it["results_table"]),
        ("idempotency_table_arn", it["idempotency_table"]),
        ("function_arn", it["function_name"]),
        ("endpoint_arn", it["endpoint_name"]),
        ("collector_function_arn", it["collector_function_name"]),
        ("answers_queue_arn", it["answers_queue_url"].rpartition("/")[2]),
        ("answers_dead_letter_queue_arn", it["answers_dead_letter_queue_url"].rpartition("/")[2]),
    ):
        assert re.split("[:/]", it[arn])[-1] == name


def test_bucket_and_vpc_exist(stack_pair: StackPair, cloud: Cloud) -> None:
    """They are exported without an ARN."""
    assert cloud.client("s3").head_bucket(Bucket=stack_pair.consumed["batch_bucket"])
    (vpc,) = cloud.client("ec2").describe_vpcs(VpcIds=[stack_pair.consumed["vpc_id"]])["Vpcs"]
    assert vpc["State"] == "available"


def test_the_key_alias_refers_to_the_key(stack_pair: StackPair, cloud: Cloud) -> None:
    """Both are exported: key policies need the ARN, role policies may use the alias."""
    described = cloud.client("kms").describe_key(KeyId=stack_pair.consumed["key_alias"])["KeyMetadata"]
    assert described["Arn"] == stack_pair.consumed["key_arn"]


def test_the_authorized_sender_can_only_send(stack_pair: StackPair, cloud: Cloud) -> None:
    """With URL and permissions from the exports."""
    given = cloud.client("sts").assume_role(RoleArn=stack_pair.consumed["sender_role_arn"], RoleSessionName="test")
    keys = given["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)
    sqs: Any = session.client("sqs", endpoint_url=f"http://127.0.0.1:{cloud.server['port']}")
    body = json.dumps({"id": "from-the-other-stack", "features": [1, 0, 0, 1]})
    sent = sqs.send_message(QueueUrl=stack_pair.consumed["queue_url"], MessageBody=body)
    assert sent["MessageId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.receive_message(QueueUrl=stack_pair.consumed["queue_url"])
