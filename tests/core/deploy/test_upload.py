"""Uploads of zips."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.deploy.upload import put_layer_zip, put_source_zip
from constructs_lib.core.errors import PublishError
from tests.support.aws.faults import refuse
from tests.support.aws.world import PREFIX, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    path = tmp_path / "some.zip"
    path.write_bytes(b"zip")
    return path


def test_a_layers_zip_names_its_bytes_and_its_manifest(world: World, zipped: Path) -> None:
    put_layer_zip(world.services.s3, zipped, PREFIX / "layer.zip", "md5")
    head = world.services.s3.head_object(Bucket=PREFIX.bucket, Key=f"{PREFIX.key}/layer.zip")
    assert head["Metadata"] == {"manifest_md5": "md5", "layer_sha256": hashlib.sha256(b"zip").hexdigest()}
    assert head["ContentType"] == "application/zip"


def test_a_source_keeps_the_callers_metadata_and_tags(world: World, zipped: Path) -> None:
    """But not where they would contradict its own."""
    sha256 = hashlib.sha256(b"zip").hexdigest()
    place = put_source_zip(
        world.services.s3,
        "1.0",
        sha256,
        zipped,
        PREFIX,
        {"team": "shop", "source_version": "2"},
        {"a": "b c"},
    )
    head = world.services.s3.head_object(Bucket=place.bucket, Key=place.key)
    assert head["Metadata"] == {"team": "shop", "source_version": "1.0", "source_sha256": sha256}
    tags = world.services.s3.get_object_tagging(Bucket=place.bucket, Key=place.key)["TagSet"]
    assert tags == [{"Key": "a", "Value": "b c"}]


def test_other_bytes_than_the_hash_are_refused(world: World, zipped: Path) -> None:
    with pytest.raises(PublishError, match=r"some\.zip has sha256 .*zip the source again") as info:
        put_source_zip(world.services.s3, "1.0", "0" * 64, zipped, PREFIX)
    assert info.value.id == "source-sha256-wrong"
    assert world.writes == []


@pytest.mark.parametrize(("name", "problem"), [("none", "does not exist"), ("", "cannot be read")])
def test_a_zip_that_cannot_be_read_is_named(world: World, tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(PublishError, match=f"{problem}.*: build and zip the layer first"):
        put_layer_zip(world.services.s3, tmp_path / name, PREFIX / "layer.zip", "md5")


def test_a_refused_upload_names_the_place(world: World, zipped: Path) -> None:
    world.next("s3.PutObject", refuse(403, "AccessDenied"))
    with pytest.raises(PublishError, match=rf"s3:PutObject on {PREFIX.uri}/layer\.zip failed: AccessDenied"):
        put_layer_zip(world.services.s3, zipped, PREFIX / "layer.zip", "md5")
