"""`Custom::PythonLayerArtifact`: its id is the ARN of a layer version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core.publish.arn import LayerVersionArn
from constructs_lib.core.publish.ensure import ensure_layer
from constructs_lib.core.publish.model import (
    OWNER_MARK_LENGTH,
    LayerAttributes,
    LayerRemoval,
    WantedLayer,
    code_sha256,
)
from constructs_lib.core.publish.remove import remove_layer
from constructs_lib.handler.outcome import Outcome
from constructs_lib.handler.properties import Properties

if TYPE_CHECKING:
    from constructs_lib.core.publish.layout import S3Location
    from constructs_lib.core.publish.model import LayerDeployment
    from constructs_lib.core.publish.tools import Tools
    from constructs_lib.handler.request import Request

_LAYER_NAME = (r"[a-zA-Z0-9_-]{1,140}", "a layer name: 1 to 140 letters, digits, - and _")
_FILE_NAME = (r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "a file name")
_DESCRIPTION = 256


def ensure(tools: Tools, request: Request) -> Outcome:
    """Create and Update: afterwards a live version is what the properties say."""
    wanted = read_wanted(request)
    return answer(wanted, ensure_layer(tools, wanted, request.physical_id))


def remove(tools: Tools, request: Request) -> None:
    """Delete what the id names if that is a version of this layer, here, and is to be destroyed."""
    arn = LayerVersionArn.parse(request.physical_id)
    properties = Properties(request.properties)
    if arn is None or arn.place != request.place:
        tools.log("nothing to delete: the id names no layer version of this account and region")
    elif not properties.may_delete():
        tools.log(f"retained: {arn}")
    elif arn.layer_name != properties.text("LayerName", *_LAYER_NAME):
        tools.log(f"nothing to delete: {arn} is of another layer")
    else:
        remove_layer(tools, _read_removal(request, properties, arn))


def read_wanted(request: Request) -> WantedLayer:
    """Read and check all properties (step 1)."""
    properties = Properties(request.properties)
    properties.check_schema()
    removal_policy = properties.removal_policy()
    # Of no use here, but it must not be found wrong only when the stack is deleted.
    properties.number("KeepVersions", at_least=2, default=0)
    return WantedLayer(
        layer_name=properties.text("LayerName", *_LAYER_NAME),
        s3dir_lambda=properties.s3dir_lambda(),
        zip_asset=properties.asset("AssetBucket", "AssetKey"),
        layer_sha256=properties.hexadecimal("LayerSha256", 64),
        manifest_name=properties.text("ManifestName", *_FILE_NAME),
        manifest=properties.asset("ManifestAssetBucket", "ManifestAssetKey"),
        manifest_md5=properties.hexadecimal("ManifestMd5", 32),
        fingerprint=properties.hexadecimal("Fingerprint", 64),
        attributes=_read_attributes(properties, destroyable=removal_policy != "retain"),
        owner=request.owner,
        removal_policy=removal_policy,
        sbom=_read_sbom(properties),
    )


def _read_sbom(properties: Properties) -> S3Location | None:
    """None for a template of a release that made no SBOM."""
    return properties.asset("SbomAssetBucket", "SbomAssetKey") if properties.has("SbomAssetKey") else None


def _read_attributes(properties: Properties, *, destroyable: bool) -> LayerAttributes:
    room = _DESCRIPTION - OWNER_MARK_LENGTH if destroyable else _DESCRIPTION
    return LayerAttributes(
        compatible_runtimes=properties.texts("CompatibleRuntimes", most=15),
        compatible_architectures=properties.texts("CompatibleArchitectures", most=2),
        description=properties.free_text("Description", longest=room),
        license_info=properties.free_text("LicenseInfo", longest=512),
    )


def _read_removal(request: Request, properties: Properties, arn: LayerVersionArn) -> LayerRemoval:
    properties.check_schema()
    return LayerRemoval(
        arn=arn,
        s3dir_lambda=properties.s3dir_lambda(),
        manifest_name=properties.text("ManifestName", *_FILE_NAME),
        owner=request.owner,
        keep_versions=properties.number("KeepVersions", at_least=2, default=0),
        request_id=request.request_id,
    )


def answer(wanted: WantedLayer, deployment: LayerDeployment) -> Outcome:
    """The attributes of the resource, the indispensable first."""
    arn = deployment.layer_version_arn
    sbom = wanted.layout.get_s3path_layer_sbom(deployment.layer_version)
    data = {
        "LayerVersionArn": arn,
        "LayerArn": re.sub(r":\d+$", "", arn),
        "LayerVersion": str(deployment.layer_version),
        "CodeSha256": code_sha256(deployment.layer_sha256),
        "Fingerprint": wanted.fingerprint,
        "ManifestUri": deployment.s3path_manifest.uri,
        **({"SbomUri": sbom.uri} if wanted.sbom is not None else {}),
        "IsNew": "true" if deployment.is_new else "false",
    }
    return Outcome(arn, data)
