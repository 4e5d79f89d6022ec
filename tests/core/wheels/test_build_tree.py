"""Wheels of fetched trees: built once, kept by their source and by what the backend could see."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.lock.locked import LockedFile, LockedGit
from constructs_lib.core.progress import QUIET
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_here import BuildsHere, NativeCodeError
from constructs_lib.core.wheels.build_tree import BuildsOfTrees
from tests.support.builders import native
from tests.support.files.repositories import Repository, monorepo

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore
    from tests.support.aws.shared_store import SharedStore


@pytest.fixture
def builds(store: WheelStore) -> BuildsOfTrees:
    return BuildsOfTrees(BuildsHere(store, QUIET, Access()))


def no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every start of a program fail."""

    def start(*arguments: object, **_: object) -> None:
        raise AssertionError(f"started {arguments}")

    monkeypatch.setattr(process, "run", start)


def test_a_kept_wheel_needs_no_program(
    builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither git nor a backend runs for a commit that was built."""
    repository = monorepo(tmp_path / "mono")
    package = LockedGit("inner", repository.url, repository.head, "packages/inner")
    first = builds.git(package)
    assert first.filename == "inner-1.0-py3-none-any.whl"
    no_program(monkeypatch)
    assert builds.git(package) == first


def test_two_projects_of_one_commit_are_two_wheels(builds: BuildsOfTrees, tmp_path: Path) -> None:
    """They share the fetched tree."""
    repository = monorepo(tmp_path / "mono")
    outer = builds.git(LockedGit("outer", repository.url, repository.head))
    repository.root.rename(tmp_path / "gone")
    commit = Repository(tmp_path / "gone").head
    inner = builds.git(LockedGit("inner", repository.url, commit, "packages/inner"))
    assert (outer.name, inner.name) == ("outer", "inner")


def test_a_version_from_the_environment_is_no_other_ones(
    builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a backend could see beside the commit is part of the key."""
    repository = monorepo(tmp_path / "mono")
    package = LockedGit("outer", repository.url, repository.head)
    builds.git(package)
    monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION", "7")
    no_program(monkeypatch)
    with pytest.raises(AssertionError, match="started"):
        builds.git(package)


def test_a_failed_build_names_the_dependency(builds: BuildsOfTrees, tmp_path: Path) -> None:
    """And not the folder that is gone when the line is read."""
    repository = monorepo(tmp_path / "mono")
    repository.commit({"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "nowhere"\n'})
    with pytest.raises(ToolError, match=r"^outer from git\+file://.*mono@.* cannot be built: ") as caught:
        builds.git(LockedGit("outer", repository.url, repository.head))
    assert caught.value.id == "build-failed"
    assert "constructs-lib-" not in str(caught.value)


def test_an_invalid_project_names_the_dependency(builds: BuildsOfTrees, tmp_path: Path) -> None:
    """In a git dependency and in an archive."""
    repository = monorepo(tmp_path / "mono")
    commit = repository.commit({"packages/inner/pyproject.toml": "project = 1\n"})
    path = Path(shutil.make_archive(str(tmp_path / "made"), "gztar", repository.root))
    sha256 = builds.here.store.add(path, ".gz")
    with pytest.raises(
        ProjectError, match=r"^inner from git\+file://.*packages/inner/pyproject\.toml"
    ) as caught:
        builds.git(LockedGit("inner", repository.url, commit, "packages/inner"))
    assert "constructs-lib-" not in str(caught.value)
    with pytest.raises(ProjectError, match=r"^inner==1\.0/pyproject\.toml"):
        builds.archive(LockedFile("inner", "1.0", "m.tar.gz", sha256, path, subdirectory="packages/inner"))


def test_native_code_is_remembered(
    builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the refusal needs no compiler."""
    native.write_tree(tmp_path / "crunch")
    repository = Repository(tmp_path / "crunch")
    repository.git("init", "--quiet", "--initial-branch=main")
    package = LockedGit("crunch", repository.url, repository.commit())
    for _ in range(2):
        with pytest.raises(NativeCodeError, match=r"^crunch from git\+file://.* became crunch-1\.0-"):
            builds.git(package)
        no_program(monkeypatch)


def test_other_machines_see_neither_a_repository_nor_a_folder(
    shared: SharedStore, builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shared note gives the reason, and each machine adds the address that it has in its own lock file."""
    native.write_tree(tmp_path / "crunch")
    repository = Repository(tmp_path / "crunch")
    repository.git("init", "--quiet", "--initial-branch=main")
    package = LockedGit("crunch", repository.url, repository.commit())
    for name, writes in (("first", True), ("second", False)):
        store = shared.machine(tmp_path / name, writes=writes)
        with pytest.raises(NativeCodeError, match=r"^crunch from git\+file://.* became crunch-1\.0-"):
            BuildsOfTrees(replace(builds.here, store=store)).git(package)
        no_program(monkeypatch)
    assert shared.objects
    assert not [key for key, content in shared.objects.items() if str(tmp_path).encode() in content]


def test_a_wheel_of_a_commit_is_built_on_one_machine(
    shared: SharedStore, builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one needs neither git nor a backend, and the work tree itself is not shared."""
    repository = monorepo(tmp_path / "mono")
    package = LockedGit("outer", repository.url, repository.head)
    here = replace(builds.here, store=shared.machine(tmp_path / "first", writes=True))
    built = BuildsOfTrees(here).git(package)
    no_program(monkeypatch)
    second = replace(builds.here, store=shared.machine(tmp_path / "second"))
    assert BuildsOfTrees(second).git(package) == built
    assert {key.split("/")[3] for key in shared.objects} == {"built", "files"}


def test_nothing_is_left_in_the_repository(builds: BuildsOfTrees, tmp_path: Path) -> None:
    """A repository of this machine is read only."""
    repository = monorepo(tmp_path / "mono")
    builds.git(LockedGit("outer", repository.url, repository.head))
    assert repository.git("status", "--porcelain", "--ignored") == ""
    assert repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main\n"


def test_a_folder_of_an_archive_is_built_once(
    builds: BuildsOfTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a project; each folder of one archive is a wheel of its own."""
    repository = monorepo(tmp_path / "mono")
    path = Path(shutil.make_archive(str(tmp_path / "made"), "gztar", repository.root))
    sha256 = builds.here.store.add(path, ".gz")
    outer, inner = (
        LockedFile(name, "1.0", "mono.tar.gz", sha256, path, subdirectory=folder)
        for name, folder in (("outer", "."), ("inner", "packages/inner"))
    )
    assert builds.archive(outer).filename == "outer-1.0-py3-none-any.whl"
    first = builds.archive(inner)
    assert first.filename == "inner-1.0-py3-none-any.whl"
    no_program(monkeypatch)
    assert builds.archive(inner) == first
