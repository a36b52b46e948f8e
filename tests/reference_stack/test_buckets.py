"""Private buckets, and the model artefact in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from components.model_artefact import ModelArtefact, ModelArtefactArgs
from components.private_bucket import PrivateBucketArgs

from policypack.testing import program
from tests.reference_stack.component_fixtures import CHINA, KEY, TAGS, only, statements

if TYPE_CHECKING:
    from pathlib import Path


def bucket(**changed: Any) -> PrivateBucketArgs:
    """The arguments of a bucket."""
    given: dict[str, Any] = {"aws_env": CHINA, "bucket_name": "models", "key_arn": KEY, "tags": TAGS}
    return PrivateBucketArgs(**(given | changed))


def test_a_changed_model_has_another_object_key(tmp_path: Path) -> None:
    """Running endpoints keep the model that they were started with."""
    archive = tmp_path / "model.tar.gz"
    keys = []
    for content in (b"one", b"two"):
        archive.write_bytes(content)
        stack = program(lambda: ModelArtefact("it", ModelArtefactArgs(archive=archive, bucket=bucket())))
        keys.append(only(stack, "aws:s3/bucketObjectv2:BucketObjectv2").get("key"))
    assert len(set(keys)) == 2
    assert all(key.startswith("models/") and key.endswith("/model.tar.gz") for key in keys)


@pytest.mark.parametrize("force_destroy", [True, False])
def test_a_bucket_is_private_versioned_and_has_lifecycle_rules(tmp_path: Path, force_destroy: bool) -> None:
    """A bucket with force_destroy has no lifecycle rules."""
    archive = tmp_path / "model.tar.gz"
    archive.touch()
    args = ModelArtefactArgs(archive=archive, bucket=bucket(force_destroy=force_destroy, days_by_prefix={"old/": 3}))
    stack = program(lambda: ModelArtefact("it", args))
    assert only(stack, "aws:s3/bucket:Bucket").get("forceDestroy") is force_destroy
    closed = only(stack, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert all(closed.get(f"{verb}Public{what}") for verb, what in (("block", "Acls"), ("block", "Policy")))
    assert closed.get("restrictPublicBuckets")
    assert only(stack, "aws:s3/bucketVersioning:BucketVersioning").get("versioningConfiguration.status") == "Enabled"
    (deny,) = statements(only(stack, "aws:s3/bucketPolicy:BucketPolicy"))
    assert deny["Resource"] == ["arn:aws-cn:s3:::models", "arn:aws-cn:s3:::models/*"]
    lifecycles = stack.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    if force_destroy:
        assert not lifecycles
    else:
        tidy, old = lifecycles[0].get("rules")
        assert tidy["noncurrentVersionExpiration"]["noncurrentDays"] == 30
        assert tidy["expiration"] == {"expiredObjectDeleteMarker": True}
        assert (old["filter"]["prefix"], old["expiration"]["days"]) == ("old/", 3)
