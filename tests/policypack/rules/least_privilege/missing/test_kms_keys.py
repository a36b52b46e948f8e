"""Roles that can use the customer managed keys of the data that they work with, or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from policypack.rules.least_privilege.missing.kms_keys import (
    event_source_mapping_role_can_decrypt_source,
    role_can_use_kms_keys_of_its_resources,
)
from policypack.testing import ACCOUNT, FAIL, PASS, UNDECIDED, UNKNOWN, judge, judgements, program
from tests.policypack.rules.examples import examples
from tests.policypack.rules.policies import document
from tests.policypack.rules.programs import role, table
from tests.policypack.rules.workloads import AWS_POLICY, POLL, allow, arn, environment, feed, worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.judge.evaluation import Verdict

    Builder = Callable[[], object]

WORK, RESULTS, KEYS = arn("sqs", "work"), arn("dynamodb", "table/results"), arn("kms", "key/*")
READ = allow(POLL, WORK)
ROLE = "worker-role-1a2b3c4"
DECRYPT = allow("kms:Decrypt", KEYS, Condition={"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}})
SQS = "SQS guide, 'Configuring KMS permissions'"


def key(policy: Any = None) -> aws.kms.Key:
    """Give a customer managed key, by default with the default key policy."""
    return aws.kms.Key("key", policy=json.dumps(policy) if policy else None)


def named(name: str, action: str = "kms:*") -> dict[str, Any]:
    """Give a key policy for one principal of the account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:{name}"}, "Action": action}
    return document({**statement, "Resource": "*"})


def encrypted(*statements: Any, policy: Any = None, managed: Any = None) -> Builder:
    """Build a queue with a customer managed key that is the event source of a function."""

    def build() -> None:
        queue = aws.sqs.Queue("work", name="work", kms_master_key_id=key(policy).arn)
        feed(queue.arn, worker(*statements, managed=managed))

    return build


def by_alias(*statements: Any) -> Builder:
    """Build one that names its key by its alias."""

    def build() -> None:
        alias = aws.kms.Alias("alias", name="alias/app", target_key_id=key().key_id)
        feed(aws.sqs.Queue("work", name="work", kms_master_key_id=alias.name).arn, worker(*statements))

    return build


def of_aws(*statements: Any) -> Builder:
    """Build one with the AWS managed key."""
    return lambda: feed(aws.sqs.Queue("work", name="work", kms_master_key_id="alias/aws/sqs").arn, worker(*statements))


def granted() -> None:
    """Build a key with a KMS grant for the function's role."""
    used = key()
    queue = aws.sqs.Queue("work", name="work", kms_master_key_id=used.arn)
    consumer = worker(READ)
    aws.kms.Grant("grant", key_id=used.key_id, grantee_principal=consumer.role, operations=["Decrypt"])
    feed(queue.arn, consumer)


@examples(
    event_source_mapping_role_can_decrypt_source,
    "source, build",
    [
        (SQS, encrypted(READ, DECRYPT), PASS),
        (SQS, by_alias(READ, DECRYPT), PASS),
        (SQS, of_aws(READ), PASS),
        (SQS, encrypted(READ), FAIL),
        (SQS, by_alias(READ), FAIL),
        (SQS, encrypted(managed=[f"{AWS_POLICY}service-role/AWSLambdaSQSQueueExecutionRole"]), FAIL),
        (SQS, encrypted(READ, allow("kms:Encrypt", KEYS)), FAIL),
        ("KMS guide, 'Default key policy': the account leaves it to IAM", encrypted(READ, policy=named("root")), FAIL),
        ("KMS guide, 'Key policies': it may be enough", encrypted(READ, policy=named(f"role/{ROLE}")), PASS),
        ("KMS guide, 'Key policies': for another", encrypted(READ, policy=named("role/other")), FAIL),
        ("KMS guide, 'Grants in AWS KMS'", granted, PASS),
        ("unknowns", encrypted(READ, allow("kms:Decrypt", UNKNOWN)), UNDECIDED),
    ],
)
def test_event_source_mapping_role_can_decrypt_source(source: str, build: Builder, verdict: Verdict) -> None:
    """Lambda can decrypt the messages of an encrypted queue."""
    assert judge(event_source_mapping_role_can_decrypt_source, program(build)) == verdict, source


def writing(*statements: Any, wired: bool = True, own: bool = True) -> Builder:
    """Build a function that writes to a table with a customer managed key."""

    def build() -> None:
        encryption = aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=key().arn if own else None)
        results = table("results", name="results", server_side_encryption=encryption)
        worker(*statements, environment=environment(TABLE=results.name) if wired else None)

    return build


def sending(*statements: Any) -> Builder:
    """Build a function that sends to a queue with a customer managed key."""

    def build() -> None:
        queue = aws.sqs.Queue("work", name="work", kms_master_key_id=key().arn)
        worker(*statements, environment=environment(QUEUE=queue.url))

    return build


def reading(*statements: Any) -> Builder:
    """Build a function that reads from a bucket with a customer managed key."""

    def build() -> None:
        bucket = aws.s3.Bucket("data", bucket="data")
        default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key().arn
        )
        rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=default)
        aws.s3.BucketServerSideEncryptionConfiguration("encryption", bucket=bucket.bucket, rules=[rule])
        worker(*statements, environment=environment(BUCKET=bucket.bucket))

    return build


TABLES = "DynamoDB guide, 'Encryption at rest': a customer managed key needs kms:Decrypt"
SENDERS = "SQS guide, 'Configuring KMS permissions': producers need kms:GenerateDataKey and kms:Decrypt"
PUT = allow("dynamodb:PutItem", RESULTS)
SEND = allow("sqs:SendMessage", WORK)
GET = allow("s3:GetObject", "arn:aws:s3:::data/*")


@examples(
    role_can_use_kms_keys_of_its_resources,
    "source, build",
    [
        (TABLES, writing(PUT, DECRYPT), PASS),
        (TABLES, writing(allow("dynamodb:*", "*"), DECRYPT, wired=False), PASS),
        (TABLES, writing(PUT, own=False), PASS),
        (TABLES, writing(allow("dynamodb:DescribeTable", RESULTS)), PASS),  # reads no data
        (TABLES, writing(PUT), FAIL),
        (TABLES, writing(PUT, wired=False), FAIL),  # the policy names the table
        (TABLES, writing(allow("dynamodb:*", "*")), FAIL),
        (SENDERS, sending(SEND, allow(["kms:GenerateDataKey*", "kms:Decrypt"], KEYS)), PASS),
        (SENDERS, sending(SEND, DECRYPT), FAIL),
        (SENDERS, sending(SEND, allow("kms:GenerateDataKey", KEYS)), FAIL),
        ("S3 guide, 'Using server-side encryption with AWS KMS keys'", reading(GET, DECRYPT), PASS),
        ("S3 guide, as above", reading(GET), FAIL),
        ("unknowns", writing(PUT, allow("kms:Decrypt", UNKNOWN)), UNDECIDED),
        ("no workload uses the role", lambda: (role("held"), key()), PASS),
    ],
)
def test_role_can_use_kms_keys_of_its_resources(source: str, build: Builder, verdict: Verdict) -> None:
    """A role that can use the data can use its key."""
    assert judge(role_can_use_kms_keys_of_its_resources, program(build)) == verdict, source


def test_messages_name_the_data_and_the_key() -> None:
    """The subjects are the role and the event source mapping."""
    (finding,) = judgements(role_can_use_kms_keys_of_its_resources, program(writing(PUT)))["worker-role"].findings
    assert finding.message == "uses results, but lacks kms:Decrypt on its KMS key key"
    (mapping,) = judgements(event_source_mapping_role_can_decrypt_source, program(encrypted(READ)))["mapping"].findings
    assert mapping.message == "reads work (encrypted with KMS key key) with role worker-role, which lacks kms:Decrypt"
