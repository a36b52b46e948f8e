"""Verbs that matter more than others: they hand out credentials, show data, manage permissions, break, or blind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from policypack.iam.actions import Action

PERMISSIONS_MANAGEMENT: Final = "Permissions management"
"""The level of the Service Authorization Reference for verbs that change who may do what."""

_READ_LEVELS: Final = frozenset(("Read", "List"))
_READ_VERBS: Final = ("BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Search", "View")


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
"""Verbs that answer with credentials, after cloudsplaining's list, "credentials exposure". Left out are those that
AWS's documents grant to every workload (ecr:GetAuthorizationToken), that no role can call (sts:GetSessionToken), and
that need no permission at all (the public calls of Cognito)."""

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
"""Verbs that answer with data, after cloudsplaining's list, "data exfiltration", and what stores and queues hold."""

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
"""Verbs that stop or erase what is recorded (MITRE ATT&CK, T1562.008, "Disable or Modify Cloud Logs")."""

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
"""Verbs that build and break what a deployment is for, not the work that goes through it."""


def manages_permissions(action: Action) -> bool:
    """Whether a verb changes who may do what; the data does not call each `PutResourcePolicy` so."""
    return PERMISSIONS_MANAGEMENT in action.access_levels or (
        "Write" in action.access_levels and action.name.endswith("ResourcePolicy")
    )


def is_read_only(action: Action) -> bool:
    """Whether a verb lists or describes, and does nothing else."""
    return action.access_levels <= _READ_LEVELS and action.name.startswith(_READ_VERBS)


def sensitivity(action: Action) -> str:
    """What makes a verb sensitive, as a clause; nothing where it is like any other."""
    if manages_permissions(action):
        return "changes permissions"
    if action.full_name in CREDENTIALS_EXPOSURE:
        return "returns credentials"
    return "returns data" if action.full_name in DATA_ACCESS else ""
