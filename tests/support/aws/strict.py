"""moto's S3 and layers, but refusing what AWS refuses and moto accepts, and paging where AWS pages."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from tests.support.aws.faults import refuse, respond
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
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_s3 import S3Client


def send_to_moto(request: AWSPreparedRequest) -> AWSResponse:
    answer = botocore_stubber("before-send", request)
    assert answer is not None
    return answer


class StrictMoto:
    """Answers requests. `s3` is a plain client that nobody counts or disturbs.

    `publishes` is how many more versions may be published before AWS asks to come back in `retry_after`
    seconds; None is without end.
    """

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3
        self.publishes: int | None = None
        self.retry_after = 0
        self._rules = {
            "lambda.PublishLayerVersion": self._publish,
            "lambda.ListLayerVersions": self._list_versions,
            "cloudformation.ListStacks": _list_no_stacks,
            "s3.CopyObject": self._copy,
            "s3.PutObject": self._put,
        }

    def send(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        rule = self._rules.get(operation)
        return (rule(request) if rule else None) or send_to_moto(request)

    def _publish(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Publish from a zip that exists, in the version asked for, with attributes that AWS knows."""
        if self.publishes == 0:
            self.publishes = None
            refused = refuse(429, "TooManyRequestsException", retry_after=str(self.retry_after))
            return refused(request, send_to_moto)
        if self.publishes is not None:
            self.publishes -= 1
        name = unquote(urlsplit(request.url).path.split("/layers/")[1].rpartition("/")[0])
        if refusal := refuse_publish(name, _body(request)):
            return _no(request, refusal)
        content = _body(request)["Content"]
        where = {"Bucket": content["S3Bucket"], "Key": content["S3Key"]}
        version = content.get("S3ObjectVersion")
        try:
            newest = self._s3.head_object(**where)
            found = self._s3.get_object(**where, **({"VersionId": version} if version else {}))
        except ClientError as error:
            return _no(request, no_object(error.response["Error"]["Code"]))
        bytes_ = found["Body"].read()
        if refusal := refuse_zip(bytes_):
            return _no(request, refusal)
        if version and version != newest.get("VersionId"):
            return self._publish_bytes(request, bytes_)
        return None

    def _publish_bytes(self, request: AWSPreparedRequest, content: bytes) -> AWSResponse:
        """Publish the pinned version's bytes, which moto would not look for."""
        wanted = _body(request)
        wanted["Content"] = {"ZipFile": base64.b64encode(content).decode()}
        request.body = json.dumps(wanted).encode()
        return send_to_moto(request)

    def _list_versions(self, request: AWSPreparedRequest) -> AWSResponse:
        """At most 50 versions a page."""
        start = int(parse_qs(urlsplit(request.url).query).get("Marker", ["0"])[0])
        answer = send_to_moto(request)
        versions = json.loads(answer.content)["LayerVersions"]
        page: dict[str, Any] = {"LayerVersions": versions[start : start + PAGE]}
        if start + PAGE < len(versions):
            page["NextMarker"] = str(start + PAGE)
        return respond(request, 200, {"content-type": "application/json"}, json.dumps(page).encode())

    def _copy(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Obey CopySourceIfMatch."""
        bucket, _, key = unquote(_header(request, "x-amz-copy-source")).lstrip("/").partition("/")
        standing = self._etag(bucket, key)
        refusal = refuse_if_match(_header(request, "x-amz-copy-source-if-match"), standing)
        if refusal and standing is not None:
            return _no(request, refusal)
        return self._write(request)

    def _put(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Compare the checksum that came with the bytes."""
        told = _header(request, "x-amz-checksum-sha256")
        if told and told != base64.b64encode(hashlib.sha256(_bytes(request)).digest()).decode():
            return _no(request, Refusal(400, "BadDigest", "The SHA256 you specified did not match"))
        return self._write(request)

    def _write(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Obey IfMatch; at most 2 KB of ASCII metadata."""
        if expected := _header(request, "if-match"):
            bucket, _, key = _place(request)
            if refusal := refuse_if_match(expected, self._etag(bucket, key)):
                return _no(request, refusal)
        metadata = {
            name.lower().removeprefix("x-amz-meta-"): _header(request, name)
            for name in request.headers
            if name.lower().startswith("x-amz-meta-")
        }
        refusal = refuse_metadata(metadata)
        return _no(request, refusal) if refusal else None

    def _etag(self, bucket: str, key: str) -> str | None:
        try:
            return self._s3.head_object(Bucket=bucket, Key=key)["ETag"]
        except ClientError:
            return None


def _list_no_stacks(request: AWSPreparedRequest) -> AWSResponse:
    """No test has stacks in moto; one that needs some answers in its place."""
    body = b"<ListStacksResponse><ListStacksResult><StackSummaries/></ListStacksResult></ListStacksResponse>"
    return respond(request, 200, {"content-type": "text/xml"}, body)


def _place(request: AWSPreparedRequest) -> tuple[str, str, str]:
    """Bucket and key of a request, whichever way the bucket is written."""
    parts = urlsplit(request.url)
    bucket, _, _ = (parts.hostname or "").partition(".s3.")
    if bucket != parts.hostname:
        return bucket, "/", unquote(parts.path.lstrip("/"))
    return unquote(parts.path.lstrip("/")).partition("/")


def _header(request: AWSPreparedRequest, name: str) -> str:
    value: Any = request.headers.get(name, "")
    return value.decode() if isinstance(value, bytes) else str(value)


def _bytes(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body
    if hasattr(body, "read"):
        start = body.tell()
        body, source = body.read(), body
        source.seek(start)
    return body or b""


def _body(request: AWSPreparedRequest) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_bytes(request))
    return read


def _no(request: AWSPreparedRequest, refusal: Refusal) -> AWSResponse:
    return refuse(refusal.status, refusal.code, refusal.message)(request, send_to_moto)
