"""Log groups, alarms, topics, buckets and rules keep what they were told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import allow, document, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def key_for_logs(cloud: Cloud) -> str:
    """Create a key that CloudWatch Logs may use for its groups, and return its ARN."""
    root = allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
    groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:*"}}
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    logs = allow(use, "*", Principal={"Service": "logs.eu-west-1.amazonaws.com"}, Condition=groups)
    return str(cloud("kms").create_key(Policy=document(root, logs))["KeyMetadata"]["Arn"])


def test_a_log_group_needs_a_key_that_lets_logs_in(cloud: Cloud) -> None:
    """The key's policy decides, whoever asks."""
    logs, name = cloud("logs"), unique("group")
    for key in (cloud("kms").create_key()["KeyMetadata"]["Arn"], "arn:aws:kms:eu-west-1:123456789012:key/none"):
        with pytest.raises(ClientError, match="not allowed to be used with Arn"):
            logs.create_log_group(logGroupName=name, kmsKeyId=key)
    logs.create_log_group(logGroupName=name)
    with pytest.raises(ClientError, match="not allowed to be used with Arn"):
        logs.associate_kms_key(logGroupName=name, kmsKeyId=cloud("kms").create_key()["KeyMetadata"]["Arn"])


def test_a_log_group_is_read_back(cloud: Cloud) -> None:
    """Retention, key, class, tags; then without them."""
    logs, name = cloud("logs"), f"/aws/lambda/{unique('group')}"
    key = key_for_logs(cloud)
    logs.create_log_group(logGroupName=name, kmsKeyId=key, tags={"owner": "me"}, logGroupClass="INFREQUENT_ACCESS")
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)

    def found() -> dict[str, object]:
        return dict(logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0])

    assert (found()["retentionInDays"], found()["kmsKeyId"]) == (30, key)
    assert found()["logGroupClass"] == "INFREQUENT_ACCESS"
    arn = str(found()["arn"]).removesuffix(":*")
    assert arn == f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}"
    logs.tag_resource(resourceArn=arn, tags={"stage": "dev"})
    logs.untag_resource(resourceArn=arn, tagKeys=["owner"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "dev"}
    logs.disassociate_kms_key(logGroupName=name)
    logs.delete_retention_policy(logGroupName=name)
    assert not {"kmsKeyId", "retentionInDays"} & found().keys()
    logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    assert found()["kmsKeyId"] == key
    logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []


def test_an_alarm_is_read_back(cloud: Cloud) -> None:
    """An alarm on a queue's depth, with actions and tags, changed in place."""
    watch, name = cloud("cloudwatch"), unique("alarm")
    wanted = {
        "AlarmDescription": "poison",
        "ActionsEnabled": True,
        "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:alerts"],
        "OKActions": [],
        "InsufficientDataActions": [],
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS",
        "Statistic": "Maximum",
        "Dimensions": [{"Name": "QueueName", "Value": "dead"}],
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    watch.put_metric_alarm(AlarmName=name, Tags=[{"Key": "owner", "Value": "me"}], **wanted)
    found = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert wanted.items() <= found.items()
    assert watch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "owner", "Value": "me"}]
    watch.put_metric_alarm(AlarmName=name, **{**wanted, "Threshold": 5.0})
    changed = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert (changed["Threshold"], changed["AlarmArn"]) == (5.0, found["AlarmArn"])
    assert watch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "owner", "Value": "me"}]
    watch.tag_resource(ResourceARN=found["AlarmArn"], Tags=[{"Key": "stage", "Value": "dev"}])
    watch.untag_resource(ResourceARN=found["AlarmArn"], TagKeys=["owner"])
    assert watch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "stage", "Value": "dev"}]
    watch.delete_alarms(AlarmNames=[name])
    assert watch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_an_alarm_on_metric_math_and_an_anomaly_band(cloud: Cloud) -> None:
    """An alarm over an expression."""
    watch, name = cloud("cloudwatch"), unique("alarm")
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}
    queries = [
        {"Id": "errors", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "rate", "Expression": "errors / 60", "Label": "rate", "ReturnData": True},
    ]
    watch.put_metric_alarm(
        AlarmName=name,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1.0,
        TreatMissingData="missing",
        Metrics=queries,
    )
    found = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert {one["Id"]: one.get("Expression") for one in found["Metrics"]} == {"errors": None, "rate": "errors / 60"}


def test_a_dashboard_is_read_back(cloud: Cloud) -> None:
    """Its body, unchanged."""
    watch, name = cloud("cloudwatch"), unique("dashboard")
    body = {"widgets": [{"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "hi"}}]}
    watch.put_dashboard(DashboardName=name, DashboardBody=json.dumps(body))
    assert json.loads(watch.get_dashboard(DashboardName=name)["DashboardBody"]) == body
    watch.delete_dashboards(DashboardNames=[name])
    with pytest.raises(ClientError, match="ResourceNotFound"):
        watch.get_dashboard(DashboardName=name)


def test_a_topic_and_its_subscription_to_a_queue(cloud: Cloud) -> None:
    """Attributes, tags, and a message that arrives because the queue's policy lets it."""
    sns, name = cloud("sns"), unique("topic")
    topic = sns.create_topic(Name=name, Attributes={"DisplayName": "alerts"}, Tags=[{"Key": "a", "Value": "1"}])
    arn = topic["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    found = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (found["DisplayName"], found["KmsMasterKeyId"]) == ("alerts", "alias/aws/sns")
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]

    url, queue = cloud.queue()
    policy = allow("sqs:SendMessage", queue, Principal={"Service": "sns.amazonaws.com"})
    policy["Condition"] = {"ArnEquals": {"aws:SourceArn": arn}}
    cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(policy)})
    subscription = sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=queue,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["RawMessageDelivery"] == "true"
    sns.publish(TopicArn=arn, Message="fire")
    got = cloud("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [one["Body"] for one in got] == ["fire"]
    sns.unsubscribe(SubscriptionArn=subscription)
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(ClientError, match="NotFound"):
        sns.get_topic_attributes(TopicArn=arn)


def test_a_bucket_is_read_back(cloud: Cloud) -> None:
    """Encryption, versions, policy, public access, life cycle, ownership, logging, notifications, tags, objects."""
    s3, name = cloud("s3"), unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sse = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": sse, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    policy = document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        }
    )
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    cycle = [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "capture/"}, "Expiration": {"Days": 30}}]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": cycle})
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "me"}]})

    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0] == rules["Rules"][0]
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == json.loads(policy)
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == block
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == cycle
    owned = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_notification_configuration(Bucket=name)["EventBridgeConfiguration"] == {}
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "owner", "Value": "me"}]

    s3.put_object(Bucket=name, Key="model/a.tar.gz", Body=b"x" * 300_000)
    assert s3.get_object(Bucket=name, Key="model/a.tar.gz")["Body"].read() == b"x" * 300_000
    for one in s3.list_object_versions(Bucket=name)["Versions"]:
        s3.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=name)
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=name)


def test_a_rule_sends_events_to_a_queue(cloud: Cloud) -> None:
    """Bus, rule, target with dead-letter queue and retry policy; the event arrives."""
    events, bus = cloud("events"), unique("bus")
    bus_arn = events.create_event_bus(Name=bus, Tags=[{"Key": "a", "Value": "1"}])["EventBusArn"]
    pattern = {"source": ["shop"], "detail-type": ["order"]}
    rule = events.put_rule(Name="orders", EventBusName=bus, EventPattern=json.dumps(pattern), State="ENABLED")[
        "RuleArn"
    ]
    url, queue = cloud.queue()
    _, dead = cloud.queue()
    policy = allow("sqs:SendMessage", queue, Principal={"Service": "events.amazonaws.com"})
    policy["Condition"] = {"ArnEquals": {"aws:SourceArn": rule}}
    cloud("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(policy)})
    target = {
        "Id": "queue",
        "Arn": queue,
        "DeadLetterConfig": {"Arn": dead},
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
    }
    events.put_targets(Rule="orders", EventBusName=bus, Targets=[target])
    assert events.list_targets_by_rule(Rule="orders", EventBusName=bus)["Targets"] == [target]
    assert json.loads(events.describe_rule(Name="orders", EventBusName=bus)["EventPattern"]) == pattern
    assert events.list_tags_for_resource(ResourceARN=bus_arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    events.put_events(
        Entries=[{"EventBusName": bus, "Source": "shop", "DetailType": "order", "Detail": json.dumps({"id": 1})}]
    )
    got = cloud("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [json.loads(one["Body"])["detail"] for one in got] == [{"id": 1}]
    events.remove_targets(Rule="orders", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="orders", EventBusName=bus)
    events.delete_event_bus(Name=bus)
