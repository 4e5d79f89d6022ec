"""S3 and Lambda's layers in memory: hundreds of times as fast as moto, and compared with it by a test.

The clients take the place of boto3's. What a real client does between the call and the wire, they do
as well: they send a request up to `attempts` times, and every send goes through `gate`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.response import StreamingBody

from tests.support.aws.rules import (
    PAGE,
    Refusal,
    no_object,
    refuse_if_match,
    refuse_metadata,
    refuse_publish,
    refuse_zip,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Params = dict[str, Any]
_RETRIED = {429, 500, 502, 503, 504}
_LAYER_ARN = "arn:aws:lambda:eu-west-1:123456789012:layer"


class Refused(ClientError):  # noqa: N818 - it is botocore's error with a short way to make one
    """AWS's error answer."""

    def __init__(self, operation: str, status: int, code: str, message: str = "") -> None:
        meta = {"HTTPStatusCode": status, "RequestId": "r", "HTTPHeaders": {}}
        answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}
        super().__init__(answer, operation)
        self.status = status


@dataclass(frozen=True)
class StoredObject:
    body: bytes
    metadata: dict[str, str]
    version: str
    has_checksum: bool = False
    """Its writer asked for a SHA-256, which S3 then keeps and names."""

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body).hexdigest()}"'  # noqa: S324

    @property
    def sha256(self) -> str:
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()


@dataclass
class MemoryAws:
    """One account and region. Every bucket in `buckets` has versions."""

    buckets: tuple[str, ...]
    objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    old: dict[tuple[str, str, str], StoredObject] = field(default_factory=dict)
    layers: dict[str, dict[int, Params]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    functions: list[Params] = field(default_factory=list)
    writes: int = 0

    def call(self, operation: str, params: Params) -> Params:
        """Answer one request, or raise `Refused`."""
        answer: Params = getattr(self, "_" + re.sub(r"(?<!^)([A-Z])", r"_\1", operation).lower())(params)
        return answer

    # S3

    def _find(self, operation: str, params: Params, head: bool = False) -> StoredObject:
        bucket, key, version = params["Bucket"], params["Key"], params.get("VersionId")
        found = self.old.get((bucket, key, version)) if version else self.objects.get((bucket, key))
        if found is not None:
            return found
        if head:
            raise Refused(operation, 404, "404", "Not Found")
        if bucket not in self.buckets:
            raise Refused(operation, 404, "NoSuchBucket")
        raise Refused(operation, 404, "NoSuchVersion" if version else "NoSuchKey")

    def _head_object(self, params: Params) -> Params:
        found = self._find("HeadObject", params, head=True)
        head = {"ETag": found.etag, "Metadata": dict(found.metadata), "VersionId": found.version}
        named = found.has_checksum and params.get("ChecksumMode") == "ENABLED"
        return head | ({"ChecksumSHA256": found.sha256} if named else {})

    def _get_object(self, params: Params) -> Params:
        found = self._find("GetObject", params)
        _obey("GetObject", refuse_if_match(params.get("IfMatch"), found.etag))
        body = StreamingBody(io.BytesIO(found.body), len(found.body))
        return {"ETag": found.etag, "Metadata": dict(found.metadata), "Body": body}

    def _put_object(self, params: Params) -> Params:
        standing = self.objects.get((params["Bucket"], params["Key"]))
        _obey("PutObject", refuse_if_match(params.get("IfMatch"), standing.etag if standing else None))
        _obey("PutObject", refuse_metadata(params.get("Metadata", {})))
        if params["Bucket"] not in self.buckets:
            raise Refused("PutObject", 404, "NoSuchBucket")
        if params.get("IfNoneMatch") == "*" and standing:
            raise Refused("PutObject", 412, "PreconditionFailed")
        new = self._write(params, params["Body"])
        return {"ETag": new.etag, "VersionId": new.version}

    def _copy_object(self, params: Params) -> Params:
        there = self.objects.get((params["CopySource"]["Bucket"], params["CopySource"]["Key"]))
        _obey("CopyObject", refuse_if_match(params.get("CopySourceIfMatch"), there.etag) if there else None)
        _obey("CopyObject", refuse_metadata(params.get("Metadata", {})))
        if params["Bucket"] not in self.buckets:
            raise Refused("CopyObject", 404, "NoSuchBucket")
        source = self._find("CopyObject", params["CopySource"])
        new = self._write(params, source.body)
        return {"VersionId": new.version, "CopyObjectResult": {"ChecksumSHA256": new.sha256}}

    def _write(self, params: Params, body: bytes) -> StoredObject:
        metadata = {name.lower(): value for name, value in params.get("Metadata", {}).items()}
        self.writes += 1
        has_checksum = params.get("ChecksumAlgorithm") == "SHA256"
        new = StoredObject(body, metadata, f"v{self.writes}", has_checksum)
        bucket, key = params["Bucket"], params["Key"]
        self.objects[bucket, key] = self.old[bucket, key, new.version] = new
        return new

    def _delete_object(self, params: Params) -> Params:
        if params["Bucket"] not in self.buckets:
            raise Refused("DeleteObject", 404, "NoSuchBucket")
        self.objects.pop((params["Bucket"], params["Key"]), None)
        return {}

    def _list_objects_v2(self, params: Params) -> Params:
        if params["Bucket"] not in self.buckets:
            raise Refused("ListObjectsV2", 404, "NoSuchBucket")
        prefix = params.get("Prefix", "")
        keys = sorted(
            key for bucket, key in self.objects if bucket == params["Bucket"] and key.startswith(prefix)
        )
        return {"Contents": [{"Key": key} for key in keys[: params.get("MaxKeys", 1000)]]}

    # Lambda

    def _publish_layer_version(self, params: Params) -> Params:
        name, content = params["LayerName"], params["Content"]
        _obey("PublishLayerVersion", refuse_publish(name, params))
        where = {"Bucket": content["S3Bucket"], "Key": content["S3Key"]}
        try:
            stored = self._find("GetObject", where | {"VersionId": content.get("S3ObjectVersion")})
        except Refused as error:
            _obey("PublishLayerVersion", no_object(error.response["Error"]["Code"]))
            raise
        _obey("PublishLayerVersion", refuse_zip(stored.body))
        self.numbers[name] += 1
        number = self.numbers[name]
        attributes = ("Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures")
        version = {key: params[key] for key in attributes if key in params}
        version |= {
            "Version": number,
            "LayerVersionArn": f"{_LAYER_ARN}:{name}:{number}",
            "Content": {"CodeSha256": stored.sha256, "CodeSize": len(stored.body)},
        }
        self.layers.setdefault(name, {})[number] = version
        return dict(version)

    def _list_layer_versions(self, params: Params) -> Params:
        if params["LayerName"] not in self.layers:
            return {"LayerVersions": []}
        start, live = int(params.get("Marker", "0")), self.layers[params["LayerName"]]
        listed = [live[number] for number in sorted(live, reverse=True)]
        page: Params = {
            "LayerVersions": [
                {key: value for key, value in version.items() if key != "Content"}
                for version in listed[start : start + PAGE]
            ]
        }
        if start + PAGE < len(listed):
            page["NextMarker"] = str(start + PAGE)
        return page

    def _get_layer_version(self, params: Params) -> Params:
        try:
            return dict(self.layers[params["LayerName"]][params["VersionNumber"]])
        except KeyError:
            raise Refused("GetLayerVersion", 404, "ResourceNotFoundException") from None

    def _delete_layer_version(self, params: Params) -> Params:
        if params["LayerName"] not in self.layers:
            raise Refused("DeleteLayerVersion", 404, "ResourceNotFoundException")
        self.layers[params["LayerName"]].pop(params["VersionNumber"], None)
        return {}

    def _list_functions(self, _params: Params) -> Params:
        return {"Functions": list(self.functions)}


def _obey(operation: str, refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(operation, *refusal)


@dataclass
class MemoryClient:
    """Stands in for a boto3 client of S3 or of Lambda; `gate` sees every send and may disturb it."""

    aws: MemoryAws
    attempts: int
    gate: Callable[[str, Params, Callable[[], Params]], Params]

    def __getattr__(self, method: str) -> Callable[..., Params]:
        if method.startswith("__"):
            raise AttributeError(method)
        operation = "".join(part.capitalize() for part in method.split("_"))
        return lambda **params: self._send(operation, params)

    def _send(self, operation: str, params: Params) -> Params:
        for attempt in range(1, self.attempts + 1):
            try:
                return self.gate(operation, params, lambda: self.aws.call(operation, params))
            except Refused as error:
                if error.status not in _RETRIED or attempt == self.attempts:
                    raise
            except HTTPClientError:
                if attempt == self.attempts:
                    raise
        raise AssertionError

    def get_paginator(self, method: str) -> MemoryPaginator:
        return MemoryPaginator(getattr(self, method))


@dataclass
class MemoryPaginator:
    method: Callable[..., Params]

    def paginate(self, **params: Any) -> Iterator[Params]:
        while True:
            page = self.method(**params)
            yield page
            if "NextMarker" not in page:
                return
            params = params | {"Marker": page["NextMarker"]}
