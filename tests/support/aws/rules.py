"""What AWS refuses and the emulators accept. The limits are those of botocore's models and of the S3 guide."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

UNZIPPED = 262_144_000
"""Bytes that a layer version may have unzipped (the quotas' 250 MB)."""

METADATA = 2048
PAGE = 50
"""Versions on one page of ListLayerVersions."""

_ARCHITECTURES = {"x86_64", "arm64"}
_RUNTIMES = {f"python3.{minor}" for minor in range(6, 16)} | {"nodejs22.x", "java21", "provided.al2023"}


class Refusal(NamedTuple):
    """An error answer."""

    status: int
    code: str
    message: str


def refuse_publish(layer_name: str, request: Mapping[str, Any]) -> Refusal | None:
    """Names, lengths, counts and enumerations of PublishLayerVersion."""
    runtimes = request.get("CompatibleRuntimes", [])
    architectures = request.get("CompatibleArchitectures", [])
    wrong = {
        "layerName": not re.fullmatch(r"[a-zA-Z0-9_-]{1,140}", layer_name),
        "description": len(request.get("Description", "")) > 256,
        "licenseInfo": len(request.get("LicenseInfo", "")) > 512,
        "compatibleRuntimes": len(runtimes) > 15 or not _RUNTIMES.issuperset(runtimes),
        "compatibleArchitectures": len(architectures) > 2 or not _ARCHITECTURES.issuperset(architectures),
    }
    named = [name for name, is_wrong in wrong.items() if is_wrong]
    if named:
        return Refusal(400, "ValidationException", f"Value at '{named[0]}' failed to satisfy constraint")
    return None


@cache
def refuse_zip(content: bytes) -> Refusal | None:
    """Only a zip that is small enough unzipped becomes a layer."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        text = "Could not unzip uploaded file. Please check your file, then try to upload again."
        return Refusal(400, "InvalidParameterValueException", text)
    if size > UNZIPPED:
        text = f"Unzipped size must be smaller than {UNZIPPED} bytes"
        return Refusal(400, "InvalidParameterValueException", text)
    return None


def no_object(code: str) -> Refusal:
    """PublishLayerVersion reads the object with the caller's credentials, and passes S3's own code on."""
    text = f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: not found"
    return Refusal(400, "InvalidParameterValueException", text)


def refuse_metadata(metadata: Mapping[str, str]) -> Refusal | None:
    """At most 2 KB of names and values."""
    if sum(len(name) + len(value) for name, value in metadata.items()) > METADATA:
        return Refusal(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed size")
    return None


def refuse_if_match(wanted: str | None, standing: str | None) -> Refusal | None:
    """Refuse where the expected ETag is not that of the object."""
    if not wanted:
        return None
    if standing is None:
        return Refusal(404, "NoSuchKey", "The specified key does not exist.")
    if wanted.strip('"') != standing.strip('"'):
        return Refusal(412, "PreconditionFailed", "At least one of the pre-conditions did not hold")
    return None


@cache
def zip_of(content: str) -> bytes:
    """Make a real zip, the same for the same content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/content.txt"), content)
    return buffer.getvalue()
