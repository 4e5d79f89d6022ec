"""The choice between a build on this machine and one in a container."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockedGit
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.build_in_container import BuildsInContainer
from constructs_lib.core.wheels.builder import WheelBuilder
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders import native
from tests.support.files.repositories import Repository, monorepo
from tests.support.files.sources import write_src_project

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.store.wheel_store import WheelStore

TARGET = Target("3.13")


def test_a_pure_project_is_built_here(store: WheelStore, tmp_path: Path) -> None:
    builder = WheelBuilder.of(WheelSource(TARGET, store))
    root = write_src_project(tmp_path / "lib", "lib")
    wheel = builder.build(LockedDirectory("lib", root))
    assert (wheel.name, wheel.built_here, builder.in_container) == ("lib", True, None)


def test_a_native_project_needs_a_container(store: WheelStore, tmp_path: Path) -> None:
    """The line names the option and the image."""
    root = native.write_tree(tmp_path / "crunch")
    with pytest.raises(ProjectError, match=r"holds code compiled .* container=True \(.*3\.13") as caught:
        WheelBuilder.of(WheelSource(TARGET, store)).build(LockedDirectory("crunch", root))
    assert caught.value.id == "native-code"


def test_a_builder_has_the_containers_builds(store: WheelStore) -> None:
    builder = WheelBuilder.of(WheelSource(TARGET, store, container=Container("image:1")))
    assert isinstance(builder.in_container, BuildsInContainer)
    assert builder.in_container.container == Container("image:1")


def test_a_git_dependency_is_built_here(store: WheelStore, tmp_path: Path) -> None:
    repository = monorepo(tmp_path / "mono")
    package = LockedGit("inner", repository.url, repository.head, "packages/inner", "1.0.0")
    wheel = WheelBuilder.of(WheelSource(TARGET, store)).build(package)
    assert (wheel.name, wheel.version, wheel.built_here) == ("inner", "1.0", True)


def test_a_native_git_dependency_needs_a_container(store: WheelStore, tmp_path: Path) -> None:
    native.write_tree(tmp_path / "crunch")
    repository = Repository(tmp_path / "crunch")
    repository.git("init", "--quiet", "--initial-branch=main")
    package = LockedGit("crunch", repository.url, repository.commit())
    with pytest.raises(ProjectError, match=r"^crunch from git\+file://.* container=True \(") as caught:
        WheelBuilder.of(WheelSource(TARGET, store)).build(package)
    assert caught.value.id == "native-code"


def archive_of(store: WheelStore, folder: Path) -> str:
    """Put an archive of a folder into the store, below one folder at its top; return its sha256."""
    path = folder.parent / "mono.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, arcname="mono-main")
    return store.add(path, ".gz")


@pytest.mark.parametrize("name", ["inner", "outer"])
def test_a_project_in_an_archive_is_the_one_of_its_folder(
    store: WheelStore, tmp_path: Path, name: str
) -> None:
    """Two projects of one archive are two wheels."""
    sha256 = archive_of(store, monorepo(tmp_path / "mono").root)
    builder = WheelBuilder.of(WheelSource(TARGET, store))
    for each, folder in (("outer", "."), ("inner", "packages/inner"))[:: 1 if name == "inner" else -1]:
        file = LockedFile(each, "1.0", "mono.tar.gz", sha256, "https://h/mono.tar.gz", subdirectory=folder)
        assert builder.build(file).filename == f"{each}-1.0-py3-none-any.whl"


def others(store: WheelStore, tmp_path: Path) -> dict[str, Locked]:
    """Return locked packages that another project or version lies at the place of."""
    repository = monorepo(tmp_path / "mono")
    sha256 = archive_of(store, repository.root)
    where = "https://h/mono.tar.gz"
    return {
        "directory": LockedDirectory("out", repository.root),
        "git": LockedGit("inner", repository.url, repository.head),
        "git version": LockedGit("outer", repository.url, repository.head, version="2.0"),
        "archive": LockedFile("inner", "1.0", "mono.tar.gz", sha256, where),
        "archive version": LockedFile("outer", "2.0", "mono.tar.gz", sha256, where),
    }


@pytest.mark.parametrize("kind", ["directory", "git", "git version", "archive", "archive version"])
def test_another_project_is_never_taken_for_the_locked_one(
    store: WheelStore, tmp_path: Path, kind: str
) -> None:
    """Neither another name, also where one begins with the other, nor another version."""
    builder, package = WheelBuilder.of(WheelSource(TARGET, store)), others(store, tmp_path)[kind]
    for _ in range(2):
        with pytest.raises(ProjectError, match=r"became outer-1\.0-py3-none-any\.whl, which is") as caught:
            builder.build(package)
        assert caught.value.id == "build-result-other"
