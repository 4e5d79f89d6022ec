"""The repository around a folder, asked of the real git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.project.repository import (
    find_work_tree,
    git_environment,
    git_state,
    ignore_rules,
    ignored_below,
    ignored_files,
)
from tests.support.files.backends import git
from tests.support.files.sources import write_files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILES = {"a.py": "", "local.py": "", "sub/b.py": "", "sub/keep.log": "", "sub/other.log": "", "made/c.py": ""}
RULES = {".gitignore": "local.py\n*.log\nmade/\n", "sub/.gitignore": "!keep.log\n"}


def ignored(root: Path) -> set[str]:
    files = [
        path.relative_to(root) for path in root.rglob("*") if path.is_file() and ".git" not in path.parts
    ]
    return {path.as_posix() for path in ignored_files(root, files)}


def test_git_and_its_rules_agree(tmp_path: Path) -> None:
    """Without a repository the `.gitignore`s of the folder decide, the deepest first; with one, git."""
    root = write_files(tmp_path / "app", {**FILES, **RULES})
    expected = {"local.py", "sub/other.log", "made/c.py"}
    assert ignored(root) == expected
    git(root, "init", "-q")
    assert ignored(root) == expected
    git(root, "add", "-f", "local.py")
    assert ignored(root) == expected - {"local.py"}


def test_the_rules_of_the_folders_above_count(tmp_path: Path) -> None:
    """Unless the project as a whole is ignored: then it has only its own."""
    root = write_files(tmp_path / "mono" / "app", FILES)
    write_files(root.parent, RULES)
    git(root.parent, "init", "-q")
    before = ignore_rules(root)
    assert ignored(root) == {"local.py", "sub/keep.log", "sub/other.log", "made/c.py"}
    write_files(root.parent, {".gitignore": "app/\n"})
    write_files(root, {".gitignore": "local.py\n"})
    assert ignored(root) == {"local.py"}
    assert ignore_rules(root) != before


def test_no_rules_ignore_nothing(tmp_path: Path) -> None:
    root = write_files(tmp_path / "app", FILES)
    assert (ignored(root), find_work_tree(root), git_state(root)) == (set(), None, "")


def test_without_git_the_files_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_files(tmp_path / "app", {**FILES, **RULES})
    git(root, "init", "-q")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ignored(root) == {"local.py", "sub/other.log", "made/c.py"}


def test_what_is_ignored_beside_the_project(tmp_path: Path) -> None:
    """In the folders that are named alone; bytecode does not count, nor a folder that is named itself."""
    root = write_files(
        tmp_path / "repo", {".gitignore": "*.local\nmade/\n*.pyc\n", "app/a.py": "", "lib/b.py": ""}
    )
    git(root, "init", "-q")
    write_files(root, {f"{folder}/x.local": "" for folder in ("app", "lib", "lib/made", "other")})
    write_files(root, {"lib/b.pyc": "", "lib/__pycache__/c.pyc": "", "lib/new/y.local": ""})

    def names(*folders: str) -> set[str]:
        found = ignored_below(root / "app", [root / folder for folder in folders])
        return {path.relative_to(root).as_posix() for path in found}

    assert names("lib") == {"lib/x.local", "lib/made", "lib/new", "lib/new/y.local"}
    assert names("lib/made", "lib/x.local", "missing", "../elsewhere") == set()
    assert names(".") >= {"lib/x.local", "lib/made", "lib/new/y.local", "other/x.local"}
    assert ignored_below(tmp_path / "nowhere", [tmp_path]) == frozenset()


def test_the_state_follows_commit_tag_and_change(tmp_path: Path) -> None:
    """Each of them changes a version that is made from git; asking again does not."""
    root = write_files(tmp_path / "app", FILES)
    git(root, "init", "-q")
    states = [git_state(root)]
    git(root, "add", "-A")
    states.append(git_state(root))
    git(root, "commit", "-qm", "first")
    states.append(git_state(root))
    git(root, "tag", "v1")
    states.append(git_state(root))
    write_files(root, {"a.py": "x = 1\n"})
    states.append(git_state(root))
    assert len(set(states)) == len(states)
    assert git_state(root) == states[-1]


def test_git_stays_in_the_folder() -> None:
    """A git hook sets variables that point at its own repository."""
    assert git_environment({"GIT_DIR": "/x", "HOME": "/h"}) == {
        "HOME": "/h",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def test_an_invalid_line_ignores_nothing(tmp_path: Path) -> None:
    """Without a repository as with one: git passes over it."""
    root = write_files(tmp_path / "app", {**FILES, ".gitignore": "!\nlocal.py\n"})
    assert ignored(root) == {"local.py"}
    git(root, "init", "-q")
    assert ignored(root) == {"local.py"}
