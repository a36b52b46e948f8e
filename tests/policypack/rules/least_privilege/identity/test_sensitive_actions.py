"""KMS keys, credentials, permissions management and tagging, and actions that workloads do not need."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from policypack.iam import sensitive_actions as sensitive
from policypack.iam.actions import find_action
from policypack.rules.least_privilege.identity.kms_keys import (
    role_creates_kms_grants_for_aws_services_only,
    role_decrypts_with_named_kms_keys,
)
from policypack.rules.least_privilege.identity.sensitive_actions import (
    role_does_not_expose_credentials,
    role_restricts_permissions_management,
    role_restricts_tagging,
)
from policypack.rules.least_privilege.identity.workload_roles import (
    WorkloadOptions,
    workload_role_cannot_delete_infrastructure,
    workload_role_cannot_disable_audit_logging,
)
from policypack.testing import FAIL, PASS, judge, messages, program
from tests.policypack.rules.identity import IAM, KEY, KMS, QUEUE, REFERENCE, TABLE, Case, cases, check, stack_of
from tests.policypack.rules.policies import allow, document, inline, text
from tests.policypack.rules.programs import role

STAR = "role-has-no-wildcard-resource"
DECRYPTS = "role-decrypts-with-named-kms-keys"
GRANTS = "role-creates-kms-grants-for-aws-services-only"
CREDENTIALS = "role-does-not-expose-credentials"
PERMISSIONS = "role-restricts-permissions-management"
TAGS = "role-restricts-tagging"
AUDIT = "workload-role-cannot-disable-audit-logging"
INFRASTRUCTURE = "workload-role-cannot-delete-infrastructure"
BEST = f"{KMS}/iam-policies-best-practices.html"
HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html"
VIA = f"{KMS}/conditions-kms.html#conditions-kms-via-service"
FOR_AWS = f"{KMS}/conditions-kms.html#conditions-kms-grant-is-for-aws-resource"
ALIASES = f"{KMS}/alias-authorization.html"
EVERY_KEY = "arn:aws:kms:eu-west-1:123456789012:key/*"
THROUGH_SQS = {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}

USED: list[Case] = [
    # Security Hub, KMS.1 and KMS.2: no decryption actions on all keys
    (f"{HUB}#kms-2", allow("kms:Decrypt", "*"), STAR),
    (f"{HUB}#kms-2", allow("kms:Decrypt", EVERY_KEY), DECRYPTS),
    (f"{HUB}#kms-2", allow("kms:ReEncryptFrom", "arn:aws:kms:*:*:key/*"), DECRYPTS),
    (f"{HUB}#kms-1", allow("kms:ReEncrypt*", EVERY_KEY), f"{DECRYPTS} role-lists-sensitive-actions-by-name"),
    (f"{HUB}#kms-1", allow(["kms:Decrypt"], "arn:aws:kms:*:123456789012:*"), DECRYPTS),
    (VIA, allow("kms:Decrypt", EVERY_KEY, Condition={"StringLike": {"kms:ViaService": "*"}}), DECRYPTS),
    (
        VIA,
        allow("kms:Decrypt", EVERY_KEY, Condition={"StringNotEquals": {"kms:ViaService": "s3.amazonaws.com"}}),
        DECRYPTS,
    ),
    (VIA, allow("kms:Decrypt", EVERY_KEY, Condition={"Bool": {"aws:SecureTransport": "true"}}), DECRYPTS),
    # "specify key ARNs", or the condition keys that take their place
    (BEST, allow("kms:Decrypt", KEY), ""),
    (BEST, allow(["kms:Decrypt", "kms:GenerateDataKey"], [KEY]), ""),
    (VIA, allow("kms:Decrypt", EVERY_KEY, Condition=THROUGH_SQS), ""),
    (VIA, allow("kms:Decrypt", "*", Condition=THROUGH_SQS), ""),
    (
        ALIASES,
        allow("kms:Decrypt", EVERY_KEY, Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}),
        "",
    ),
    (VIA, allow("kms:Decrypt", EVERY_KEY, Condition={"StringEquals": {"kms:EncryptionContext:app": "a"}}), ""),
    (BEST, {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}, ""),
    # grants
    (FOR_AWS, allow("kms:CreateGrant", KEY), GRANTS),
    (FOR_AWS, allow(["kms:Decrypt", "kms:CreateGrant"], KEY), GRANTS),
    (FOR_AWS, allow("kms:CreateGrant", KEY, Condition={"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}), GRANTS),
    (FOR_AWS, allow("kms:CreateGrant", KEY, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}), ""),
    (FOR_AWS, allow("kms:CreateGrant", KEY, Condition={"Bool": {"kms:GrantIsForAWSResource": True}}), ""),
    (
        VIA,
        allow(
            "kms:CreateGrant", KEY, Condition={"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}
        ),
        "",
    ),
]


@cases(USED, role_decrypts_with_named_kms_keys, role_creates_kms_grants_for_aws_services_only)
def test_kms_keys(policy: Any, ids: str) -> None:
    """Statements name the keys, or limit the service that uses them."""
    check(policy, ids)


SPLAINED = "https://cloudsplaining.readthedocs.io/en/latest/glossary/credentials-exposure/"
MANAGED = f"{REFERENCE}/reference_policies_actions-resources-contextkeys.html"
EXPOSED: list[Case] = [
    # credentials: with and without support for resource-level permissions
    (SPLAINED, allow("iam:CreateAccessKey", "*"), f"{STAR} role-cannot-escalate-privileges"),
    (SPLAINED, allow("redshift:GetClusterCredentials", "*"), STAR),
    (SPLAINED, allow("sts:GetFederationToken", "*"), STAR),
    (SPLAINED, allow("chime:CreateApiKey", "*"), CREDENTIALS),
    (SPLAINED, allow("secretsmanager:BatchGetSecretValue", "*"), CREDENTIALS),
    (SPLAINED, allow("lightsail:DownloadDefaultKeyPair", "*"), CREDENTIALS),
    (SPLAINED, allow("ecr:GetAuthorizationToken", "*"), ""),  # workloads that pull images need it
    (SPLAINED, allow("sts:GetSessionToken", "*"), ""),  # roles cannot call it
    (SPLAINED, allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:mine-a1b2c3"), ""),
    (SPLAINED, allow("chime:CreateApiKey", "*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), ""),
    # permissions
    (MANAGED, allow("sqs:AddPermission", QUEUE), PERMISSIONS),
    (MANAGED, allow("sqs:SetQueueAttributes", QUEUE), PERMISSIONS),
    (MANAGED, allow("lambda:AddPermission", "arn:aws:lambda:eu-west-1:123456789012:function:f"), PERMISSIONS),
    (MANAGED, allow("s3:PutBucketPolicy", "arn:aws:s3:::models"), PERMISSIONS),
    (MANAGED, allow("dynamodb:PutResourcePolicy", TABLE), PERMISSIONS),
    (MANAGED, allow("logs:PutResourcePolicy", "*"), PERMISSIONS),
    (MANAGED, allow("sqs:GetQueueAttributes", QUEUE), ""),
    (MANAGED, allow("s3:GetBucketPolicy", "arn:aws:s3:::models"), ""),
    (MANAGED, allow("sqs:AddPermission", QUEUE, Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}), ""),
    # tags
    (f"{IAM}/access_tags.html", allow("tag:TagResources", "*"), TAGS),
    (f"{IAM}/access_tags.html", allow(["tag:TagResources", "tag:UntagResources"], "*"), TAGS),
    (f"{IAM}/access_tags.html", allow("ec2:CreateTags", "*"), STAR),
    (
        f"{IAM}/access_tags.html",
        allow("tag:TagResources", "*", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}),
        "",
    ),
    (f"{IAM}/access_tags.html", allow("tag:GetResources", "*"), ""),
    (f"{IAM}/access_tags.html", allow("sqs:TagQueue", QUEUE), ""),
]


@cases(EXPOSED, role_does_not_expose_credentials, role_restricts_permissions_management, role_restricts_tagging)
def test_credentials_permissions_and_tags(policy: Any, ids: str) -> None:
    """Statements limit these actions by resources or conditions."""
    check(policy, ids)


ATTACK = "https://attack.mitre.org/techniques/T1562/008/"
DESTROY = "https://attack.mitre.org/techniques/T1485/"
HERE = "arn:aws:{}:eu-west-1:123456789012:{}".format
WORKLOAD: list[Case] = [
    (ATTACK, allow("cloudtrail:StopLogging", HERE("cloudtrail", "trail/main")), AUDIT),
    (ATTACK, allow("cloudtrail:DeleteTrail", HERE("cloudtrail", "trail/main")), AUDIT),
    (ATTACK, allow("guardduty:DeleteDetector", HERE("guardduty", "detector/d")), AUDIT),
    (ATTACK, allow("cloudtrail:PutEventSelectors", HERE("cloudtrail", "trail/main")), AUDIT),
    (ATTACK, allow("logs:DeleteLogGroup", HERE("logs", "log-group:/aws/lambda/worker:*")), AUDIT),
    (ATTACK, allow("cloudwatch:DeleteAlarms", HERE("cloudwatch", "alarm:errors")), AUDIT),
    (ATTACK, allow("cloudtrail:GetTrailStatus", HERE("cloudtrail", "trail/main")), ""),
    (ATTACK, allow("logs:FilterLogEvents", HERE("logs", "log-group:/aws/lambda/worker:*")), ""),
    (ATTACK, {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}, ""),
    (DESTROY, allow("dynamodb:DeleteTable", TABLE), INFRASTRUCTURE),
    (DESTROY, allow(["dynamodb:PutItem", "dynamodb:UpdateTable"], TABLE), INFRASTRUCTURE),
    (DESTROY, allow("sqs:DeleteQueue", QUEUE), INFRASTRUCTURE),
    (DESTROY, allow("sqs:PurgeQueue", QUEUE), INFRASTRUCTURE),
    (DESTROY, allow("sagemaker:DeleteEndpoint", HERE("sagemaker", "endpoint/predictor")), INFRASTRUCTURE),
    (DESTROY, allow("kms:ScheduleKeyDeletion", KEY), INFRASTRUCTURE),
    (DESTROY, allow("s3:DeleteBucket", "arn:aws:s3:::models"), INFRASTRUCTURE),
    (DESTROY, allow("dynamodb:DeleteItem", TABLE), ""),
    (DESTROY, allow("sqs:DeleteMessage", QUEUE), ""),
    (DESTROY, allow("s3:DeleteObject", "arn:aws:s3:::models/*"), ""),
    (DESTROY, allow("sagemaker:DescribeEndpoint", HERE("sagemaker", "endpoint/predictor")), ""),
    (DESTROY, {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"}, ""),
]


@cases(WORKLOAD, workload_role_cannot_disable_audit_logging, workload_role_cannot_delete_infrastructure)
def test_workload_roles(policy: Any, ids: str) -> None:
    """A workload uses the items of tables and queues, and does not change or delete the tables and queues."""
    check(policy, ids)


def deployer(service: str, policy: Any) -> None:
    """Build a role that trusts a service and that no resource uses, and a policy that is attached to nothing."""
    role("deployer", service, inline_policies=[inline(text(document(policy)))])
    aws.iam.Policy("loose", policy=text(document(policy)))


@pytest.mark.parametrize(
    ("service", "verdict"),
    [
        ("lambda.amazonaws.com", FAIL),  # it only runs workloads
        ("ecs-tasks.amazonaws.com", FAIL),
        ("codebuild.amazonaws.com", PASS),
        ("cloudformation.amazonaws.com", PASS),
        ("states.amazonaws.com", PASS),
        ("sagemaker.amazonaws.com", PASS),  # notebooks and pipelines create resources, too
    ],
)
@pytest.mark.parametrize(
    ("rule", "policy"),
    [
        (workload_role_cannot_delete_infrastructure, allow("dynamodb:DeleteTable", TABLE)),
        (
            workload_role_cannot_disable_audit_logging,
            allow("cloudwatch:DeleteAlarms", HERE("cloudwatch", "alarm:errors")),
        ),
        (role_restricts_permissions_management, allow("sqs:AddPermission", QUEUE)),
    ],
)
def test_roles_that_deploy_resources_pass(rule: Any, policy: Any, service: str, verdict: Any) -> None:
    """Where no resource uses a role, the services in its trust policy tell whether it deploys resources."""
    assert judge(rule, program(lambda: deployer(service, policy))) == verdict


def test_an_option_allows_actions() -> None:
    """The option allowedActions lists exceptions, in any case of letters."""
    stack = stack_of(allow(["sqs:PurgeQueue", "sqs:SendMessage"], QUEUE))
    assert messages(workload_role_cannot_delete_infrastructure, stack) == [
        "lets worker change or delete infrastructure with sqs:PurgeQueue"
    ]
    options = WorkloadOptions(allowed_actions=("SQS:PurgeQueue",))
    assert judge(workload_role_cannot_delete_infrastructure, stack, options) == PASS


@pytest.mark.parametrize(
    "action",
    sorted(
        sensitive.CREDENTIALS_EXPOSURE
        | sensitive.DATA_ACCESS
        | sensitive.AUDIT_LOG_TAMPERING
        | sensitive.INFRASTRUCTURE_CHANGES
    ),
)
def test_sensitive_actions_exist(action: str) -> None:
    """A misspelled action would never match."""
    known = find_action(action)
    assert known is not None
    assert known.full_name == action
