"""`Custom::PythonSourceArtifact`: its id is the S3 URI of a source zip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.source import WantedSource, ensure_source, remove_source
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import Properties

if TYPE_CHECKING:
    from constructs_lib.core.publish.tools import Tools
    from constructs_lib.handler.request import Request

_VERSION = (r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,99}", "a version: letters, digits and .+!_-")


def ensure(tools: Tools, request: Request) -> Outcome:
    """Create and Update: afterwards the zip lies in its place."""
    wanted = read_wanted(request)
    location = ensure_source(tools, wanted)
    data = {
        "Bucket": location.bucket,
        "Key": location.key,
        "S3Uri": location.uri,
        "SourceVersion": wanted.source_version,
        "SourceSha256": wanted.source_sha256,
    }
    return Outcome(location.uri, data)


def remove(tools: Tools, request: Request) -> None:
    """Delete what the id names if that is this resource's zip and is to be destroyed."""
    if not request.physical_id.startswith("s3://"):
        tools.log("nothing to delete: the id names no object")
    elif not Properties(request.properties).may_delete():
        tools.log(f"retained: {request.physical_id}")
    else:
        wanted = read_wanted(request)
        if wanted.location.uri == request.physical_id:
            remove_source(tools, wanted.location, wanted.owner)
        else:
            tools.log(f"nothing to delete: {request.physical_id} is not where this resource put its zip")


def read_wanted(request: Request) -> WantedSource:
    """Read and check all properties."""
    properties = Properties(request.properties)
    properties.check_schema()
    return WantedSource(
        s3dir_lambda=properties.s3dir_lambda(),
        asset=properties.asset("AssetBucket", "AssetKey"),
        source_sha256=properties.hexadecimal("SourceSha256", 64),
        source_version=properties.text("SourceVersion", *_VERSION),
        owner=request.owner,
        removal_policy=properties.removal_policy(),
    )
