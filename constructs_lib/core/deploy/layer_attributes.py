"""The attributes of a layer version as a script gives them: keywords of `publish_layer_version`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_lib.core.aws_facts import (
    LAYER_NAME_PATTERN,
    LAYER_NAME_RULE,
    LICENSE_LENGTH,
    MOST_ARCHITECTURES,
    MOST_RUNTIMES,
)
from constructs_lib.core.errors import PublishError
from constructs_lib.core.publish.layers.layer_spec import LayerAttributes
from constructs_lib.core.publish.ownership import description_limit

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYWORDS = ("CompatibleRuntimes", "CompatibleArchitectures", "Description", "LicenseInfo")


def layer_attributes(layer_name: str, keywords: Mapping[str, Any] | None) -> LayerAttributes:
    """Check the keywords of `publish_layer_version` before anything is built, and return them as attributes.

    Raises a PublishError for a name or text that Lambda would refuse, and for a keyword that is not an attribute of a
    layer.
    """
    values = dict(keywords or {})
    if unknown := sorted(set(values) - set(_KEYWORDS)):
        raise PublishError(
            "layer-attribute-unknown",
            f"layer {layer_name}: publish_layer_version_kwargs has {', '.join(unknown)}: "
            f"known are {', '.join(_KEYWORDS)}",
        )
    if not re.fullmatch(LAYER_NAME_PATTERN, layer_name):
        raise PublishError("layer-name-invalid", f"{layer_name!r} is not a layer name: use {LAYER_NAME_RULE}")
    attributes = LayerAttributes(
        tuple(values.get("CompatibleRuntimes") or ()),
        tuple(values.get("CompatibleArchitectures") or ()),
        values.get("Description") or "",
        values.get("LicenseInfo") or "",
    )
    _check(layer_name, "runtimes", attributes.compatible_runtimes, MOST_RUNTIMES)
    _check(layer_name, "architectures", attributes.compatible_architectures, MOST_ARCHITECTURES)
    _check(layer_name, "characters in its description", attributes.description, description_limit("retain"))
    _check(layer_name, "characters in its license", attributes.license_info, LICENSE_LENGTH)
    return attributes


def _check(layer_name: str, unit: str, value: str | tuple[str, ...], most: int) -> None:
    if len(value) > most:
        raise PublishError(
            "layer-attribute-too-long", f"layer {layer_name} has {len(value)} {unit}, {most} are allowed"
        )
