"""The sources that a container gets: what is in the copy, and what a build is named by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.lock.locked import LockedDirectory
from constructs_lib.core.wheels.container_sources import TreeSource
from tests.support.builders import native
from tests.support.files.backends import BACKENDS, git, write_repository
from tests.support.files.sources import write_files
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path


def tree_source(root: Path, scratch: Path) -> TreeSource:
    scratch.mkdir(exist_ok=True)
    return TreeSource.of(LockedDirectory("pkg", root), None, scratch)


def test_a_secret_in_no_commit_is_not_handed_in(tmp_path: Path) -> None:
    """One that was committed is: without it the tree would be changed, and so the version. It leaves the wheel."""
    project = write_repository(tmp_path / "repo", {**BACKENDS["hatch-vcs"], "src/pkg/kept.key": "canary"})
    write_files(project, {"src/pkg/.env.local": "canary", "../.env": "canary", "../shared/x.key": "canary"})
    (tmp_path / "in").mkdir()
    source = tree_source(project, tmp_path / "scratch")
    source.prepare(tmp_path / "in")
    copy = tmp_path / "scratch" / "tree" / "repo"
    assert {path.name for path in (copy / "proj/src/pkg").iterdir()} == {
        *("__init__.py", "data.txt", "kept.key", "mod.py")
    }
    assert git(copy, "status", "--porcelain") == ""
    assert {path.name for path in copy.iterdir()} == {".git", ".gitignore", "proj", "shared"}
    assert {path.name for path in (copy / "shared").iterdir()} == {"__init__.py", "extra.py"}
    wheel = make_wheel(tmp_path / "out", "pkg", files={"pkg/mod.py": b"", "pkg/kept.key": b"canary"})
    [left_out] = source.finish(wheel)
    assert left_out.names == ("pkg/kept.key",)


def test_a_secret_in_an_untracked_folder_is_not_handed_in(tmp_path: Path) -> None:
    """Git names such a folder as a whole; its other files are there."""
    project = write_repository(tmp_path / "repo", BACKENDS["hatch-vcs"])
    write_files(project, {"newpkg/.env": "canary", "newpkg/deep/x.key": "canary", "newpkg/mod.py": ""})
    (tmp_path / "in").mkdir()
    tree_source(project, tmp_path / "scratch").prepare(tmp_path / "in")
    copy = tmp_path / "scratch" / "tree" / "repo" / "proj" / "newpkg"
    assert [path.name for path in copy.rglob("*") if path.is_file()] == ["mod.py"]


@pytest.mark.parametrize("change", ["file", "other folder", "commit", "nothing"])
@pytest.mark.parametrize("backend", ["known", "unknown"])
def test_a_build_is_named_by_all_that_it_sees(backend: str, change: str, tmp_path: Path) -> None:
    """A known backend reads its project; an unknown one may read the whole work tree, and git."""
    project = write_repository(tmp_path / "repo", BACKENDS["poetry-core"])
    if backend == "unknown":
        native.write_tree(project)
        git(project, "add", "-A")
        git(project, "commit", "-qm", "native")
    before = tree_source(project, tmp_path / "1").key
    if change == "file":
        write_files(project, {"src/pkg/mod.py": "changed"})
    elif change == "other folder":
        write_files(tmp_path / "repo", {"shared/extra.py": "changed"})
    elif change == "commit":
        git(project, "commit", "-q", "--allow-empty", "-m", "x")
    after = tree_source(project, tmp_path / "2").key
    is_same = change == "nothing" or (backend == "known" and change != "file")
    assert (before == after) is is_same


def test_the_identity_is_that_of_sources_and_pure_members(tmp_path: Path) -> None:
    """A compiler need not give the same bytes twice; a version that is not the same is another wheel."""
    project = write_repository(tmp_path / "repo", BACKENDS["hatch-vcs"])

    def identity(number: str, version: str, library: bytes) -> str | None:
        files = {"pkg/_version.py": version.encode(), "pkg/_fast.so": b"\x7fELF" + library}
        source = tree_source(project, tmp_path / f"scratch{number}")
        return source.identity(make_wheel(tmp_path / number, "pkg", version, files=files), "key")

    first = identity("1", "1.0", b"a")
    assert first == identity("2", "1.0", b"b")
    assert first != identity("3", "2.0", b"a")
    write_files(project, {"src/pkg/mod.py": "changed"})
    assert first != identity("4", "1.0", b"a")
