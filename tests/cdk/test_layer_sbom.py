from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from constructs_lib import PythonLayerArtifact
from tests.support.files.templates import one, staged, statements, template

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

LAYER = "Custom::PythonLayerArtifact"


def test_the_sbom_is_staged_and_may_be_read(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """The handler learns where it is, and its role is allowed that file."""
    PythonLayerArtifact(stack, "Deps", entry=shop, runtime=lambda_.Runtime.PYTHON_3_13)
    document = template(stack)
    properties = one(document, LAYER)["Properties"]
    key = properties["SbomAssetKey"]
    sbom = json.loads(staged(app, key).read_bytes())
    assert [each["purl"] for each in sbom["components"]] == ["pkg:pypi/cart@1.0"]
    staging = [
        each for each in statements(document) if "cdk-hnb659fds-assets" in json.dumps(each["Resource"])
    ]
    assert [each["Action"] for each in staging] == ["s3:GetObject"]
