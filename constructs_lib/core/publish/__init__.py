"""Publishing: the one implementation that Lambda and a laptop share.

Needs nothing but the standard library and botocore; AWS clients are passed in.
"""

from __future__ import annotations

from constructs_lib.core.publish.arn import LayerVersionArn, Place
from constructs_lib.core.publish.aws_errors import AwsError
from constructs_lib.core.publish.ensure import ensure_layer
from constructs_lib.core.publish.model import (
    OWNER_MARK_LENGTH,
    LayerAttributes,
    LayerDeployment,
    LayerRemoval,
    RemovalPolicy,
    WantedLayer,
    code_sha256,
)
from constructs_lib.core.publish.objects import AssetUnavailableError
from constructs_lib.core.publish.remove import remove_layer
from constructs_lib.core.publish.source import WantedSource, ensure_source, remove_source
from constructs_lib.core.publish.tools import Clock, Tools

__all__ = [
    "OWNER_MARK_LENGTH",
    "AssetUnavailableError",
    "AwsError",
    "Clock",
    "LayerAttributes",
    "LayerDeployment",
    "LayerRemoval",
    "LayerVersionArn",
    "Place",
    "RemovalPolicy",
    "Tools",
    "WantedLayer",
    "WantedSource",
    "code_sha256",
    "ensure_layer",
    "ensure_source",
    "remove_layer",
    "remove_source",
]
