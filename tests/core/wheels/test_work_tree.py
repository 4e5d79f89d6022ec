"""The copy of a work tree: the same for git and for a build, and the original is not written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from constructs_lib.core.wheels.work_tree import WorkTree, copy_work_tree
from tests.support.files.backends import git
from tests.support.files.sources import write_files
from tests.support.nobody import as_nobody, public_folder

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"proj/a.py": "a = 1\n", "shared/b.py": "b = 1\n", ".gitignore": "*.local\ndata/\nnode_modules\n"}


def repository(root: Path) -> Path:
    write_files(root, FILES)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    git(root, "tag", "-a", "v1", "-m", "t")
    return root


def test_git_cannot_tell_the_copy_from_the_original(tmp_path: Path) -> None:
    """Tags, index, changes and files that are not tracked; committing there would not move the original's branch."""
    root = repository(tmp_path / "repo")
    write_files(root, {"proj/a.py": "a = 2\n", "shared/new.py": "", "staged.py": ""})
    git(root, "add", "staged.py")
    copy = copy_work_tree(WorkTree(root / "proj"), tmp_path / "scratch")
    assert copy == tmp_path / "scratch" / "tree" / "repo" / "proj"
    for question in (
        ("describe", "--dirty"),
        ("status", "--porcelain"),
        ("ls-files", "--stage"),
        ("log", "--oneline"),
    ):
        assert git(copy.parent, *question) == git(root, *question)
    index = (root / ".git" / "index").read_bytes()
    git(copy, "add", "-A")
    assert (root / ".git" / "index").read_bytes() == index


def test_a_linked_worktree_and_a_submodule_are_copied(tmp_path: Path) -> None:
    """Their `.git` is a file that names a folder elsewhere."""
    part = repository(tmp_path / "part")
    main = repository(tmp_path / "main")
    git(main, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(part), "part")
    git(main, "commit", "-qm", "second")
    git(main, "worktree", "add", "-q", str(tmp_path / "tree"))
    for number, root in enumerate((main, tmp_path / "tree", main / "part")):
        copy = copy_work_tree(WorkTree(root), tmp_path / f"scratch{number}")
        assert git(copy, "status", "--porcelain") == git(root, "status", "--porcelain") == ""
        assert git(copy, "describe") == git(root, "describe")


def test_large_and_made_folders_are_not_copied(tmp_path: Path) -> None:
    """A link has to do for what a build may still read; caches are not there."""
    root = repository(tmp_path / "repo")
    env = {
        "proj/env/pyvenv.cfg": "",
        "proj/env/x.py": "",
        "proj/node_modules/y.js": "",
        "proj/__pycache__/a.pyc": "",
    }
    write_files(
        root,
        {**env, "data/big": "", "new/x": "", "proj/data/small": "", "proj/x.local": "", "shared/x.local": ""},
    )
    copy = copy_work_tree(WorkTree(root / "proj", [root / "proj/x.local"]), tmp_path / "scratch")
    links = {path.relative_to(copy.parent).as_posix() for path in copy.parent.rglob("*") if path.is_symlink()}
    assert links == {"proj/env", "proj/node_modules", "data", "new"}
    assert {path.name for path in copy.iterdir()} == {"a.py", "env", "node_modules", "data"}
    assert (copy / "data/small").is_file()


def test_a_new_folder_that_the_build_takes_files_from_is_copied(tmp_path: Path) -> None:
    """It is not tracked yet, and what git ignores in it stays out; a link could not leave that out."""
    root = repository(tmp_path / "repo")
    write_files(root, {"parts/new/x.py": "", "parts/new/x.local": "", "parts/other/y.py": ""})
    place, dropped = root / "parts" / "new", root / "parts" / "new" / "x.local"
    copy = copy_work_tree(WorkTree(root / "proj", [dropped], [place]), tmp_path / "scratch")
    parts = copy.parent / "parts"
    assert [path.name for path in parts.rglob("*") if not path.is_dir()] == ["x.py", "y.py"]
    assert not (parts / "new").is_symlink()


def test_links_lead_where_they_led(tmp_path: Path) -> None:
    """One inside the tree stays in the copy, one that leaves it still finds its file."""
    write_files(tmp_path, {"outside.txt": "o", "app/a.py": ""})
    app = tmp_path / "app"
    (app / "in.py").symlink_to("a.py")
    (app / "out.txt").symlink_to("../outside.txt")
    os.mkfifo(app / "pipe")
    copy = copy_work_tree(WorkTree(app), tmp_path / "scratch")
    assert (copy / "in.py").resolve() == copy / "a.py"
    assert (copy / "out.txt").read_text() == "o"
    assert not (copy / "pipe").exists()
    assert not (copy.parent / "outside.txt").exists()


def test_a_project_that_reaches_outside_finds_its_neighbors(tmp_path: Path) -> None:
    write_files(tmp_path / "home", {"shared/b.py": "b", "app/a.py": ""})
    tree = WorkTree(tmp_path / "home" / "app", with_siblings=True)
    copy = copy_work_tree(tree, tmp_path / "scratch")
    assert (copy / "../shared/b.py").read_text() == "b"


def test_read_only_files_can_be_written_in_the_copy(tmp_path: Path) -> None:
    app = write_files(tmp_path / "app", {"a.py": "", "run.sh": ""})
    (app / "a.py").chmod(0o444)
    (app / "run.sh").chmod(0o555)
    copy = copy_work_tree(WorkTree(app), tmp_path / "scratch")
    assert [(copy / name).stat().st_mode & 0o777 for name in ("a.py", "run.sh")] == [0o644, 0o755]


def test_a_closed_folder_above_the_project_hides_its_neighbors_alone(tmp_path: Path) -> None:
    """A build need not use them."""
    with public_folder() as folder:
        write_files(folder / "home", {"app/a.py": "", "other/b.py": ""})
        (folder / "home").chmod(0o711)
        (folder / "scratch").mkdir()
        (folder / "scratch").chmod(0o777)
        with as_nobody():
            copy = copy_work_tree(WorkTree(folder / "home" / "app", with_siblings=True), folder / "scratch")
        assert {path.name for path in copy.iterdir()} == {"a.py"}
        assert [path.name for path in copy.parent.iterdir()] == ["app"]


def test_a_pointer_to_a_folder_with_any_name_is_followed(tmp_path: Path) -> None:
    """Names of files are bytes, and need not be UTF-8."""
    root = repository(tmp_path / "repo")
    (root / "part").mkdir()
    (root / "part" / ".git").write_bytes(b"gitdir: ../\xff\n")
    copy = copy_work_tree(WorkTree(root), tmp_path / "scratch")
    assert (copy / "part" / ".git").read_bytes() == b"gitdir: " + os.fsencode(root) + b"/\xff\n"
