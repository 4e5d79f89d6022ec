"""moto's S3 and layers, but refusing what AWS refuses and moto accepts, and paging where AWS pages."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from tests.support.aws_faults import refuse, respond

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_s3 import S3Client

PAGE = 50


def send_to_moto(request: AWSPreparedRequest) -> AWSResponse:
    answer = botocore_stubber("before-send", request)
    assert answer is not None
    return answer


class StrictMoto:
    """Answers requests. `s3` is a plain client that nobody counts or disturbs."""

    def __init__(self, s3: S3Client) -> None:
        self._s3 = s3
        self._rules = {
            "lambda.PublishLayerVersion": self._publish,
            "lambda.ListLayerVersions": self._list_versions,
            "s3.CopyObject": self._copy,
            "s3.PutObject": self._metadata,
        }

    def send(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        rule = self._rules.get(operation)
        return (rule(request) if rule else None) or send_to_moto(request)

    def _publish(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """Publish from an object that exists, in the version asked for, with texts of legal length."""
        wanted = _body(request)
        if len(wanted.get("Description", "")) > 256 or len(wanted.get("LicenseInfo", "")) > 512:
            return _no(request, "ValidationException", "text too long")
        if not re.search(r"/layers/[a-zA-Z0-9_-]{1,140}/versions$", urlsplit(request.url).path):
            return _no(request, "ValidationException", "bad layer name")
        content = wanted["Content"]
        try:
            newest = self._s3.head_object(Bucket=content["S3Bucket"], Key=content["S3Key"])
            version = content.get("S3ObjectVersion")
            if version and version != newest.get("VersionId"):
                return self._publish_version(request, content, version)
        except ClientError as error:
            message = f"Error occurred while GetObject. S3 Error Code: {error.response['Error']['Code']}"
            return _no(request, "InvalidParameterValueException", message)
        return None

    def _publish_version(
        self, request: AWSPreparedRequest, content: dict[str, str], version: str
    ) -> AWSResponse:
        """Publish the pinned version's bytes, which moto would not look for."""
        body = self._s3.get_object(Bucket=content["S3Bucket"], Key=content["S3Key"], VersionId=version)[
            "Body"
        ].read()
        wanted = _body(request)
        wanted["Content"] = {"ZipFile": base64.b64encode(body).decode()}
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
        expected = _header(request, "x-amz-copy-source-if-match")
        if expected:
            bucket, _, key = unquote(_header(request, "x-amz-copy-source")).lstrip("/").partition("/")
            try:
                found = self._s3.head_object(Bucket=bucket, Key=key)["ETag"]
            except ClientError:
                return None
            if found != expected:
                return _no(request, "PreconditionFailed", status=412)
        return self._metadata(request)

    def _metadata(self, request: AWSPreparedRequest) -> AWSResponse | None:
        """At most 2 KB of metadata."""
        size = sum(
            len(name) - len("x-amz-meta-") + len(_header(request, name))
            for name in request.headers
            if name.lower().startswith("x-amz-meta-")
        )
        return _no(request, "MetadataTooLarge") if size > 2048 else None


def _header(request: AWSPreparedRequest, name: str) -> str:
    value: Any = request.headers.get(name, "")
    return value.decode() if isinstance(value, bytes) else str(value)


def _body(request: AWSPreparedRequest) -> dict[str, Any]:
    body: Any = request.body
    read: dict[str, Any] = json.loads(body)
    return read


def _no(request: AWSPreparedRequest, code: str, message: str = "", status: int = 400) -> AWSResponse:
    return refuse(status, code, message)(request, send_to_moto)
