"""The words that people know a rule by find it, among few others, on the real pack."""

from __future__ import annotations

import json

import pytest

from policypack.cli.main import main
from policypack.cli.search import MOST

TERMS: dict[str, set[str]] = {
    # checks of other tools: the very one, and not those whose numbers begin so
    "CKV_AWS_28": {"dynamodb-table-has-point-in-time-recovery"},
    "CKV_AWS_27": {"queue-is-encrypted-with-customer-managed-key"},
    # queues and functions
    "idempotency": {
        "queue-visibility-timeout-covers-function-timeout",
        "event-source-mapping-reports-batch-item-failures",
    },
    "batch size": {"event-source-mapping-reports-batch-item-failures"},
    "concurrency limit": {"event-source-mapping-sets-maximum-concurrency"},
    "DLQ": {"queue-has-dead-letter-queue", "function-role-can-send-to-destinations"},
    "dead-letter queue": {"queue-has-dead-letter-queue", "function-role-can-send-to-destinations"},
    "redrive": {"queue-has-dead-letter-queue"},
    "maxReceiveCount": {"queue-has-dead-letter-queue"},
    "visibility timeout": {"queue-visibility-timeout-covers-function-timeout"},
    "duplicate delivery": {"queue-visibility-timeout-covers-function-timeout"},
    "poison message": {"queue-has-dead-letter-queue", "event-source-mapping-reports-batch-item-failures"},
    "partial batch response": {"event-source-mapping-reports-batch-item-failures"},
    "ReportBatchItemFailures": {"event-source-mapping-reports-batch-item-failures"},
    "maximum concurrency": {"event-source-mapping-sets-maximum-concurrency"},
    "throttling": {"dynamodb-table-uses-on-demand-billing", "event-source-mapping-sets-maximum-concurrency"},
    "competing consumers": {"queue-has-one-consumer"},
    "fan-out": {"queue-has-one-consumer"},
    "event source mapping": {
        "event-source-mapping-sets-maximum-concurrency",
        "event-source-mapping-reports-batch-item-failures",
        "event-source-mapping-role-can-read-source",
        "event-source-mapping-role-can-decrypt-source",
    },
    "EOL": {"function-runtime-is-supported"},
    "deprecated runtime": {"function-runtime-is-supported"},
    # data
    "on-demand": {"dynamodb-table-uses-on-demand-billing"},
    "PAY_PER_REQUEST": {"dynamodb-table-uses-on-demand-billing"},
    "PITR": {"dynamodb-table-has-point-in-time-recovery"},
    "backup": {"dynamodb-table-has-point-in-time-recovery"},
    "CMK": {
        "dynamodb-table-is-encrypted-with-customer-managed-key",
        "queue-is-encrypted-with-customer-managed-key",
    },
    "encryption at rest": {
        "dynamodb-table-is-encrypted-with-customer-managed-key",
        "queue-is-encrypted-with-customer-managed-key",
    },
    "log retention": {"log-group-has-retention"},
    # SageMaker
    "network isolation": {"sagemaker-model-enables-network-isolation"},
    "high availability": {"sagemaker-endpoint-has-multiple-instances"},
    "shared role": {
        "sagemaker-role-is-not-shared",
        "role-is-not-shared-across-services",
        "role-is-not-shared-across-functions",
    },
    "model artifact": {"sagemaker-role-can-read-model-artifacts"},
    "ECR": {"sagemaker-role-can-pull-image"},
    "data capture": {"sagemaker-role-can-write-endpoint-output"},
    "rollback": {"sagemaker-role-can-describe-rollback-alarms"},
    # what roles may do
    "wildcard": {
        "role-has-no-wildcard-action",
        "role-has-no-wildcard-resource",
        "role-has-no-partial-wildcard-action",
        "role-has-no-resource-type-wildcard",
    },
    "star": {"role-has-no-wildcard-action", "role-has-no-wildcard-resource"},
    "admin": {"role-has-no-wildcard-action", "role-has-no-full-access-managed-policy"},
    "AdministratorAccess": {"role-has-no-full-access-managed-policy"},
    "AWS managed policy": {"role-has-no-full-access-managed-policy", "workload-role-has-no-aws-managed-policy"},
    "privilege escalation": {"role-cannot-escalate-privileges"},
    "overly permissive": {"role-has-no-wildcard-action", "role-has-no-wildcard-resource"},
    "privesc": {"role-cannot-escalate-privileges"},
    "PassRole": {
        "role-passes-roles-to-named-services",
        "role-passes-named-roles",
        "passed-role-trusts-receiving-service",
        "passed-role-has-no-broader-permissions",
    },
    "sts:AssumeRole": {"role-assumes-named-roles", "role-cannot-assume-more-privileged-role"},
    "role chaining": {"role-cannot-assume-more-privileged-role"},
    "service-linked role": {"role-creates-service-linked-roles-for-named-services"},
    "kms:Decrypt": {
        "role-decrypts-with-named-kms-keys",
        "role-can-use-kms-keys-of-its-resources",
        "event-source-mapping-role-can-decrypt-source",
    },
    "KMS grant": {"role-creates-kms-grants-for-aws-services-only"},
    "CloudTrail": {"workload-role-cannot-disable-audit-logging"},
    "credentials": {"role-does-not-expose-credentials"},
    "ABAC": {"role-restricts-tagging"},
    "CreateLogGroup": {"role-does-not-create-log-groups-of-the-stack"},
    "ForAllValues": {"role-policy-conditions-are-effective"},
    # who may assume a role, and use a resource
    "confused deputy": {"role-trust-policy-prevents-confused-deputy", "resource-policy-prevents-confused-deputy"},
    "aws:SourceArn": {
        "role-trust-policy-prevents-confused-deputy",
        "resource-policy-prevents-confused-deputy",
        "resource-policy-source-arn-is-not-wildcard",
        "sagemaker-role-source-arn-allows-inference",
    },
    "trust relationship": {"role-trust-policy-is-not-public", "role-trust-policy-allows-its-workloads"},
    "external ID": {"role-requires-external-id-for-third-parties"},
    "cross-account": {"role-requires-external-id-for-third-parties", "resource-policy-allows-only-known-accounts"},
    "OIDC": {"role-restricts-federated-identities"},
    "GitHub Actions": {"role-restricts-federated-identities"},
    "SAML": {"role-restricts-federated-identities"},
    "NotPrincipal": {"role-trust-policy-has-no-not-principal", "resource-policy-has-no-not-principal"},
    "public": {
        "resource-policy-is-not-public",
        "role-trust-policy-is-not-public",
        "function-permission-is-not-public",
    },
    "function URL": {"function-url-requires-authentication"},
    "key policy": {"kms-key-policy-grants-full-access-to-account-only"},
    "S3 event notification": {"resource-policy-allows-its-event-source"},
    "permissions boundary": {"role-has-required-permissions-boundary"},
    # what is missing, and what is unused
    "X-Ray": {"function-role-can-send-xray-traces", "role-grants-xray-only-with-tracing"},
    "ENI": {
        "function-role-can-create-network-interfaces",
        "sagemaker-role-can-create-network-interfaces",
        "role-grants-network-interfaces-only-in-vpc",
    },
    "AccessDenied": {"function-role-allows-actions-its-code-calls"},
    "boto3": {"function-role-allows-actions-its-code-calls", "role-grants-only-actions-its-code-calls"},
    "unused permissions": {"role-grants-only-resources-its-workload-uses", "role-grants-only-actions-its-code-calls"},
    "EventBridge Pipes": {"pipe-role-can-read-source", "eventbridge-role-can-invoke-target"},
    "MalformedPolicyDocument": {"role-policy-documents-are-valid"},
    "typo": {"role-policy-actions-and-keys-exist"},
    "duplicate statement": {"role-statements-are-not-duplicated", "role-grants-are-not-repeated-across-policies"},
    # the host itself
    "suppression": {"waivers-are-in-force"},
    "undecided": {"values-are-known"},
}


def test_there_are_terms_enough() -> None:
    """As the catalogue grows, so does the list of words that people use."""
    assert len(TERMS) >= 60


EXACT = {"CKV_AWS_28", "CKV_AWS_27"}


@pytest.mark.parametrize("term", TERMS)
def test_a_usual_term_finds_its_rules(term: str, capsys: pytest.CaptureFixture[str]) -> None:
    """All that are right for it, and at most a screen of them: a term that hits everything finds nothing."""
    assert main(["rules", term, "--all", "--format", "json"]) == 0
    found = [each["id"] for each in json.loads(capsys.readouterr().out)]
    assert TERMS[term] <= set(found[:MOST]), found
    assert len(found) <= MOST, len(found)
    assert term not in EXACT or set(found) == TERMS[term]
