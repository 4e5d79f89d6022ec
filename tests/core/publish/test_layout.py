"""Where things lie in S3."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from constructs_lib.core.publish import layout
from constructs_lib.core.publish.layout import LayerS3Layout, S3Location, S3MetadataKeyEnum, SourceS3Layout


@pytest.mark.parametrize("text", ["s3://bucket/a/b", "s3://bucket/a/b/", S3Location("bucket", "a/b")])
def test_a_location_is_read_with_or_without_a_slash(text: str | S3Location) -> None:
    """Also from anything that knows its own uri."""
    assert S3Location.parse(text) == S3Location("bucket", "a/b")


@pytest.mark.parametrize("text", ["bucket/a", "s3:///a", "https://bucket/a", ""])
def test_what_is_no_location_is_refused(text: str) -> None:
    """With the value, and how one is written."""
    with pytest.raises(ValueError, match=r"is not an S3 location: write s3://bucket/prefix$"):
        S3Location.parse(text)


def test_the_layered_layout() -> None:
    """Versions have six digits, and a larger number is never cut."""
    layers = LayerS3Layout("s3://bucket/app/")
    uris = {
        "s3://bucket/app/layer/layer.zip": layers.s3path_temp_layer_zip,
        "s3://bucket/app/layer/000007": layers.get_s3dir_layer_version(7),
        "s3://bucket/app/layer/1234567": layers.get_s3dir_layer_version(1_234_567),
        "s3://bucket/app/layer/000007/x": layers.get_s3path_layer_manifest(7, "x"),
        "s3://bucket/app/layer/000007/requirements.txt": layers.get_s3path_layer_requirements_txt(7),
        "s3://bucket/app/layer/000007/poetry.lock": layers.get_s3path_layer_poetry_lock(7),
        "s3://bucket/app/layer/000007/uv.lock": layers.get_s3path_layer_uv_lock(7),
        "s3://bucket/app/layer/last-requirements.txt": layers.s3path_last_requirements_txt,
        "s3://bucket/app/layer/last-poetry.lock": layers.s3path_last_poetry_lock,
        "s3://bucket/app/layer/last-uv.lock": layers.s3path_last_uv_lock,
    }
    assert {location.uri for location in uris.values()} == set(uris)
    assert all(location.uri == uri for uri, location in uris.items())


def test_the_source_layout_and_a_bucket_without_prefix() -> None:
    """One object for each version and content; an empty prefix leaves no double slash."""
    sources = SourceS3Layout.from_s3dir_lambda("s3://bucket")
    assert sources.get_s3path_source_zip("1.0", "abc").uri == "s3://bucket/source/1.0/abc/source.zip"


def test_no_name_of_metadata_stands_a_second_time() -> None:
    """Whoever writes and whoever reads an object spell its metadata by the same enum."""
    rooms = ("core/publish", "core/deploy", "core/compat", "handler")
    # Also the name of an attribute of another value, so it says nothing here.
    names = {key.value for key in S3MetadataKeyEnum} - {"attributes", "owner", "fingerprint"}
    package = Path(layout.__file__).parents[2]
    again = [
        f"{path.relative_to(package)}:{node.lineno}: {node.value}"
        for room in rooms
        for path in sorted((package / room).rglob("*.py"))
        if path != Path(layout.__file__)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value in names or node.value.startswith("last-"))
    ]
    assert again == []


def test_the_files_that_belong_to_a_version() -> None:
    layers = LayerS3Layout("s3://bucket/app")
    assert layers.get_s3path_layer_sbom(7).uri == "s3://bucket/app/layer/000007/sbom.cdx.json"
    assert layers.get_s3path_released(7).uri == "s3://bucket/app/layer/000007/released"
    assert layers.get_s3path_last_manifest("uv.lock") == layers.s3path_last_uv_lock
