"""Files of a folder become entries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from constructs_lib.core.archive import tree_entries
from constructs_lib.core.errors import WheelError


def test_content_and_executable_bit_are_taken_and_nothing_else(tmp_path: Path) -> None:
    """Owner, time and the other bits of the mode, setuid among them, do not count."""
    for name, mode in {"a.sh": 0o4755, "b.py": 0o600, "c.sh": 0o700, "d.py": 0o666}.items():
        (tmp_path / name).write_text(name)
        (tmp_path / name).chmod(mode)
        os.utime(tmp_path / name, (0, 0))
    entries = tree_entries(tmp_path, [Path("a.sh"), Path("b.py"), Path("c.sh"), Path("d.py")], "python/")
    assert [(each.name, each.content(), each.executable) for each in entries] == [
        ("python/a.sh", b"a.sh", True),
        ("python/b.py", b"b.py", False),
        ("python/c.sh", b"c.sh", True),
        ("python/d.py", b"d.py", False),
    ]


def test_a_link_inside_the_tree_becomes_the_file_it_points_to(tmp_path: Path) -> None:
    """Lambda gets a copy; whether it would keep a link is nowhere promised."""
    (tmp_path / "real.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to("real.py")
    [entry] = tree_entries(tmp_path, [Path("link.py")])
    assert (entry.name, entry.content()) == ("link.py", b"x = 1")


def test_what_is_no_file_of_the_tree_is_refused(tmp_path: Path) -> None:
    """A link that leaves the tree, one that points nowhere, a loop and a pipe, each with its path."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "out").symlink_to("../secret")
    (root / "dangling").symlink_to("nothing")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    for name, why in {
        "out": "is a link that leaves",
        "dangling": "is neither a file nor a folder",
        "loop": "is neither a file nor a folder",
        "pipe": "is neither a file nor a folder",
        "gone": "is neither a file nor a folder",
    }.items():
        with pytest.raises(WheelError, match=why) as caught:
            tree_entries(root, [Path(name)])
        assert str(root / name) in str(caught.value)
