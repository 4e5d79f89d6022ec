"""The versions of a layer that exist now; only they decide, never what was answered before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.publish.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.model import LayerAttributes, read_description

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from constructs_lib.core.publish.tools import Tools


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A layer version as AWS lists it. `mark` names who may delete it, "" when nobody may."""

    layer_name: str
    number: int
    arn: str
    attributes: LayerAttributes
    mark: str

    @classmethod
    def read(cls, layer_name: str, item: Mapping[str, Any]) -> LiveVersion:
        """Read one item of ListLayerVersions or the answer of GetLayerVersion."""
        description, mark = read_description(item.get("Description") or "")
        attributes = LayerAttributes(
            tuple(item.get("CompatibleRuntimes") or ()),
            tuple(item.get("CompatibleArchitectures") or ()),
            description,
            item.get("LicenseInfo") or "",
        )
        return cls(layer_name, item["Version"], item["LayerVersionArn"], attributes, mark)


def list_live_versions(tools: Tools, layer_name: str) -> list[LiveVersion]:
    """List all live versions, every page, the newest first; none when the layer does not exist."""
    pages = tools.lambda_.get_paginator("list_layer_versions").paginate(LayerName=layer_name)
    try:
        with aws_call("lambda:ListLayerVersions", f"layer {layer_name}"):
            found = [LiveVersion.read(layer_name, item) for page in pages for item in page["LayerVersions"]]
    except AwsError as error:
        if error.missing:
            return []
        raise
    return sorted(found, key=lambda version: version.number, reverse=True)


def get_live_version(tools: Tools, layer_name: str, number: int) -> tuple[LiveVersion, str] | None:
    """Get one version with its `CodeSha256` (base64); None when it is gone."""
    try:
        with aws_call("lambda:GetLayerVersion", f"layer {layer_name} version {number}"):
            answer = tools.lambda_.get_layer_version(LayerName=layer_name, VersionNumber=number)
    except AwsError as error:
        if error.missing:
            return None
        raise
    return LiveVersion.read(layer_name, answer), answer["Content"].get("CodeSha256", "")


def delete_version(tools: Tools, layer_name: str, number: int) -> None:
    """Delete one version; gone already is fine."""
    try:
        with aws_call("lambda:DeleteLayerVersion", f"layer {layer_name} version {number}"):
            tools.lambda_.delete_layer_version(LayerName=layer_name, VersionNumber=number)
    except AwsError as error:
        if not error.missing:
            raise
