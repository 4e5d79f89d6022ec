"""`Custom::PythonLayerArtifact`: its id is the ARN of a layer version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import (
    LAYER_NAME_PATTERN,
    LAYER_NAME_RULE,
    LICENSE_LENGTH,
    MOST_ARCHITECTURES,
    MOST_RUNTIMES,
)
from constructs_lib.core.log import log
from constructs_lib.core.publish.aws.arn import LayerVersionArn
from constructs_lib.core.publish.layers.ensure import ensure_layer
from constructs_lib.core.publish.layers.layer_removal import LayerRemoval
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, LayerSpec, code_sha256
from constructs_lib.core.publish.layers.remove import remove_layer
from constructs_lib.core.publish.ownership import earlier_description_limit
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import FILE_NAME, Properties

if TYPE_CHECKING:
    from constructs_lib.core.publish.aws.services import AwsServices
    from constructs_lib.core.publish.layers.layer_deployment import LayerDeployment
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.ownership import RemovalPolicy
    from constructs_lib.handler.request import Request

_LAYER_NAME = (LAYER_NAME_PATTERN, f"a layer name: {LAYER_NAME_RULE}")


def ensure(services: AwsServices, request: Request) -> Outcome:
    """Handle Create and Update: afterwards a live version is what the properties say."""
    spec = read_spec(request)
    return answer(ensure_layer(services, spec, request.physical_id), spec.fingerprint)


def remove(services: AwsServices, request: Request) -> None:
    """Delete the version that the id names, if it is one of this layer, here, and is to be destroyed."""
    arn = LayerVersionArn.parse(request.physical_id)
    properties = Properties(request.properties)
    if arn is None or arn.environment != request.environment:
        log.info("nothing to delete: the id names no layer version of this account and region")
    elif not properties.may_delete():
        log.info("retained: %s", arn)
    elif arn.layer_name != properties.text("LayerName", *_LAYER_NAME):
        log.info("nothing to delete: %s is of another layer", arn)
    else:
        remove_layer(services, _read_removal(request, properties, arn))


def read_spec(request: Request) -> LayerSpec:
    """Read and check all properties (step 1)."""
    properties = Properties(request.properties)
    properties.check_schema()
    removal_policy = properties.removal_policy()
    # Used by Delete only, but a wrong value must not be refused only when the stack is deleted.
    properties.number("KeepVersions", at_least=2, default=0)
    return LayerSpec(
        layer_name=properties.text("LayerName", *_LAYER_NAME),
        s3dir_lambda=properties.s3dir_lambda(request),
        zip_asset=properties.asset("AssetBucket", "AssetKey"),
        layer_sha256=properties.hexadecimal("LayerSha256", 64),
        manifest_name=properties.text("ManifestName", *FILE_NAME),
        manifest=properties.asset("ManifestAssetBucket", "ManifestAssetKey"),
        manifest_md5=properties.hexadecimal("ManifestMd5", 32),
        fingerprint=properties.hexadecimal("Fingerprint", 64),
        attributes=_read_attributes(properties, removal_policy),
        owner=request.owner,
        removal_policy=removal_policy,
        sbom=_read_sbom(properties),
        # Templates of earlier releases name neither hash.
        manifest_sha256=properties.hexadecimal("ManifestSha256", 64, default=""),
        sbom_sha256=properties.hexadecimal("SbomSha256", 64, default=""),
    )


def _read_sbom(properties: Properties) -> S3Location | None:
    """Return the SBOM's asset; None for a template of a release that made no SBOM."""
    return properties.asset("SbomAssetBucket", "SbomAssetKey") if properties.has("SbomAssetKey") else None


def _read_attributes(properties: Properties, removal_policy: RemovalPolicy) -> LayerAttributes:
    return LayerAttributes(
        compatible_runtimes=properties.texts("CompatibleRuntimes", most=MOST_RUNTIMES),
        compatible_architectures=properties.texts("CompatibleArchitectures", most=MOST_ARCHITECTURES),
        description=properties.free_text("Description", longest=earlier_description_limit(removal_policy)),
        license_info=properties.free_text("LicenseInfo", longest=LICENSE_LENGTH),
    )


def _read_removal(request: Request, properties: Properties, arn: LayerVersionArn) -> LayerRemoval:
    properties.check_schema()
    return LayerRemoval(
        arn=arn,
        s3dir_lambda=properties.s3dir_lambda(request),
        manifest_name=properties.text("ManifestName", *FILE_NAME),
        owner=request.owner,
        keep_versions=properties.number("KeepVersions", at_least=2, default=0),
        request_id=request.request_id,
    )


def answer(deployment: LayerDeployment, fingerprint: str) -> Outcome:
    """Return the id and the attributes of the resource, the indispensable ones first.

    An address is named only if its object is there.
    """
    arn = deployment.layer_version_arn
    data = {
        "LayerVersionArn": arn,
        "LayerArn": arn.rpartition(":")[0],
        "LayerVersion": str(deployment.layer_version),
        "CodeSha256": code_sha256(deployment.layer_sha256),
        "Fingerprint": fingerprint,
        **({"ManifestUri": deployment.s3path_manifest.uri} if deployment.is_recorded else {}),
        **({"SbomUri": deployment.s3path_sbom.uri} if deployment.s3path_sbom else {}),
        "IsNew": "true" if deployment.is_new else "false",
    }
    return Outcome(arn, data)
