"""Sensitive actions: credentials exposure, data access, permissions management, infrastructure changes, audit logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policypack.iam.actions import Action

PERMISSIONS_MANAGEMENT: Final = "Permissions management"
"""The access level of actions that change permissions, as the Service Authorization Reference calls it."""

_READ_LEVELS: Final = frozenset(("Read", "List"))
_READ_VERBS: Final = ("BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Search", "View")

DECRYPT_ACTIONS: Final = frozenset(("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"))
"""The KMS actions that decrypt data, or encrypt it again under another key."""


def _action_names(table: dict[str, str]) -> frozenset[str]:
    return frozenset(f"{service}:{verb}" for service, verbs in table.items() for verb in verbs.split())


CREDENTIALS_EXPOSURE: Final = _action_names(
    {
        "chime": "CreateApiKey",
        "codepipeline": "PollForJobs",
        "cognito-identity": "GetOpenIdTokenForDeveloperIdentity",
        "connect": "GetFederationToken",
        "ec2": "GetPasswordData",
        "gamelift": "RequestUploadCredentials",
        "iam": "CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential ResetServiceSpecificCredential",
        "lightsail": "DownloadDefaultKeyPair GetInstanceAccessDetails GetRelationalDatabaseMasterUserPassword",
        "rds-db": "connect",
        "redshift": "GetClusterCredentials GetClusterCredentialsWithIAM",
        "redshift-serverless": "GetCredentials",
        "secretsmanager": "BatchGetSecretValue GetSecretValue",
        "ssm": "GetParameter GetParameterHistory GetParameters GetParametersByPath",
        "sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken",
    }
)
"""Actions whose response contains credentials. Source: the list "credentials exposure" of cloudsplaining.

Actions are left out if AWS's documentation grants them to every workload (ecr:GetAuthorizationToken), if no role can
call them (sts:GetSessionToken) and if they need no permission (the public operations of Cognito).
"""

DATA_ACCESS: Final = _action_names(
    {
        "athena": "GetQueryResults",
        "cloudtrail": "LookupEvents",
        "dynamodb": "BatchGetItem GetItem GetRecords PartiQLSelect Query Scan",
        "ec2": "CreateSnapshot GetConsoleOutput",
        "kinesis": "GetRecords SubscribeToShard",
        "kms": "Decrypt ReEncryptFrom",
        "logs": "FilterLogEvents GetLogEvents GetQueryResults StartQuery",
        "rds": "CopyDBSnapshot CreateDBSnapshot DownloadDBLogFilePortion StartExportTask",
        "rds-data": "ExecuteStatement BatchExecuteStatement",
        "s3": "GetObject GetObjectVersion",
        "sqs": "ReceiveMessage",
    }
)
"""Actions whose response contains data. Source: the list "data exfiltration" of cloudsplaining; storage and queues."""

AUDIT_LOG_TAMPERING: Final = _action_names(
    {
        "access-analyzer": "DeleteAnalyzer",
        "cloudtrail": "DeleteTrail PutEventSelectors StopLogging UpdateTrail",
        "cloudwatch": "DeleteAlarms DisableAlarmActions",
        "config": "DeleteConfigRule DeleteConfigurationRecorder DeleteDeliveryChannel StopConfigurationRecorder",
        "ec2": "DeleteFlowLogs",
        "guardduty": "DeleteDetector DeleteMembers DisassociateFromAdministratorAccount StopMonitoringMembers",
        "inspector2": "Disable",
        "logs": "DeleteLogGroup DeleteLogStream DeleteMetricFilter DeleteRetentionPolicy DeleteSubscriptionFilter",
        "macie2": "DisableMacie",
        "securityhub": "BatchDisableStandards DeleteMembers DisableSecurityHub",
        "wafv2": "DeleteLoggingConfiguration",
    }
)
"""Actions that disable or delete logs and alarms. Source: MITRE ATT&CK, T1562.008, "Disable or Modify Cloud Logs"."""

INFRASTRUCTURE_CHANGES: Final = _action_names(
    {
        "cloudformation": "CreateStack DeleteStack UpdateStack",
        "dynamodb": "CreateTable DeleteBackup DeleteTable UpdateContinuousBackups UpdateTable UpdateTimeToLive",
        "ec2": "CreateVpc DeleteVpc RunInstances TerminateInstances",
        "ecr": "BatchDeleteImage CreateRepository DeleteRepository PutImage",
        "events": "CreateEventBus DeleteEventBus DeleteRule",
        "kinesis": "CreateStream DeleteStream",
        "kms": "CreateKey DisableKey DisableKeyRotation ScheduleKeyDeletion",
        "lambda": (
            "CreateEventSourceMapping CreateFunction DeleteEventSourceMapping DeleteFunction PutFunctionConcurrency "
            "UpdateEventSourceMapping UpdateFunctionCode UpdateFunctionConfiguration"
        ),
        "rds": "CreateDBInstance DeleteDBCluster DeleteDBInstance DeleteDBSnapshot",
        "s3": "CreateBucket DeleteBucket PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration",
        "sagemaker": (
            "CreateEndpoint CreateEndpointConfig CreateModel DeleteEndpoint DeleteEndpointConfig DeleteModel "
            "UpdateEndpoint UpdateEndpointWeightsAndCapacities"
        ),
        "secretsmanager": "DeleteSecret",
        "sns": "CreateTopic DeleteTopic",
        "sqs": "CreateQueue DeleteQueue PurgeQueue",
        "states": "CreateStateMachine DeleteStateMachine UpdateStateMachine",
    }
)
"""Actions that create, change or delete resources: those of a deployment, not of a running workload."""


def manages_permissions(action: Action) -> bool:
    """Whether an action changes permissions, with every `...ResourcePolicy`, some of which the data lists as Write."""
    return PERMISSIONS_MANAGEMENT in action.access_levels or (
        "Write" in action.access_levels and action.name.endswith("ResourcePolicy")
    )


def is_read_only(action: Action) -> bool:
    """Whether an action only reads or lists."""
    return action.access_levels <= _READ_LEVELS and action.name.startswith(_READ_VERBS)


def sensitivity(action: Action) -> str:
    """Why an action is sensitive, as the predicate of a sentence. Empty if it is not."""
    if manages_permissions(action):
        return "changes permissions"
    if action.full_name in CREDENTIALS_EXPOSURE:
        return "returns credentials"
    return "returns data" if action.full_name in DATA_ACCESS else ""
