"""The versions of a layer that exist now. Every decision starts from them, never from an earlier answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.publish.aws.aws_errors import AwsError, aws_call
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes, hexadecimal
from constructs_lib.core.publish.ownership import UNMARKED, Mark, read_description

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from constructs_lib.core.publish.aws.services import AwsServices


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A layer version as AWS lists it, its description without the mark."""

    layer_name: str
    number: int
    arn: str
    attributes: LayerAttributes
    mark: Mark = UNMARKED

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


class VerifiedVersion(NamedTuple):
    """A live version, and the sha256 of its zip (hexadecimal) as Lambda reports it."""

    version: LiveVersion
    layer_sha256: str

    @classmethod
    def read(cls, layer_name: str, answer: Mapping[str, Any]) -> VerifiedVersion:
        """Read the answer of GetLayerVersion or PublishLayerVersion."""
        sha256 = hexadecimal(answer["Content"].get("CodeSha256", ""))
        return cls(LiveVersion.read(layer_name, answer), sha256)


def list_live_versions(services: AwsServices, layer_name: str) -> list[LiveVersion]:
    """Return all live versions of every page, the newest first; none when the layer does not exist."""
    pages = services.lambda_.get_paginator("list_layer_versions").paginate(LayerName=layer_name)
    try:
        with aws_call("lambda:ListLayerVersions", f"layer {layer_name}"):
            versions = [
                LiveVersion.read(layer_name, item) for page in pages for item in page["LayerVersions"]
            ]
    except AwsError as error:
        if error.missing:
            return []
        raise
    return sorted(versions, key=lambda version: version.number, reverse=True)


def get_live_version(services: AwsServices, layer_name: str, number: int) -> VerifiedVersion | None:
    """Return one version with its hash; None when it does not exist."""
    try:
        with aws_call("lambda:GetLayerVersion", f"layer {layer_name} version {number}"):
            answer = services.lambda_.get_layer_version(LayerName=layer_name, VersionNumber=number)
    except AwsError as error:
        if error.missing:
            return None
        raise
    return VerifiedVersion.read(layer_name, answer)


def delete_version(services: AwsServices, layer_name: str, number: int) -> None:
    """Delete one version; an absent one is no error."""
    try:
        with aws_call("lambda:DeleteLayerVersion", f"layer {layer_name} version {number}"):
            services.lambda_.delete_layer_version(LayerName=layer_name, VersionNumber=number)
    except AwsError as error:
        if not error.missing:
            raise
