"""What is read of the notes that an installer left."""

from __future__ import annotations

import os
import sysconfig
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name

from constructs_lib.core.compat.tree.distribution import read_distribution
from constructs_lib.core.compat.tree.installed import read_tree
from tests.support.files.installed import install

INFO = "demo-1.0.dist-info"


def test_headers_are_read_as_the_standard_library_reads_them() -> None:
    """Of every distribution that is installed for these tests, READMEs and folded licences and all."""
    root = Path(sysconfig.get_path("purelib"))
    folders = sorted(root.glob("*.dist-info"))
    assert len(folders) > 20
    for folder in folders:
        metadata = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"))
        found = read_distribution(root, folder.name, [])
        assert (found.name, found.version) == (canonicalize_name(metadata["Name"]), metadata["Version"])
        assert found.requires == tuple(metadata.get_all("Requires-Dist", []))


def test_what_it_needs_stands_before_the_readme(tmp_path: Path) -> None:
    """Whatever the case of a header's name, and where its line is folded."""
    install(tmp_path, "demo")
    text = "NAME: Demo\nrequires-dist: one;\n   python_version > '3'\nRequires-Dist:two\n\nRequires-Dist: three\n"
    (tmp_path / INFO / "METADATA").write_text(text)
    found = read_distribution(tmp_path, INFO, [])
    assert (str(found), found.requires) == ("demo==1.0", ("one; python_version > '3'", "two"))


def test_sizes_are_those_of_its_record(tmp_path: Path) -> None:
    """By the paths in the tree: pip's `--target` moves what an environment has above its packages."""
    install(tmp_path, "demo")
    (tmp_path / INFO / "RECORD").write_text(
        "demo/a.py,sha256=x,7\n../../share/b,,8\ndemo/c.py,,\n/etc/d,,9\n"
    )
    found = read_distribution(tmp_path, INFO, [f"{INFO}/METADATA"])
    assert found.sizes == {"demo/a.py": 7, "share/b": 8, "demo/c.py": None}
    assert found.files == {*found.sizes, f"{INFO}/METADATA"}


def test_damaged_notes_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    """An absolute path in RECORD, an odd tag, no METADATA, no JSON."""
    install(tmp_path, "demo", outside=["/etc/passwd", ""], tags=["nonsense", "cp313-cp313-any"])
    info = tmp_path / "demo-1.0.dist-info"
    (info / "METADATA").unlink()
    (info / "direct_url.json").write_text("[")
    [found] = read_tree(tmp_path, []).distributions
    assert (str(found), found.editable, {str(tag) for tag in found.tags}) == (
        "demo==1.0",
        False,
        {"cp313-cp313-any"},
    )


def test_a_pipe_for_a_note_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe, a device and a link in a circle where METADATA, WHEEL and RECORD should be; found at once."""
    install(tmp_path, "demo")
    info = tmp_path / "demo-1.0.dist-info"
    for name in ("METADATA", "WHEEL", "RECORD"):
        (info / name).unlink()
    os.mkfifo(info / "METADATA")
    (info / "WHEEL").symlink_to("/dev/zero")
    (info / "RECORD").symlink_to("RECORD")
    assert [str(each) for each in read_tree(tmp_path, []).distributions] == ["demo==1.0"]


def test_a_record_that_is_no_csv_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Here a field that is longer than the reader takes."""
    install(tmp_path, "demo", outside=["../../share/demo.txt", "x" * 200_000, "../../share/after.txt"])
    files = read_tree(tmp_path, []).distributions[0].files
    assert {name for name in files if name.startswith("share/")} == {"share/demo.txt"}
