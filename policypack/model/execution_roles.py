"""Which property of a resource type names the IAM role that the resource uses, and which service assumes the role."""

from __future__ import annotations

from typing import Final, NamedTuple

from policypack.model.types import (
    APP_RUNNER_SERVICE,
    CODEBUILD_PROJECT,
    CODEPIPELINE,
    ENDPOINT_CONFIGURATION,
    EVENT_TARGET,
    FIREHOSE_STREAM,
    FUNCTION,
    GLUE_JOB,
    MODEL,
    PIPE,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
)


class ExecutionRole(NamedTuple):
    """`path` of the property that holds the role's ARN or name; `service`: the principal that assumes it."""

    path: str
    service: str


EXECUTION_ROLES: Final[dict[str, ExecutionRole]] = {
    FUNCTION: ExecutionRole("role", "lambda.amazonaws.com"),
    MODEL: ExecutionRole("executionRoleArn", "sagemaker.amazonaws.com"),
    ENDPOINT_CONFIGURATION: ExecutionRole("executionRoleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/notebookInstance:NotebookInstance": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/domain:Domain": ExecutionRole("defaultUserSettings.executionRole", "sagemaker.amazonaws.com"),
    "aws:sagemaker/userProfile:UserProfile": ExecutionRole("userSettings.executionRole", "sagemaker.amazonaws.com"),
    "aws:sagemaker/pipeline:Pipeline": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": ExecutionRole(
        "roleArn", "sagemaker.amazonaws.com"
    ),
    "aws:sagemaker/deviceFleet:DeviceFleet": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/featureGroup:FeatureGroup": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/flowDefinition:FlowDefinition": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/image:Image": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/labelingJob:LabelingJob": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/mlflowApp:MlflowApp": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/trainingJob:TrainingJob": ExecutionRole("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": ExecutionRole(
        "monitoringScheduleConfig.monitoringJobDefinition.roleArn", "sagemaker.amazonaws.com"
    ),
    STATE_MACHINE: ExecutionRole("roleArn", "states.amazonaws.com"),
    PIPE: ExecutionRole("roleArn", "pipes.amazonaws.com"),
    SCHEDULE: ExecutionRole("target.roleArn", "scheduler.amazonaws.com"),
    EVENT_TARGET: ExecutionRole("roleArn", "events.amazonaws.com"),
    TASK_DEFINITION: ExecutionRole("taskRoleArn", "ecs-tasks.amazonaws.com"),
    CODEBUILD_PROJECT: ExecutionRole("serviceRole", "codebuild.amazonaws.com"),
    CODEPIPELINE: ExecutionRole("roleArn", "codepipeline.amazonaws.com"),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": ExecutionRole("serviceRoleArn", "codedeploy.amazonaws.com"),
    GLUE_JOB: ExecutionRole("roleArn", "glue.amazonaws.com"),
    "aws:glue/crawler:Crawler": ExecutionRole("role", "glue.amazonaws.com"),
    "aws:batch/computeEnvironment:ComputeEnvironment": ExecutionRole("serviceRole", "batch.amazonaws.com"),
    "aws:appsync/dataSource:DataSource": ExecutionRole("serviceRoleArn", "appsync.amazonaws.com"),
    "aws:iam/instanceProfile:InstanceProfile": ExecutionRole("role", "ec2.amazonaws.com"),
    "aws:eks/cluster:Cluster": ExecutionRole("roleArn", "eks.amazonaws.com"),
    FIREHOSE_STREAM: ExecutionRole("extendedS3Configuration.roleArn", "firehose.amazonaws.com"),
    "aws:transfer/server:Server": ExecutionRole("loggingRole", "transfer.amazonaws.com"),
    "aws:bedrock/agentAgent:AgentAgent": ExecutionRole("agentResourceRoleArn", "bedrock.amazonaws.com"),
    APP_RUNNER_SERVICE: ExecutionRole("instanceConfiguration.instanceRoleArn", "tasks.apprunner.amazonaws.com"),
}
"""Read off the schemas of pulumi-aws 7.51.1; principals from the IAM user guide, "AWS services that work with IAM"."""
