"""Work trees of locked commits: exactly the commit, with what its backend may ask for, kept without git."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import LockedGit
from constructs_lib.core.progress import QUIET
from constructs_lib.core.project.repository import ask_git
from constructs_lib.core.wheels.git_tree import GitTrees
from tests.support.files.repositories import ALLOW_FILE, SCM_TOML, Repository, monorepo, package_files

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore


@pytest.fixture
def trees(store: WheelStore) -> GitTrees:
    return GitTrees(store, QUIET)


def locked(
    repository: Repository, commit: str = "", name: str = "outer", subdirectory: str = ""
) -> LockedGit:
    return LockedGit(name, repository.url, commit or repository.head, subdirectory)


def files(trees: GitTrees, package: LockedGit) -> set[str]:
    """Return the files of the commit's work tree."""
    with trees.checkout(package) as tree:
        return {
            path.relative_to(tree.root).as_posix()
            for path in tree.root.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }


def test_the_tree_is_the_commits_and_not_todays(trees: GitTrees, tmp_path: Path) -> None:
    """Neither the branch's newest commit nor uncommitted files of the repository."""
    repository = monorepo(tmp_path / "mono")
    first = repository.head
    repository.commit({"new.txt": ""})
    (repository.root / "uncommitted.txt").touch()
    assert files(trees, locked(repository, first)) == {
        *package_files("outer"),
        *package_files("inner", "packages/inner/"),
    }
    assert "new.txt" in files(trees, locked(repository))


def test_a_project_in_a_subdirectory_sees_the_whole_tree(trees: GitTrees, tmp_path: Path) -> None:
    """Its backend may read files beside it."""
    package = locked(monorepo(tmp_path / "mono"), name="inner", subdirectory="packages/inner")
    with trees.checkout(package) as tree:
        assert tree.project == tree.root / "packages/inner"
        assert (tree.root / "src/outer/__init__.py").is_file()
        assert ask_git(tree.project, "status", "--porcelain", "--ignored") == ""
        root = tree.root
    assert not root.exists()


def test_a_kept_tree_needs_no_git(trees: GitTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the repository: it is in the store, as it was."""
    repository = monorepo(tmp_path / "mono")
    package = locked(repository)
    before = files(trees, package)
    repository.root.rename(tmp_path / "gone")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert files(trees, package) == before


def test_a_damaged_tree_is_fetched_again(trees: GitTrees, store: WheelStore, tmp_path: Path) -> None:
    """Its bytes are compared with its name."""
    package = locked(monorepo(tmp_path / "mono"))
    before = files(trees, package)
    [kept] = store.root.rglob("*.tar")
    kept.write_bytes(kept.read_bytes()[:-600] + bytes(600 - 1) + b"x")
    assert files(trees, package) == before


def test_a_plain_project_costs_one_commit(trees: GitTrees, tmp_path: Path) -> None:
    """The history is fetched only where a backend may ask for it."""
    repository = monorepo(tmp_path / "mono")
    repository.commit({"new.txt": ""})
    with trees.checkout(locked(repository)) as tree:
        assert ask_git(tree.root, "rev-list", "--count", "HEAD") == "1\n"


def scm_repository(root: Path) -> Repository:
    """Return a repository whose version is made from the tag `v1.2`, two commits ago, and a later tag `v9`."""
    toml = SCM_TOML.format(name="scm", root="..")
    repository = Repository.made(
        root, {**package_files("outer"), "scm/pyproject.toml": toml, "scm/scm/__init__.py": ""}
    )
    repository.tag("v1.2")
    repository.commit()
    repository.commit()
    return repository


def test_a_version_of_git_has_its_history_and_tags(trees: GitTrees, tmp_path: Path) -> None:
    """As `git describe` counts them in a clone; a tag that is not in the commit's history is none of it."""
    repository = scm_repository(tmp_path / "scm")
    commit = repository.head
    repository.commit()
    repository.tag("v9")
    with trees.checkout(locked(repository, commit, "scm", "scm")) as tree:
        described = ask_git(tree.root, "describe", "--tags", "--long")
    assert described == f"v1.2-2-g{commit[:7]}\n"


def test_history_is_added_to_a_kept_tree(trees: GitTrees, tmp_path: Path) -> None:
    """One repository may hold a project that needs it beside one that does not."""
    repository = scm_repository(tmp_path / "scm")
    files(trees, locked(repository))
    for _ in range(2):
        with trees.checkout(locked(repository, name="scm", subdirectory="scm")) as tree:
            assert ask_git(tree.root, "describe", "--tags", "--abbrev=0") == "v1.2\n"


def test_one_archive_is_kept_of_a_commit(
    trees: GitTrees, store: WheelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another process has kept it meanwhile; a deeper one takes the place of a shallow one."""
    repository = scm_repository(tmp_path / "scm")
    shallow, deep = locked(repository), locked(repository, name="scm", subdirectory="scm")
    with monkeypatch.context() as patch:
        # As if all had looked before any had kept one.
        patch.setattr(GitTrees, "_unpack", lambda *_: False)
        archives = []
        for package in (shallow, shallow, deep, deep, shallow):
            files(trees, package)
            [archive] = store.root.rglob("*.tar")
            archives.append(archive.name)
    first, second, third, fourth, last = archives
    assert first == second != third == fourth == last
    with trees.checkout(deep) as tree:
        assert ask_git(tree.root, "describe", "--tags", "--abbrev=0") == "v1.2\n"


def test_submodules_come_along(trees: GitTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of submodules too, and one with an address that is relative to the repository's."""
    deep = Repository.made(tmp_path / "deep", {"deep.txt": ""})
    shared = Repository.made(tmp_path / "shared", {"shared.txt": ""})
    shared.git("submodule", "--quiet", "add", deep.url, "deep")
    shared.commit()
    repository = monorepo(tmp_path / "mono")
    repository.git("submodule", "--quiet", "add", "../shared", "src/outer/shared")
    repository.commit()
    for name, value in ALLOW_FILE.items():
        monkeypatch.setenv(name, value)
    package = locked(repository)
    for _ in range(2):
        assert {"src/outer/shared/shared.txt", "src/outer/shared/deep/deep.txt"} <= files(trees, package)


def test_a_submodule_that_may_not_be_read_is_an_error(trees: GitTrees, tmp_path: Path) -> None:
    """A wheel without its files would be a silent loss."""
    shared = Repository.made(tmp_path / "shared", {"shared.txt": ""})
    repository = monorepo(tmp_path / "mono")
    repository.git("submodule", "--quiet", "add", shared.url, "shared")
    repository.commit()
    with pytest.raises(ToolError, match="transport 'file' not allowed") as caught:
        files(trees, locked(repository))
    assert caught.value.id == "git-failed"
    assert "\n" not in str(caught.value)


def test_an_old_server_gives_everything(
    trees: GitTrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a commit cannot be asked for by its id, all branches and tags are fetched."""
    repository = monorepo(tmp_path / "mono")
    commit = repository.head
    repository.commit({"new.txt": ""})
    for name, value in (("COUNT", "1"), ("KEY_0", "protocol.version"), ("VALUE_0", "0")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert "new.txt" not in files(trees, locked(repository, commit))


def test_an_unknown_commit_is_one_line(trees: GitTrees, store: WheelStore, tmp_path: Path) -> None:
    """Nothing of it is kept."""
    repository = monorepo(tmp_path / "mono")
    with pytest.raises(ToolError, match=f"outer from git\\+file://.*@{'0' * 40} cannot be fetched") as caught:
        files(trees, locked(repository, "0" * 40))
    assert caught.value.id == "git-commit-unknown"
    assert not list(store.root.rglob("*.tar"))


def test_a_commit_is_not_a_tag_object(trees: GitTrees, tmp_path: Path) -> None:
    """The id of an annotated tag leads to a commit, and is none."""
    repository = monorepo(tmp_path / "mono")
    repository.git("tag", "--annotate", "--message=x", "v1")
    tag = repository.git("rev-parse", "v1").strip()
    with pytest.raises(ToolError) as caught:
        files(trees, locked(repository, tag))
    assert caught.value.id == "git-commit-unknown"


def test_a_missing_subdirectory_is_one_line(trees: GitTrees, tmp_path: Path) -> None:
    """With the name that the lock has."""
    package = locked(monorepo(tmp_path / "mono"), subdirectory="packages/nowhere")
    with pytest.raises(ProjectError, match="has no folder packages/nowhere") as caught:
        files(trees, package)
    assert caught.value.id == "subdirectory-missing"


def test_a_missing_repository_is_one_line(trees: GitTrees, tmp_path: Path) -> None:
    """Hosts do not tell a private repository from one that is not there."""
    package = LockedGit("lib", (tmp_path / "nowhere").as_uri(), "0" * 40)
    with pytest.raises(ToolError, match="access was refused or there is no such repository") as caught:
        files(trees, package)
    assert caught.value.id == "git-refused"


def test_modes_do_not_depend_on_the_umask(trees: GitTrees, tmp_path: Path) -> None:
    """A wheel may record them; a first build and one from the store have the same."""
    repository = monorepo(tmp_path / "mono")
    (repository.root / "run.sh").touch(mode=0o755)
    repository.commit()
    umask = os.umask(0o077)
    try:
        for _ in range(2):
            with trees.checkout(locked(repository)) as tree:
                modes = [
                    stat.S_IMODE((tree.root / name).stat().st_mode)
                    for name in ("run.sh", "pyproject.toml", "src")
                ]
            assert modes == [0o755, 0o644, 0o755]
    finally:
        os.umask(umask)


def test_links_of_a_commit_stay_links(trees: GitTrees, tmp_path: Path) -> None:
    """Also those to a folder, and those to nothing."""
    repository = monorepo(tmp_path / "mono")
    (repository.root / "folder").symlink_to("src")
    (repository.root / "nothing").symlink_to("/nowhere")
    repository.commit()
    for _ in range(2):
        with trees.checkout(locked(repository)) as tree:
            assert str((tree.root / "folder").readlink()) == "src"
            assert str((tree.root / "nothing").readlink()) == "/nowhere"


def test_files_of_lfs_are_pointed_out(
    trees: GitTrees, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The data is elsewhere, and the wheel has the pointers."""
    repository = monorepo(tmp_path / "mono")
    files(trees, locked(repository))
    assert caplog.text == ""
    repository.commit({".gitattributes": "*.bin filter=lfs -text\n"})
    files(trees, locked(repository))
    assert "keeps files by Git LFS: they stay pointers" in caplog.text


def test_many_at_once_get_the_same(trees: GitTrees, tmp_path: Path) -> None:
    """Nobody sees a tree that is being written."""
    package = locked(monorepo(tmp_path / "mono"))
    results: list[set[str]] = []
    threads = [threading.Thread(target=lambda: results.append(files(trees, package))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(result == results[0] for result in results)
