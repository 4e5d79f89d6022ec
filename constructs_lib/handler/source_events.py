"""`Custom::PythonSourceArtifact`: its id is the S3 URI of a source zip."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from constructs_lib.core.log import log
from constructs_lib.core.publish.source import SourceSpec, ensure_source, remove_source
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import Properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.handler.request import Request

VERSION = (r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,99}", "a version: letters, digits and .+!_-")

Spec = TypeVar("Spec", bound=SourceSpec)


def ensure(services: AwsServices, request: Request) -> Outcome:
    """Handle Create and Update: afterwards the zip is in its place."""
    spec = read_spec(request)
    location = ensure_source(services, spec)
    data = {
        "Bucket": location.bucket,
        "Key": location.key,
        "S3Uri": location.uri,
        "SourceVersion": spec.source_version,
        "SourceSha256": spec.source_sha256,
    }
    return Outcome(location.uri, data)


def remove(services: AwsServices, request: Request) -> None:
    """Delete the object that the id names, if it is this resource's zip and is to be destroyed."""
    spec = to_remove(request, read_spec)
    if spec is not None:
        remove_source(services, spec.location, spec.owner)


def to_remove(request: Request, read: Callable[[Request], Spec]) -> Spec | None:
    """Return the spec of the zip that the id names, if it is this resource's and is to be destroyed."""
    if not request.physical_id.startswith("s3://"):
        log.info("nothing to delete: the id names no object")
    elif not Properties(request.properties).may_delete():
        log.info("retained: %s", request.physical_id)
    else:
        spec = read(request)
        if spec.location.uri == request.physical_id:
            return spec
        log.info("nothing to delete: %s is not where this resource put its zip", request.physical_id)
    return None


def read_spec(request: Request) -> SourceSpec:
    """Read and check all properties."""
    properties = Properties(request.properties)
    properties.check_schema()
    return SourceSpec(
        s3dir_lambda=properties.s3dir_lambda(request),
        asset=properties.asset("AssetBucket", "AssetKey"),
        source_sha256=properties.hexadecimal("SourceSha256", 64),
        source_version=properties.text("SourceVersion", *VERSION),
        owner=request.owner,
        removal_policy=properties.removal_policy(),
    )
