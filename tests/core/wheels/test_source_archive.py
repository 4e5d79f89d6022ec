"""The folder of one project in a source archive."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.wheels.source_archive import unpacked_project
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore


def locked(path: Path, store: WheelStore, subdirectory: str = "pkg") -> LockedFile:
    """Put an archive into the store."""
    sha256 = store.add(path, path.suffix)
    return LockedFile("lib", "1.0", path.name, sha256, path, subdirectory=subdirectory)


def write_archive(root: Path, form: str, top: str = "mono-main/") -> Path:
    """Write an archive of a root project and one in `pkg`, below the folder `top`, which ends with a slash."""
    content = write_files(
        root / "content", {f"{top}pyproject.toml": "root", f"{top}pkg/pyproject.toml": "pkg"}
    )
    return Path(shutil.make_archive(str(root / "made"), form, content))


@pytest.mark.parametrize("form", ["gztar", "xztar", "tar", "zip"])
@pytest.mark.parametrize("top", ["mono-main/", ""])
def test_the_folder_below_the_one_at_the_top_is_taken(
    store: WheelStore, tmp_path: Path, form: str, top: str
) -> None:
    """As hosts make archives of a repository; one without a folder at its top is the root itself."""
    archive = write_archive(tmp_path, form, top)
    with unpacked_project(locked(archive, store), store) as folder:
        assert (folder / "pyproject.toml").read_text() == "pkg"
    assert not folder.exists()


def test_a_folder_that_is_not_there_is_named(store: WheelStore, tmp_path: Path) -> None:
    file = locked(write_archive(tmp_path, "zip"), store, "other")
    with (
        pytest.raises(ProjectError, match=r"lib==1\.0 \(made\.zip\) has no folder other") as caught,
        unpacked_project(file, store),
    ):
        raise AssertionError
    assert caught.value.id == "subdirectory-missing"


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_file_that_is_no_archive_is_one_line(store: WheelStore, tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "mono.tar.gz"
    archive.write_bytes(content)
    with (
        pytest.raises(ProjectError, match=r"mono\.tar\.gz cannot be unpacked") as caught,
        unpacked_project(locked(archive, store), store),
    ):
        raise AssertionError
    assert "\n" not in str(caught.value)


def test_no_member_leaves_the_folder(store: WheelStore, tmp_path: Path) -> None:
    """An archive that tries it is refused, and nothing is written outside."""
    with tarfile.open(tmp_path / "mono.tar", "w") as archive:
        info = tarfile.TarInfo("../outside.txt")
        archive.addfile(info, io.BytesIO())
    with (
        pytest.raises(ProjectError, match="cannot be unpacked"),
        unpacked_project(locked(tmp_path / "mono.tar", store), store),
    ):
        raise AssertionError
    assert not list(tmp_path.rglob("outside.txt"))
