"""Where a project and what is built of it may lie."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.layer.build_layer import build_layer
from constructs_lib.core.source.build_source import build_source
from constructs_lib.core.store.wheel_store import WheelStore
from constructs_lib.core.target import Target
from tests.support.files.projects import make_project

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

TARGET = Target("3.12")


@pytest.fixture
def other_filesystem() -> Iterator[Path]:
    """Make a folder in memory where the machine has one: nothing on a disk can be renamed into it."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


def snapshot(root: Path) -> dict[str, tuple[int, int, bytes | None]]:
    """Everything below `root` with mode, time and content."""
    found = {}
    for path in [root, *root.rglob("*")]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
    return found


def test_a_link_to_the_project_is_the_project(tmp_path: Path) -> None:
    """S28: through a symbolic link the same layer and source come out as directly."""
    project = make_project(tmp_path / "real")
    link = tmp_path / "link"
    link.symlink_to(project, target_is_directory=True)
    layers = [build_layer(each, tmp_path / f"{each.name}.zip", TARGET) for each in (project, link)]
    assert len({each.archive.sha256 for each in layers}) == 1
    sources = [build_source(each, tmp_path / f"{each.name}-source.zip") for each in (project, link)]
    assert len({each.archive.sha256 for each in sources}) == 1


def test_three_filesystems_work_together(tmp_path: Path, other_filesystem: Path) -> None:
    """S28: project, store and output need not share a file system: nothing is renamed from one to another."""
    project = make_project(tmp_path / "project")
    near = build_layer(project, tmp_path / "near.zip", TARGET, store=WheelStore(other_filesystem / "store"))
    far = build_layer(project, other_filesystem / "far.zip", TARGET, store=WheelStore(tmp_path / "store"))
    assert near.archive.sha256 == far.archive.sha256


def test_the_project_is_only_read(tmp_path: Path) -> None:
    """S29: a project on a read-only medium can be built, for nothing in it is written, touched or made."""
    project = make_project(tmp_path / "project")
    before = snapshot(project)
    build_layer(project, tmp_path / "layer.zip", TARGET)
    build_source(project, tmp_path / "source.zip")
    assert snapshot(project) == before
