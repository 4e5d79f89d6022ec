"""Files that cannot be read or written are one error each; no half-written file takes a place."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, StoreError, WheelError
from constructs_lib.core.system.files import atomic_write, reading, unreadable
from tests.support.limits import files_no_larger_than
from tests.support.nobody import as_nobody, public_folder

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, remedy: str = "") -> str:
    with reading(path, remedy):
        return path.read_text(encoding="utf-8")


def test_a_file_that_can_be_read_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("é", encoding="utf-8")
    assert read(tmp_path / "a") == "é"


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    """Also where a file stands in place of a folder above it."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "gone", tmp_path / "file" / "gone"):
        with pytest.raises(ProjectError) as caught:
            read(path, "run 'uv lock'")
        assert (caught.value.id, str(caught.value)) == (
            "file-missing",
            f"{path} does not exist: run 'uv lock'",
        )
    with pytest.raises(ProjectError, match=r"gone does not exist$"):
        read(tmp_path / "gone")


def test_a_text_in_another_encoding_is_named_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc\xff")
    with pytest.raises(ProjectError, match=r"/a is not UTF-8 at byte 3$") as caught:
        read(tmp_path / "a")
    assert caught.value.id == "file-not-utf8"


def test_a_file_that_may_not_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    """The system's words: a folder, and a file of mode 0000 (root asks as somebody else)."""
    with pytest.raises(ProjectError, match=rf"^{tmp_path} cannot be read: Is a directory$") as caught:
        read(tmp_path)
    assert caught.value.id == "file-unreadable"
    with public_folder() as folder:
        (folder / "shut").touch()
        (folder / "shut").chmod(0)
        with as_nobody(), pytest.raises(ProjectError, match=r"shut cannot be read: Permission denied$"):
            read(folder / "shut")


def test_the_class_of_the_error_is_the_callers(tmp_path: Path) -> None:
    """The same for the block and for the value; an error without a number of the system has its text."""
    with pytest.raises(WheelError), reading(tmp_path, error=WheelError):
        tmp_path.read_bytes()
    error = unreadable("a", OSError("made up"), error=StoreError)
    assert (type(error), str(error)) == (StoreError, "a cannot be read: made up")


def test_other_errors_pass_through(tmp_path: Path) -> None:
    """What goes wrong with the content is for the caller to word."""
    with pytest.raises(ValueError, match="not JSON"), reading(tmp_path):
        raise ValueError("not JSON")


def test_the_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    """Until then the old one is there; the folders above are made; the mode is as asked whatever the umask is."""
    path = tmp_path / "deep" / "er" / "a"
    before = os.umask(0o077)
    try:
        for content, mode in ((b"one", 0o644), (b"two", 0o600)):
            with atomic_write(path, mode) as file:
                file.write(content)
                assert not path.exists() or path.read_bytes() == b"one"
            assert path.read_bytes() == content
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(before)
    assert [each.name for each in path.parent.iterdir()] == ["a"]


def test_what_was_written_can_be_read_back(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a") as file:
        file.write(b"content")
        file.seek(-3, os.SEEK_END)
        assert file.read() == b"ent"


def test_it_is_private_until_its_end(tmp_path: Path) -> None:
    """A reader of the folder sees no byte of a secret, even with an open umask."""
    before = os.umask(0)
    try:
        with atomic_write(tmp_path / "a", 0o600) as file:
            file.write(b"secret")
            assert [stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()] == [0o600]
    finally:
        os.umask(before)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / "link").symlink_to("elsewhere")
    with atomic_write(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
    assert not (tmp_path / "link").is_symlink()


def test_an_error_in_the_block_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def write() -> None:
        with atomic_write(tmp_path / "a") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a": b"old"}


@pytest.mark.parametrize("pieces", [1, 100])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, pieces: int) -> None:
    """In one write, of which the system may take a part without an error, and in many."""
    (tmp_path / "a").write_bytes(b"old")

    def write() -> None:
        with atomic_write(tmp_path / "a") as file:
            for _ in range(pieces):
                file.write(bytes(100_000 // pieces))

    with (
        files_no_larger_than(50_000),
        pytest.raises(StoreError, match=r"/a cannot be written: File too") as caught,
    ):
        write()
    assert caught.value.id == "file-unwritable"
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a": b"old"}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where its folder should be, or a folder where the file should be."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path, reason in (
        (tmp_path / "file" / "a", "Not a directory|File exists"),
        (tmp_path / "folder", "Is a directory"),
    ):
        with pytest.raises(StoreError, match=rf"^{path} cannot be written: ({reason})$"), atomic_write(path):
            pass
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """Only a temporary file of the same name, not a young one, and not one that a process is writing."""
    path, minutes_ago = tmp_path / "a", time.time() - 300
    names = (".a-killed12", ".a-young123", ".a-of-the-user", ".b-killed12", "a-killed12")
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, None if "young" in name else (minutes_ago,) * 2)
    with atomic_write(path) as file:
        file.write(b"first")
        os.utime(file.name if isinstance(file.name, str) else file.fileno(), (minutes_ago,) * 2)
        with atomic_write(path) as other:
            other.write(b"second")
        assert path.read_bytes() == b"second"
    assert path.read_bytes() == b"first"
    assert {entry.name for entry in tmp_path.iterdir()} == {"a", *names[1:]}
