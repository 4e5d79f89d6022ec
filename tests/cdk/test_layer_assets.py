"""A layer at synth: its annotations, its files and the handler's properties."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from constructs_lib.cdk.layer_assets import LayerRequest, build_staged
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project, require_boto3
from tests.support.files.templates import errors, infos, staged

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk
    import pytest

TARGET = Target("3.13")


def nothing() -> None:
    """Make no constructs meanwhile."""


def test_the_files_are_staged_and_named_in_the_properties(app: cdk.App, stack: cdk.Stack, shop: Path) -> None:
    """Layer, lock file and SBOM."""
    artifact, properties, assets = build_staged(
        stack, LayerRequest(shop, TARGET, LayerOptions(), None), nothing
    )
    assert artifact is not None
    assert (len(assets), properties["ManifestName"]) == (3, "uv.lock")
    manifest = staged(app, properties["ManifestAssetKey"]).read_bytes()
    assert manifest == (shop / "uv.lock").read_bytes()
    assert properties["ManifestMd5"] == hashlib.md5(manifest, usedforsecurity=False).hexdigest()
    layer = staged(app, properties["AssetKey"]).read_bytes()
    assert hashlib.sha256(layer).hexdigest() == properties["LayerSha256"]


def test_a_note_is_an_annotation_and_not_a_line_as_well(
    stack: cdk.Stack, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The CDK CLI shows it; the progress on stderr does not repeat it."""
    require_boto3(make_project(tmp_path / "shop"))
    build_staged(stack, LayerRequest(tmp_path / "shop", TARGET, LayerOptions(), None), nothing)
    [(_, text)] = infos(stack)
    assert text.startswith("boto3==1.0 is left out")
    assert "is left out" not in capfd.readouterr().err


def test_without_a_build_the_property_says_so(stack: cdk.Stack, tmp_path: Path) -> None:
    """A failed build is an error of the stack."""
    request = LayerRequest(tmp_path / "none", TARGET, LayerOptions(), None)
    assert build_staged(stack, request, nothing) == (None, {"LayerSha256": "not-built"}, [])
    assert len(errors(stack)) == 1
