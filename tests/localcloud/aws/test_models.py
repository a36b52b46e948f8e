"""The model in an artefact answers: XGBoost's JSON, from an archive or from objects under a prefix."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.cloud import MODEL_IMAGE, allow, eventually, unique

if TYPE_CHECKING:
    from tests.localcloud.aws.cloud import Cloud


def booster(low: float, high: float) -> bytes:
    """A model of one tree: `low` where the first of two features is below 1, else `high`."""
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [0, 0, 0],
        "split_conditions": [1.0, low, high],
        "default_left": [1, 0, 0],
    }
    learner = {
        "learner_model_param": {"base_score": "0", "num_feature": "2", "num_class": "0"},
        "gradient_booster": {"name": "gbtree", "model": {"trees": [tree]}},
        "objective": {"name": "reg:squarederror"},
    }
    return json.dumps({"learner": learner, "version": [3, 0, 0]}).encode()


def packed(**files: bytes) -> bytes:
    """Return a model.tar.gz; underscores in names are hyphens."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as out:
        for name, text in files.items():
            entry = tarfile.TarInfo(name.replace("_", "-"))
            entry.size = len(text)
            out.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


class Served:
    """A bucket, a role that may read it, and endpoints of what is in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.bucket = cloud, unique("artefacts")
        cloud("s3").create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.role = cloud.role(
            allow("s3:GetObject", f"arn:aws:s3:::{self.bucket}/*"), service="sagemaker.amazonaws.com"
        )

    def config(self, key: str, body: bytes, **container: Any) -> str:
        """Store an object, make a model of it and a configuration for that; return the configuration's name."""
        name = unique("model")
        self.cloud("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        where = container or {"ModelDataUrl": f"s3://{self.bucket}/{key}"}
        client = self.cloud("sagemaker")
        client.create_model(
            ModelName=name, ExecutionRoleArn=self.role, PrimaryContainer={"Image": MODEL_IMAGE, **where}
        )
        variant = {"VariantName": "a", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def endpoint(self, config: str, expected: str = "InService") -> str:
        """Make an endpoint, wait until it is as expected, return its name."""
        name, client = unique("served"), self.cloud("sagemaker")
        client.create_endpoint(EndpointName=name, EndpointConfigName=config)
        eventually(lambda: client.describe_endpoint(EndpointName=name)["EndpointStatus"] == expected)
        return name

    def predictions(self, name: str, body: bytes) -> list[float]:
        """Invoke an endpoint."""
        got = self.cloud("sagemaker-runtime").invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)
        return [float(one) for one in got["Body"].read().decode().split("\n")]


@pytest.fixture
def served(cloud: Cloud) -> Served:
    """Make a bucket for artefacts."""
    return Served(cloud)


@pytest.mark.parametrize("name", ["xgboost_model", "xgboost_model.json"])
def test_the_model_in_the_archive_answers(served: Served, name: str) -> None:
    """By the names that XGBoost's container knows; what else is in the archive does not matter."""
    archive = packed(**{"code.py": b"print()", name: booster(-1.0, 2.5)})
    endpoint = served.endpoint(served.config("model.tar.gz", archive))
    assert served.predictions(endpoint, b"0.5,9\n1.5,9\n") == [-1.0, 2.5]
    with pytest.raises(ClientError, match="Feature shape mismatch, expected: 2, got 3"):
        served.predictions(endpoint, b"1,2,3")


def test_a_model_that_is_not_packed(served: Served) -> None:
    """Objects under a prefix, as ModelDataSource has them."""
    source = {"S3Uri": f"s3://{served.bucket}/plain/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    config = served.config("plain/xgboost-model.json", booster(3.0, 4.0), ModelDataSource={"S3DataSource": source})
    assert served.predictions(served.endpoint(config), b"0,0") == [3.0]


def test_another_model_is_deployed(served: Served) -> None:
    """The endpoint answers with the new one; the artefact is read when it is deployed, not when it is asked."""
    client = served.cloud("sagemaker")
    endpoint = served.endpoint(served.config("one.tar.gz", packed(xgboost_model=booster(1.0, 1.0))))
    second = served.config("two.tar.gz", packed(xgboost_model=booster(2.0, 2.0)))
    served.cloud("s3").delete_object(Bucket=served.bucket, Key="one.tar.gz")
    assert served.predictions(endpoint, b"0,0") == [1.0]
    client.update_endpoint(EndpointName=endpoint, EndpointConfigName=second)
    assert served.predictions(endpoint, b"0,0") == [2.0]


def test_a_model_that_cannot_be_loaded(served: Served) -> None:
    """An endpoint with it fails; one that is to be updated to it goes on with what it has."""
    client, broken = served.cloud("sagemaker"), served.config("x.tar.gz", packed(xgboost_model=b'{"learner": 1}'))
    endpoint = served.endpoint(broken, "Failed")
    assert "cannot be loaded" in client.describe_endpoint(EndpointName=endpoint)["FailureReason"]
    with pytest.raises(ClientError, match="not found"):
        served.predictions(endpoint, b"0,0")
    client.delete_endpoint(EndpointName=endpoint)
    good = served.config("y.tar.gz", packed(xgboost_model=booster(1.0, 1.0)))
    endpoint = served.endpoint(good)
    client.update_endpoint(EndpointName=endpoint, EndpointConfigName=broken)
    eventually(lambda: client.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService")
    found = client.describe_endpoint(EndpointName=endpoint)
    assert (found["EndpointConfigName"], "cannot be loaded" in found["FailureReason"]) == (good, True)
    assert served.predictions(endpoint, b"0,0") == [1.0]


def test_an_archive_without_a_model(served: Served) -> None:
    """Is served by the built-in one."""
    endpoint = served.endpoint(served.config("other.tar.gz", packed(notes=b"nothing here")))
    assert 0 < served.predictions(endpoint, b"0,0")[0] < 1
