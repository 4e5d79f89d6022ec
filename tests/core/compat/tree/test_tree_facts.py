"""Facts of an installed tree, by distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.archive.tree_entries import tree_entries
from constructs_lib.core.compat.tree.installed import read_tree
from constructs_lib.core.compat.tree.tree_facts import BinaryScan, tree_facts, tree_needs
from constructs_lib.core.target import Target
from tests.support.files.elf import X86_64, elf_library
from tests.support.files.installed import install

if TYPE_CHECKING:
    from pathlib import Path


def test_each_distribution_has_its_sizes_libraries_and_bytecode(tmp_path: Path) -> None:
    """And so have the files that no distribution names."""
    library = elf_library(X86_64, ["GLIBC_2.17"])
    install(tmp_path, "crunch", {"crunch/_c.so": library, "crunch/__init__.py": b"A = 1\n"})
    (tmp_path / "loose.pyc").write_bytes(b"\x00\x01\x02\x03 and the rest")
    tree = read_tree(tmp_path, ())
    scan = BinaryScan()
    facts = tree_facts(tree, tree_entries(tree.root, tree.files, "", scan), scan)
    assert list(facts) == ["crunch==1.0", "files that no distribution names"]
    crunch, loose = facts.values()
    assert [file.path for file in crunch.elf] == ["crunch/_c.so"]
    assert crunch.unzipped > len(library)
    assert crunch.record is None
    assert [code.path for code in loose.bytecode] == ["loose.pyc"]


def test_changed_files_are_a_gap(tmp_path: Path) -> None:
    """Between the tree and what RECORD says of it."""
    install(tmp_path, "crunch", {"crunch.py": b"A = 1\n"})
    (tmp_path / "crunch-1.0.dist-info" / "RECORD").write_text("crunch.py,,7000\n")
    tree = read_tree(tmp_path, ())
    scan = BinaryScan()
    facts = tree_facts(tree, tree_entries(tree.root, tree.files, "", scan), scan)
    assert facts["crunch==1.0"].record is not None


def test_needs_are_found_in_the_tree_and_among_the_ignored(tmp_path: Path) -> None:
    install(tmp_path, "crunch")
    (tmp_path / "crunch-1.0.dist-info" / "METADATA").write_text(
        "Name: crunch\nRequires-Dist: boto3\nRequires-Dist: x\n"
    )
    assert tree_needs(read_tree(tmp_path, ()), ["boto3"], Target("3.13")) == {"crunch": frozenset({"boto3"})}
