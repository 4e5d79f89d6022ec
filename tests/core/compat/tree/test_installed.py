"""Which distribution brought which file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from constructs_lib.core.compat.tree.installed import read_tree
from constructs_lib.core.errors import WheelError
from tests.support.files.installed import install
from tests.support.nobody import as_nobody, public_folder


def names(root: Path, *ignore: str) -> list[str]:
    return [path.as_posix() for path in read_tree(root, ignore).files]


def test_a_distribution_is_ignored_exactly(tmp_path: Path) -> None:
    """By its name as PEP 503 compares names; one that only begins alike stays."""
    install(tmp_path, "boto3")
    install(tmp_path, "boto3_stubs", {"boto3-stubs/__init__.pyi": b""})
    install(tmp_path, "Py_Test", {"_pytest/__init__.py": b"", "py.py": b""})
    tree = read_tree(tmp_path, ["BOTO3", "py.test"])
    assert [str(each) for each in tree.distributions] == ["boto3-stubs==1.0"]
    assert tree.ignored == ("boto3==1.0", "py-test==1.0")
    assert {path.parts[0] for path in tree.files} == {"boto3-stubs", "boto3_stubs-1.0.dist-info"}


def test_a_file_that_a_kept_distribution_shares_stays(tmp_path: Path) -> None:
    """A namespace's `__init__.py` for example."""
    shared = {"google/__init__.py": b""}
    install(tmp_path, "one", {**shared, "google/one.py": b""})
    install(tmp_path, "two", {**shared, "google/two.py": b""})
    assert [name for name in names(tmp_path, "two") if name.startswith("google")] == [
        "google/__init__.py",
        "google/one.py",
    ]


def test_what_no_record_names_is_ignored_by_its_name_at_the_top(tmp_path: Path) -> None:
    """People delete dist-info folders to save room."""
    for name in ("boto3/session.py", "boto3_more/x.py", "six.py", "vendored/boto3/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path, "boto3", "six") == ["boto3_more/x.py", "vendored/boto3/x.py"]


def test_an_installers_leftovers_stay_out(tmp_path: Path) -> None:
    """Its notes, scripts, headers, bytecode, and what a virtual environment puts beside the packages."""
    install(tmp_path, "demo", outside=["../../bin/demo", "../../share/demo.txt"])
    for name in (
        "bin/demo",
        "include/demo.h",
        "share/demo.txt",
        ".lock",
        "_virtualenv.py",
        "_virtualenv.pth",
        "demo/__pycache__/x.cpython-313.pyc",
        "demo/bin/tool",
        "demo/RECORD",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == [
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/WHEEL",
        "demo/RECORD",
        "demo/__init__.py",
        "demo/bin/tool",
        "share/demo.txt",
    ]
    assert "share/demo.txt" not in names(tmp_path, "demo")


def test_a_package_named_bin_is_no_leftover(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "__init__.py").touch()
    assert names(tmp_path) == ["bin/__init__.py"]


def test_a_link_to_a_folder_of_the_tree_is_walked(tmp_path: Path) -> None:
    """Its files are there twice, as they would be once unpacked."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").touch()
    (tmp_path / "alias").symlink_to("real")
    assert names(tmp_path) == ["alias/a.py", "real/a.py"]


@pytest.mark.parametrize(
    ("target", "why"), [("..", "is a link that leaves"), (".", "is a link to a folder around it")]
)
def test_a_link_that_leads_out_or_round_is_refused(tmp_path: Path, target: str, why: str) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "link").symlink_to(target)
    with pytest.raises(WheelError, match=why):
        names(root)


def test_names_that_are_links_to_nothing_are_left_to_the_reader(tmp_path: Path) -> None:
    """They are listed; reading them says what is wrong."""
    (tmp_path / "a.py").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "one").symlink_to("other")
    (tmp_path / "other").symlink_to("one")
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == ["a.py", "loop", "one", "other", "pipe"]


def test_links_round_two_corners_are_refused(tmp_path: Path) -> None:
    """Each of two folders has a link to the other one."""
    for here, there in (("a", "b"), ("b", "a")):
        (tmp_path / here).mkdir()
        (tmp_path / here / "link").symlink_to(f"../{there}")
    with pytest.raises(WheelError, match="is a link to a folder around it: remove it"):
        names(tmp_path)


def test_links_that_multiply_a_tree_end_in_an_error(tmp_path: Path) -> None:
    """Thirty folders, each with two links to the next one, are a billion folders to walk."""
    for level in range(30):
        (tmp_path / str(level)).mkdir()
        for name in ("left", "right"):
            (tmp_path / str(level) / name).symlink_to(f"../{level + 1}")
    (tmp_path / "30").mkdir()
    with pytest.raises(WheelError, match="has links to folders that multiply it to more than 10000 files"):
        names(tmp_path)


def test_a_tree_deeper_than_pythons_stack_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And taken away again, which pytest's own clean-up cannot."""
    monkeypatch.chdir(tmp_path)
    for _ in range(1050):
        Path("d").mkdir()  # a path of full length would make each step slow
        os.chdir("d")
    Path("a.py").touch()
    try:
        assert names(tmp_path) == ["d/" * 1050 + "a.py"]
    finally:
        Path("a.py").unlink()
        for _ in range(1050):
            os.chdir("..")
            Path("d").rmdir()


def test_a_folder_that_cannot_be_entered_is_named_on_one_line() -> None:
    """Also where its name would break the line. Root may enter it, so root asks as somebody else."""
    with public_folder() as root:
        (root / "a\nb").mkdir(mode=0)
        with as_nobody(), pytest.raises(WheelError) as caught:
            names(root)
        assert str(caught.value) == f"'{root}/a\\nb' cannot be read: Permission denied"
