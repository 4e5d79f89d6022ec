"""`Custom::PythonFunctionArtifact`: its id is the S3 URI of a function's zip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.publish.companion import SBOM_TYPE, Companion
from constructs_lib.core.publish.function import FunctionSpec, ensure_function, remove_function
from constructs_lib.core.publish.layout import SBOM_NAME
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import FILE_NAME, Properties
from constructs_lib.handler.source_events import VERSION, to_remove

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.handler.request import Request


def ensure(services: AwsServices, request: Request) -> Outcome:
    """Handle Create and Update: afterwards zip, lock file and SBOM are in their places."""
    spec = read_spec(request)
    laid_out = ensure_function(services, spec)
    location = laid_out.zip
    data = {
        "Bucket": location.bucket,
        "Key": location.key,
        "S3Uri": location.uri,
        "FunctionVersion": spec.source_version,
        "FunctionSha256": spec.source_sha256,
        # An address is named only if its object is there.
        **{
            "SbomUri" if name == SBOM_NAME else "ManifestUri": place.uri
            for name, place in laid_out.companions.items()
        },
    }
    return Outcome(location.uri, data)


def remove(services: AwsServices, request: Request) -> None:
    """Delete the folder of the zip that the id names, if it is this resource's and is to be destroyed."""
    spec = to_remove(request, read_spec)
    if spec is not None:
        remove_function(services, spec)


def read_spec(request: Request) -> FunctionSpec:
    """Read and check all properties."""
    properties = Properties(request.properties)
    properties.check_schema()
    manifest = properties.asset("ManifestAssetBucket", "ManifestAssetKey")
    sbom = properties.asset("SbomAssetBucket", "SbomAssetKey")
    return FunctionSpec(
        s3dir_lambda=properties.s3dir_lambda(request),
        asset=properties.asset("AssetBucket", "AssetKey"),
        source_sha256=properties.hexadecimal("FunctionSha256", 64),
        source_version=properties.text("FunctionVersion", *VERSION),
        owner=request.owner,
        removal_policy=properties.removal_policy(),
        companions={
            properties.text("ManifestName", *FILE_NAME): Companion(
                "lock file", manifest, properties.hexadecimal("ManifestSha256", 64)
            ),
            SBOM_NAME: Companion("SBOM", sbom, properties.hexadecimal("SbomSha256", 64), SBOM_TYPE),
        },
    )
