"""Git dependencies with native code: their tree goes into the container once."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import LockedDirectory, LockedFile, LockedGit
from constructs_lib.core.progress import QUIET
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.acquire import acquire
from constructs_lib.core.wheels.container import Container
from constructs_lib.core.wheels.wheel_source import WheelSource
from tests.support.builders import native
from tests.support.builders.fake_docker import FakeDocker
from tests.support.files.repositories import Repository
from tests.support.files.wheels import locked_file, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel

TARGET = Target("3.13")
PINNED = f"it@sha256:{'9' * 64}"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """Put an engine on PATH in whose containers every build gives a native wheel of `crunch`."""
    fake = FakeDocker(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{fake.folder}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    fake.set(wheel=str(make_wheel(tmp_path / "made", "crunch", tag="cp313-cp313-linux_x86_64")))
    return fake


def build(package: Locked, store: WheelStore) -> Wheel:
    source = WheelSource(TARGET, store, QUIET, Container(PINNED))
    [wheel] = acquire([package], source, lambda wheel: wheel)
    return wheel


def test_a_native_git_dependency_is_built_there_once(
    fake: FakeDocker, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole tree of the commit goes in; a kept wheel needs neither git nor the repository."""
    native.write_tree(tmp_path / "mono/packages/crunch")
    repository = Repository(tmp_path / "mono")
    repository.git("init", "--quiet", "--initial-branch=main")
    package = LockedGit("crunch", repository.url, repository.commit({"shared.txt": ""}), "packages/crunch")
    first = build(package, store)
    assert fake.ran.arguments[-1] == "/constructs-lib/tree/crunch/packages/crunch"
    assert (fake.folder / "tree/crunch/shared.txt").is_file()
    assert list((tmp_path / "scratch").iterdir()) == []
    repository.root.rename(tmp_path / "gone")
    monkeypatch.setenv("PATH", "/nowhere")
    assert build(package, store) == first


@pytest.mark.parametrize("kind", ["git", "directory"])
def test_a_build_that_fails_here_is_not_tried_again(
    kind: str, fake: FakeDocker, store: WheelStore, tmp_path: Path
) -> None:
    """The kept wheel of the container comes first; changed sources are tried anew."""
    tries = tmp_path / "tries"
    root = native.write_tree(
        tmp_path / "mono", f"open({str(tries)!r}, 'a').write('x'); raise OSError('no gcc')"
    )
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")

    def package() -> Locked:
        commit = repository.commit()
        return (
            LockedGit("crunch", repository.url, commit) if kind == "git" else LockedDirectory("crunch", root)
        )

    first = package()
    assert build(first, store) == build(first, store)
    assert (fake.verbs.count("run"), tries.read_text()) == (1, "x")
    (root / "crunch" / "__init__.py").write_text("changed = True\n")
    build(package(), store)
    assert (fake.verbs.count("run"), tries.read_text()) == (2, "xx")


def test_a_failed_build_names_the_dependency(fake: FakeDocker, store: WheelStore, tmp_path: Path) -> None:
    """And not the folder that is gone when the line is read."""
    repository = Repository(native.write_tree(tmp_path / "mono"))
    repository.git("init", "--quiet", "--initial-branch=main")
    package = LockedGit("crunch", repository.url, repository.commit({"pyproject.toml": "project = 1\n"}))
    with pytest.raises(
        ProjectError, match=r"^crunch from git\+file://.*mono@[0-9a-f]+/pyproject\.toml"
    ) as caught:
        build(package, store)
    assert str(tmp_path / "scratch") not in str(caught.value)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_folder_of_an_archive_is_named_to_pip(fake: FakeDocker, store: WheelStore, tmp_path: Path) -> None:
    """With the whole archive, as pip takes it."""
    content = native.sdist()
    path = tmp_path / "crunch-1.0.tar.gz"
    path.write_bytes(content)
    file = locked_file(path.name, content, path)
    assert isinstance(file, LockedFile)
    build(replace(file, location=path, subdirectory="my pkg"), store)
    assert fake.ran.arguments[-1] == "file:///constructs-lib/in/crunch-1.0.tar.gz#subdirectory=my%20pkg"
