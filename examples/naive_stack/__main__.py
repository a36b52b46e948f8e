"""The architecture as people first write it. It breaks the policy pack's rules on purpose: never deploy it."""

import json

import pulumi
import pulumi_aws as aws

# Our functions and our model all need permissions, so they share one role.
role = aws.iam.Role(
    "app-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)

aws.iam.RolePolicyAttachment(
    "sagemaker-access",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
)

aws.iam.RolePolicy(
    "app-policy",
    role=role.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                # write logs
                {"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
                # read from the queue, write to the table, call the model
                {
                    "Effect": "Allow",
                    "Action": ["sqs:*", "dynamodb:*", "sagemaker:InvokeEndpoint"],
                    "Resource": "*",
                },
                # got AccessDenied once, this fixed it
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
            ],
        }
    ),
)

# Results go here. 5 reads and 5 writes a second are plenty for now.
table = aws.dynamodb.Table(
    "results",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PROVISIONED",
    read_capacity=5,
    write_capacity=5,
)

# The model.
model = aws.sagemaker.Model(
    "model",
    execution_role_arn=role.arn,
    primary_container={
        "image": "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "model_data_url": "s3://my-models/latest/model.tar.gz",
    },
)

endpoint_config = aws.sagemaker.EndpointConfiguration(
    "endpoint-config",
    production_variants=[
        {
            "variant_name": "AllTraffic",
            "model_name": model.name,
            "instance_type": "ml.m5.large",
            "initial_instance_count": 1,
        }
    ],
)

endpoint = aws.sagemaker.Endpoint("endpoint", endpoint_config_name=endpoint_config.name)

code = pulumi.AssetArchive({"app.py": pulumi.FileAsset("app.py")})
environment = aws.lambda_.FunctionEnvironmentArgs(variables={"TABLE_NAME": table.name, "ENDPOINT_NAME": endpoint.name})

# The web site calls this URL, and waits for the prediction.
api = aws.lambda_.Function(
    "api",
    role=role.arn,
    runtime="python3.8",
    handler="app.predict_now",
    code=code,
    timeout=60,
    environment=environment,
)

api_logs = aws.cloudwatch.LogGroup("api-logs", name=pulumi.Output.concat("/aws/lambda/", api.name))

api_url = aws.lambda_.FunctionUrl("api-url", function_name=api.name, authorization_type="NONE")

aws.lambda_.Permission(
    "api-url",
    function=api.name,
    action="lambda:InvokeFunctionUrl",
    principal="*",
    function_url_auth_type="NONE",
)

# Bigger jobs come in through a queue.
queue = aws.sqs.Queue("jobs")

worker = aws.lambda_.Function(
    "worker",
    role=role.arn,
    runtime="python3.8",
    handler="app.work_on_queue",
    code=code,
    timeout=60,
    environment=environment,
)

worker_logs = aws.cloudwatch.LogGroup("worker-logs", name=pulumi.Output.concat("/aws/lambda/", worker.name))

aws.lambda_.EventSourceMapping("jobs-to-worker", event_source_arn=queue.arn, function_name=worker.arn)

pulumi.export("api_url", api_url.function_url)
pulumi.export("queue_url", queue.url)
pulumi.export("table_name", table.name)
