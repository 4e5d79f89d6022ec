"""Step 3: what lies in S3 after an upload, and what is refused before it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core import (
    LayerBuildToolEnum,
    S3Location,
    upload_layer_zip_to_s3,
    upload_source_artifacts,
    upload_source_zip,
)
from constructs_lib.core.errors import ProjectError, PublishError
from tests.support.aws.faults import refuse
from tests.support.aws.world import ARTIFACTS, PREFIX, World, open_world
from tests.support.files.wheels import Member, zip_bytes
from tests.support.scripts import built_zip, make_locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZIP = PREFIX / "layer" / "layer.zip"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with open_world(monkeypatch) as opened:
        yield opened


@pytest.fixture
def pyproject(tmp_path: Path) -> Path:
    return make_locked(tmp_path / "shop")


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324


def test_the_layer_lies_in_its_place_with_what_it_was_built_from(
    world: World, pyproject: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = built_zip(pyproject)
    place = upload_layer_zip_to_s3(
        world.services.s3, pyproject, f"{PREFIX.uri}/", pyproject.parent / "uv.lock"
    )
    content = layout.path_build_lambda_layer_zip.read_bytes()
    found = world.services.s3.get_object(Bucket=place.bucket, Key=place.key)
    assert place == ZIP
    assert found["Body"].read() == content
    assert found["ContentType"] == "application/zip"
    assert found["Metadata"] == {
        "manifest_md5": md5("lock of one\n"),
        "layer_sha256": hashlib.sha256(content).hexdigest(),
    }
    assert ZIP.uri in capsys.readouterr().out


def test_an_edit_of_the_lock_after_the_build_does_not_become_what_the_zip_was_built_from(
    world: World, pyproject: Path
) -> None:
    """Else the publishing step would find an old zip and a new lock consistent."""
    built_zip(pyproject)
    (pyproject.parent / "uv.lock").write_text("lock of two\n")
    upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, pyproject.parent / "uv.lock", False)
    head = world.services.s3.head_object(Bucket=ZIP.bucket, Key=ZIP.key)
    assert head["Metadata"]["manifest_md5"] == md5("lock of one\n")


def test_s3_itself_checks_the_bytes(world: World, pyproject: Path) -> None:
    """The hash travels with them."""
    layout = built_zip(pyproject)
    upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, pyproject.parent / "uv.lock", False)
    [sent] = [each for each in world.sent["s3.PutObject"] if each["Key"] == ZIP.key]
    digest = hashlib.sha256(layout.path_build_lambda_layer_zip.read_bytes()).digest()
    assert sent["ChecksumSHA256"] == base64.b64encode(digest).decode()


def test_without_a_zip_nothing_is_sent(world: World, pyproject: Path) -> None:
    with pytest.raises(PublishError, match=r"layer.zip does not exist: build and zip the layer first$"):
        upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, pyproject.parent / "uv.lock")
    assert world.writes == []


def test_what_s3_refuses_is_one_line_with_the_place(world: World, pyproject: Path) -> None:
    built_zip(pyproject)
    world.next("s3.PutObject", refuse(403, "AccessDenied", "no"))
    with pytest.raises(PublishError, match=rf"^s3:PutObject on {ZIP.uri} failed: .*AccessDenied") as caught:
        upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, pyproject.parent / "uv.lock")
    assert len(str(caught.value).splitlines()) == 1


def test_a_source_zip_lies_under_version_and_hash(world: World, tmp_path: Path) -> None:
    """With the caller's metadata and tags, which are not changed, and our two, which win."""
    path = tmp_path / "source.zip"
    path.write_bytes(b"zip")
    sha256 = hashlib.sha256(b"zip").hexdigest()
    metadata = {"commit": "abc", "source_version": "wrong"}
    place = upload_source_zip(
        world.services.s3, "1.2.0", sha256, path, f"s3://{ARTIFACTS}/x/source", metadata, {"team": "a b"}
    )
    assert place == S3Location(ARTIFACTS, f"x/source/1.2.0/{sha256}/source.zip")
    head = world.services.s3.head_object(Bucket=place.bucket, Key=place.key)
    assert head["Metadata"] == {"commit": "abc", "source_version": "1.2.0", "source_sha256": sha256}
    assert head["ContentType"] == "application/zip"
    tags = world.services.s3.get_object_tagging(Bucket=place.bucket, Key=place.key)["TagSet"]
    assert tags == [{"Key": "team", "Value": "a b"}]
    assert metadata == {"commit": "abc", "source_version": "wrong"}


def test_a_source_zip_under_another_hash_is_refused(world: World, tmp_path: Path) -> None:
    """The place promises its content."""
    path = tmp_path / "source.zip"
    path.write_bytes(b"zip")
    with pytest.raises(PublishError, match=r"source_sha256 is 'abc': zip the source again$"):
        upload_source_zip(world.services.s3, "1", "abc", path, PREFIX)
    with pytest.raises(PublishError, match=r"none.zip does not exist: build and zip the source first$"):
        upload_source_zip(world.services.s3, "1", "abc", tmp_path / "none.zip", PREFIX)
    assert world.writes == []


def test_the_build_tool_stands_for_the_manifest(world: World, tmp_path: Path) -> None:
    """By keyword, or where another release has the path."""
    pyproject = make_locked(tmp_path / "shop")
    built_zip(pyproject)
    uv = LayerBuildToolEnum.uv
    place = upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, layer_build_tool="uv", verbose=False)
    assert upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX, uv, False) == place
    with pytest.raises(ProjectError, match="give layer_build_tool or path_manifest"):
        upload_layer_zip_to_s3(world.services.s3, pyproject, PREFIX)


def test_a_source_can_be_named_by_the_folder_above(world: World, tmp_path: Path) -> None:
    """As one release does it; the place is the same."""
    path = tmp_path / "source.zip"
    path.write_bytes(zip_bytes([("a.py", Member(b"A = 1"))]))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    place = upload_source_artifacts(world.services.s3, "1.0", sha256, path, PREFIX, verbose=False)
    assert place == PREFIX / "source" / "1.0" / sha256 / "source.zip"
    assert (
        upload_source_zip(world.services.s3, "1.0", sha256, path, PREFIX / "source", verbose=False) == place
    )
