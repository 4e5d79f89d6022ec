"""The manifest: which file it is, and as which it lies beside a version."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from constructs_lib.core import LayerBuildToolEnum, LayerManifestManager, LayerPathLayout
from constructs_lib.core.compat.manifest import built_from, find_manifest, read_manifest
from constructs_lib.core.errors import ProjectError
from tests.support.scripts import make_locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

S3DIR = "s3://bucket/lambda/"


def manager(pyproject: Path, **arguments: Any) -> LayerManifestManager:
    return LayerManifestManager(path_pyproject_toml=pyproject, s3dir_lambda=S3DIR, **arguments)


@pytest.mark.parametrize("tool", LayerBuildToolEnum)
def test_the_manifest_follows_from_the_tool_and_the_tool_from_the_manifest(
    tool: LayerBuildToolEnum, tmp_path: Path
) -> None:
    """One earlier package gives the tool, the other the path; both make the same value."""
    pyproject = tmp_path / "pyproject.toml"
    path = tmp_path / tool.manifest_name
    by_tool = manager(pyproject, layer_build_tool=tool)
    by_path = manager(pyproject, path_manifest=path)
    assert by_tool == by_path
    assert (by_path.layer_build_tool, by_tool.path_manifest) == (tool, path)
    assert manager(pyproject, layer_build_tool=tool.value, path_manifest=path) == by_tool


def test_a_manifest_of_another_name_belongs_to_no_tool(tmp_path: Path) -> None:
    """A builder of one's own may have any."""
    own = manager(tmp_path / "pyproject.toml", path_manifest=tmp_path / "pylock.toml")
    assert own.layer_build_tool is None
    assert own.get_versioned_manifest(7).uri == "s3://bucket/lambda/layer/000007/pylock.toml"


def test_one_of_the_two_has_to_be_given_and_they_must_agree(tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    with pytest.raises(
        ProjectError, match=r"^the manifest of .* is not known: give layer_build_tool or path_"
    ):
        manager(pyproject)
    with pytest.raises(ProjectError, match=r"poetry.lock is not the manifest of uv, uv.lock: give only one$"):
        manager(pyproject, layer_build_tool="uv", path_manifest=tmp_path / "poetry.lock")
    with pytest.raises(ValueError, match="conda"):
        manager(pyproject, layer_build_tool="conda")


def test_tool_and_path_may_stand_in_each_others_place(tmp_path: Path) -> None:
    """One earlier package has the tool where the other one has the path."""
    pyproject = tmp_path / "pyproject.toml"
    layout, uv = LayerPathLayout(pyproject), LayerBuildToolEnum.uv
    expected = (uv, layout.path_uv_lock)
    assert find_manifest(layout, layout.path_uv_lock, None) == expected
    assert find_manifest(layout, None, uv) == expected
    by_path = LayerManifestManager(True, print, pyproject, S3DIR, layout.path_uv_lock, None)  # type: ignore[arg-type] # 1.0.0's order
    assert by_path == LayerManifestManager(True, print, pyproject, S3DIR, uv, None)


def test_layouts_md5_and_versioned_place(tmp_path: Path) -> None:
    pyproject = make_locked(tmp_path / "shop")
    made = manager(pyproject, layer_build_tool="uv")
    assert made.path_layout == LayerPathLayout(pyproject)
    assert made.s3_layout.s3path_temp_layer_zip.uri == "s3://bucket/lambda/layer/layer.zip"
    assert made.manifest_md5 == hashlib.md5(b"lock of one\n").hexdigest()  # noqa: S324
    assert made.get_versioned_manifest(1_234_567).uri == "s3://bucket/lambda/layer/1234567/uv.lock"


def test_what_the_zip_was_built_from_is_the_builders_copy(tmp_path: Path) -> None:
    """Later edits of the lock do not reach it; without a copy it is the file itself."""
    pyproject = make_locked(tmp_path / "shop")
    layout, lock = LayerPathLayout(pyproject), pyproject.parent / "uv.lock"
    assert built_from(layout, lock) == b"lock of one\n"
    layout.copy_uv_lock(lambda _: None)
    lock.write_text("lock of two\n")
    assert built_from(layout, lock) == b"lock of one\n"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.unlink(), "does not exist: path_manifest is the lock file"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
        (lambda path: path.write_text("url = 'https://bob:pa55@host/simple'"), "uv.lock"),
    ],
    ids=["missing", "folder", "credentials"],
)
def test_a_manifest_that_cannot_be_stored_is_one_line(
    make: Callable[[Path], object], why: str, tmp_path: Path
) -> None:
    """It is going to lie in S3, so a password in it is refused."""
    lock = make_locked(tmp_path / "shop").parent / "uv.lock"
    make(lock)
    with pytest.raises(ProjectError, match=why) as caught:
        read_manifest(lock)
    assert "pa55" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
