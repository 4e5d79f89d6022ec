"""Files of a folder become entries."""

from __future__ import annotations

import os
import socket
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.archive.writer import write_archive
from constructs_lib.core.errors import WheelError
from tests.core.archive.test_writer import TREES, as_tree
from tests.support.files.wheels import unpacked
from tests.support.files.zip_rules import breaches
from tests.support.nobody import as_nobody, public_folder


def test_content_and_executable_bit_are_taken_and_nothing_else(tmp_path: Path) -> None:
    """Owner, time and the other bits of the mode, setuid and sticky among them, do not count."""
    modes = {"a.sh": 0o7755, "b.py": 0o600, "c.sh": 0o700, "d.py": 0o666, "e.sh": 0o644}
    for name, mode in modes.items():
        (tmp_path / name).write_text(f"#!{name}")
        (tmp_path / name).chmod(mode)
    entries = tree_entries(tmp_path, map(Path, modes), "python/")
    assert [(each.name, each.content(), each.executable) for each in entries] == [
        ("python/a.sh", b"#!a.sh", True),
        ("python/b.py", b"#!b.py", False),
        ("python/c.sh", b"#!c.sh", True),
        ("python/d.py", b"#!d.py", False),
        ("python/e.sh", b"#!e.sh", False),
    ]


def test_only_what_linux_could_start_is_executable(tmp_path: Path) -> None:
    """On a disk of Windows every file has that mode; the archive is the same as that of a proper one."""
    contents = {"script": b"#!/bin/sh\n", "elf": b"\x7fELF\x02", "module.py": b"x = 1\n", "empty": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o777)
    entries = tree_entries(tmp_path, map(Path, contents))
    assert [entry.name for entry in entries if entry.executable] == ["script", "elf"]


@pytest.mark.parametrize("time", [0, -86_400, 4_354_819_200, 2**33], ids=["1970", "1969", "2108", "2242"])
def test_file_times_that_zips_cannot_hold_do_not_matter(tmp_path: Path, time: int) -> None:
    """A zip's times go from 1980 to 2107; no file's own time is read."""
    (tmp_path / "a.py").write_text("x = 1")
    archives = []
    for stamp in (1_700_000_000, time):
        os.utime(tmp_path / "a.py", (stamp, stamp))
        assert (tmp_path / "a.py").stat().st_mtime == stamp
        archives.append(write_archive(tree_entries(tmp_path, [Path("a.py")]), tmp_path / "a.zip").sha256)
    assert archives[0] == archives[1]


def test_a_link_inside_the_tree_becomes_the_file_it_points_to(tmp_path: Path) -> None:
    """Lambda gets a copy; whether it would keep a link is nowhere promised."""
    (tmp_path / "real.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to("real.py")
    [entry] = tree_entries(tmp_path, [Path("link.py")])
    assert (entry.name, entry.content()) == ("link.py", b"x = 1")


def test_what_is_no_file_of_the_tree_is_refused(tmp_path: Path) -> None:
    """A link that leaves the tree, one that points nowhere, a loop, a pipe, a socket, a device, each with its path."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "out").symlink_to("../secret")
    (root / "dangling").symlink_to("nothing")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    (root / "device").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(root / "socket"))
    for name, why in {
        "out": "is a link that leaves",
        "dangling": "is neither a file nor a folder",
        "loop": "is neither a file nor a folder",
        "pipe": "is neither a file nor a folder",
        "socket": "is neither a file nor a folder",
        "device": "is a link that leaves",
        "gone": "is neither a file nor a folder",
    }.items():
        with pytest.raises(WheelError, match=why) as caught:
            tree_entries(root, [Path(name)])
        assert str(root / name) in str(caught.value)


def test_a_device_is_refused(tmp_path: Path) -> None:
    """Not read: some never end. A tree that is `/dev` stands for one, since only root may make a device."""
    with pytest.raises(WheelError, match="/dev/zero is neither a file nor a folder"):
        tree_entries(Path("/dev"), [Path("zero")])


def test_an_unreadable_file_is_named() -> None:
    """Mode 0000; its neighbour can be read. Root may read both, so root asks as somebody else."""
    with public_folder() as root:
        for name, mode in {"open.py": 0o644, "shut.py": 0}.items():
            (root / name).touch()
            (root / name).chmod(mode)
        with as_nobody():
            assert len(tree_entries(root, [Path("open.py")])) == 1
            with pytest.raises(WheelError, match=r"/shut\.py cannot be read: Permission denied$"):
                tree_entries(root, [Path("shut.py")])


ODD_NAMES = ["-rf", "a b.py", " .py", "🐍.py", "日本.py", "é.py", "x" * 255, "/".join(["x" * 100] * 30)]


def test_odd_names_go_into_the_archive_and_out_again(tmp_path: Path) -> None:
    """Spaces, a leading dash, emoji, a long part, and a path that is long in all."""
    root = tmp_path / "tree"
    for name in ODD_NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    archive = write_archive(tree_entries(root, map(Path, ODD_NAMES)), tmp_path / "a.zip")
    assert unpacked(archive.path) == {name: (name.encode(), False) for name in ODD_NAMES}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(TREES)
def test_any_folder_comes_back_file_for_file(tmp_path: Path, files: dict[str, tuple[bytes, bool]]) -> None:
    """Names, contents and programs; walked in another order, it gives the same bytes."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        wanted = {each.name: (each.content(), each.executable) for each in as_tree(files)}
        for name, (content, executable) in wanted.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"#!" + content)
            file.chmod(0o700 if executable else 0o600)
        paths = [path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()]
        archive = write_archive(tree_entries(Path(folder), paths), tmp_path / "one.zip")
        assert unpacked(archive.path) == {name: (b"#!" + content, x) for name, (content, x) in wanted.items()}
        assert breaches(archive.path.read_bytes()) == []
        again = write_archive(tree_entries(Path(folder), reversed(paths)), tmp_path / "two.zip")
        assert again.sha256 == archive.sha256


def test_decomposed_names_give_the_archive_of_composed_ones(tmp_path: Path) -> None:
    """MacOS hands out file names decomposed."""
    archives = []
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize(form, "über.py")
        (tmp_path / form).mkdir()
        (tmp_path / form / name).write_text("x = 1")
        archive = write_archive(tree_entries(tmp_path / form, [Path(name)]), tmp_path / f"{form}.zip")
        archives.append(archive.sha256)
    assert archives[0] == archives[1]


@pytest.mark.parametrize("name", [b"a\nb.py", b"a\x1b[2J.py", b"\xff.py", b"a\\b.py"])
def test_a_name_that_no_archive_should_hold_is_refused_on_one_line(tmp_path: Path, name: bytes) -> None:
    """Control characters, bytes that are no UTF-8, backslashes; a message may be shown on a terminal."""
    path = Path(os.fsdecode(name))
    os.mkfifo(tmp_path / path)
    with pytest.raises(WheelError, match=r"cannot go into an archive$") as caught:
        tree_entries(tmp_path, [path])
    assert str(caught.value).isprintable()
