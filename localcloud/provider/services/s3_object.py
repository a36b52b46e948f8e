"""S3: objects."""

from __future__ import annotations

import base64
import mimetypes
from typing import Any, ClassVar
from urllib.parse import urlencode

from localcloud.provider import api_parameters, archive
from localcloud.provider.regular_kind import tagged
from localcloud.provider.resource_kind import Call, Kind, Name, Table
from localcloud.provider.wire import Asset

SENT: api_parameters.Renames = {
    "acl": "ACL",
    "bucketKeyEnabled": "BucketKeyEnabled",
    "kmsKeyId": "SSEKMSKeyId",
    "websiteRedirect": "WebsiteRedirectLocation",
    "content": "",
    "source": "",
    "tags": "",
}


class BucketObject(Kind):
    """An object, from a file, a text or base64. Its id is BUCKET/KEY."""

    urn_type = "aws:s3/bucketObjectv2:BucketObjectv2"
    service = "s3"
    name = Name(prop="key", longest=0, random=0)
    defaults: ClassVar[Table] = {"forceDestroy": False}
    replaces = frozenset({"bucket", "key"})
    conflicts = (("content", "contentBase64", "source"), ("etag", "kmsKeyId"))
    quiet = frozenset({"checksumAlgorithm"})

    def unsettled(self, changed: set[str], inputs: Table) -> set[str]:
        """Tell that new content is a new version with other sums."""
        if not changed & {"content", "contentBase64", "etag", "source", "sourceHash"}:
            return set()
        return {"etag", "versionId", *(each for each in self.schema.outputs if each.startswith("checksum"))} - {*inputs}

    def create(self, call: Call) -> str:
        """Put."""
        self._put(call)
        return f"{call.inputs['bucket']}/{call.inputs['key']}"

    def read(self, call: Call) -> dict[str, Any] | None:
        """Look at the object without fetching it."""
        client = call.client("s3")
        bucket, _, key = call.id.removeprefix("s3://").partition("/")
        described = client.head_object(Bucket=bucket, Key=key)
        tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        types = {prop: of for prop, of in self.schema.properties.items() if prop not in ("source", "content", "tags")}
        return {
            "__id": f"{bucket}/{key}",
            **api_parameters.properties(types, described, SENT),
            **tagged(api_parameters.unpaired(tags)),
            "arn": f"arn:{call.cloud.partition}:s3:::{bucket}/{key}",
            "bucket": bucket,
            "etag": described["ETag"].strip('"'),
            "key": key,
            "region": client.meta.region_name,
            "storageClass": described.get("StorageClass") or "STANDARD",
            "versionId": described.get("VersionId", ""),
        }

    def update(self, call: Call) -> None:
        """Put again: content and settings come together."""
        self._put(call)

    def delete(self, call: Call) -> None:
        """Delete; where the bucket keeps versions, all of them."""
        client = call.client("s3")
        bucket, _, key = call.id.partition("/")
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if each["Key"] == key:
                    client.delete_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])
        client.delete_object(Bucket=bucket, Key=key)

    def _put(self, call: Call) -> None:
        client, inputs = call.client("s3"), call.inputs
        params = api_parameters.parameters(client, "put_object", inputs, SENT)
        if not inputs.get("contentType"):
            params["ContentType"] = mimetypes.guess_type(inputs["key"])[0] or "application/octet-stream"
        if inputs.get("tagsAll"):
            params["Tagging"] = urlencode(inputs["tagsAll"])
        client.put_object(**{**params, "Body": _body(inputs)})


def _body(inputs: Table) -> bytes:
    source = inputs.get("source")
    if isinstance(source, Asset):
        return archive.zipped(source) if source.kind == "archive" else archive.content(source)
    if "contentBase64" in inputs:
        return base64.b64decode(inputs["contentBase64"])
    return str(inputs.get("content", "")).encode()


KINDS = (BucketObject(),)
