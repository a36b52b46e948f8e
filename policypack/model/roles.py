"""Which property of which resource type names the IAM role that the resource works under, and for which service."""

from __future__ import annotations

from typing import Final, NamedTuple

from policypack.model.types import ENDPOINT_CONFIGURATION, FUNCTION, MODEL


class RoleUse(NamedTuple):
    """`path` of the property that holds the role's ARN or name; `service`: the principal that assumes it."""

    path: str
    service: str


ROLE_USES: Final[dict[str, RoleUse]] = {
    FUNCTION: RoleUse("role", "lambda.amazonaws.com"),
    MODEL: RoleUse("executionRoleArn", "sagemaker.amazonaws.com"),
    ENDPOINT_CONFIGURATION: RoleUse("executionRoleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/notebookInstance:NotebookInstance": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/domain:Domain": RoleUse("defaultUserSettings.executionRole", "sagemaker.amazonaws.com"),
    "aws:sagemaker/userProfile:UserProfile": RoleUse("userSettings.executionRole", "sagemaker.amazonaws.com"),
    "aws:sagemaker/pipeline:Pipeline": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/deviceFleet:DeviceFleet": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/featureGroup:FeatureGroup": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/flowDefinition:FlowDefinition": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/image:Image": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/labelingJob:LabelingJob": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/mlflowApp:MlflowApp": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/trainingJob:TrainingJob": RoleUse("roleArn", "sagemaker.amazonaws.com"),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": RoleUse(
        "monitoringScheduleConfig.monitoringJobDefinition.roleArn", "sagemaker.amazonaws.com"
    ),
    "aws:sfn/stateMachine:StateMachine": RoleUse("roleArn", "states.amazonaws.com"),
    "aws:pipes/pipe:Pipe": RoleUse("roleArn", "pipes.amazonaws.com"),
    "aws:scheduler/schedule:Schedule": RoleUse("target.roleArn", "scheduler.amazonaws.com"),
    "aws:cloudwatch/eventTarget:EventTarget": RoleUse("roleArn", "events.amazonaws.com"),
    "aws:ecs/taskDefinition:TaskDefinition": RoleUse("taskRoleArn", "ecs-tasks.amazonaws.com"),
    "aws:codebuild/project:Project": RoleUse("serviceRole", "codebuild.amazonaws.com"),
    "aws:codepipeline/pipeline:Pipeline": RoleUse("roleArn", "codepipeline.amazonaws.com"),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": RoleUse("serviceRoleArn", "codedeploy.amazonaws.com"),
    "aws:glue/job:Job": RoleUse("roleArn", "glue.amazonaws.com"),
    "aws:glue/crawler:Crawler": RoleUse("role", "glue.amazonaws.com"),
    "aws:batch/computeEnvironment:ComputeEnvironment": RoleUse("serviceRole", "batch.amazonaws.com"),
    "aws:appsync/dataSource:DataSource": RoleUse("serviceRoleArn", "appsync.amazonaws.com"),
    "aws:iam/instanceProfile:InstanceProfile": RoleUse("role", "ec2.amazonaws.com"),
    "aws:eks/cluster:Cluster": RoleUse("roleArn", "eks.amazonaws.com"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": RoleUse(
        "extendedS3Configuration.roleArn", "firehose.amazonaws.com"
    ),
    "aws:transfer/server:Server": RoleUse("loggingRole", "transfer.amazonaws.com"),
    "aws:bedrock/agentAgent:AgentAgent": RoleUse("agentResourceRoleArn", "bedrock.amazonaws.com"),
    "aws:apprunner/service:Service": RoleUse("instanceConfiguration.instanceRoleArn", "tasks.apprunner.amazonaws.com"),
}
"""Read off the schemas of pulumi-aws 7.51.1; principals from the IAM user guide, "AWS services that work with IAM"."""
