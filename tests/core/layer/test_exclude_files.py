"""The files of wheels that patterns leave out, and what is true of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.inspect.facts import find_facts
from constructs_lib.core.layer.exclude_files import (
    ALL_FILES,
    Division,
    FileExclusion,
    check_emptied,
    facts_of_kept,
)
from constructs_lib.core.target import FUNCTION_PLACE, LAYER_ROOT
from tests.support.files.elf import AARCH64, X86_64, elf_library

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = "demo-1.0-py3-none-any.whl"
CONTENTS = {
    ".py": b"",
    ".pyi": b"x: int\n",
    ".so": elf_library(X86_64, data=b"PyInit_a\0"),
    ".bin": elf_library(AARCH64),
    ".pyc": b"\xcb\r\r\n" + bytes(12),
}
PARTS = st.sampled_from(["aa", "bb", "tests", "demo-1.0.dist-info", "__init__"])
PATHS = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(PARTS, min_size=1, max_size=4),
    st.sampled_from([*CONTENTS]),
)
PATTERNS = st.lists(
    st.sampled_from(
        ["tests/", "*.pyi", "*.py", "!aa/tests/", "*/tests/*", "/bb/", "*.so", "*.bin", "**", "!*.py"]
    ),
    max_size=4,
)


def entries_of(paths: Iterable[str], root: str = LAYER_ROOT) -> list[Entry]:
    return [compress(f"{root}{path}", CONTENTS[f".{path.rpartition('.')[2]}"], ORIGIN) for path in paths]


def unprefixed(entries: Iterable[Entry], root: str) -> list[Entry]:
    return [entry._replace(name=entry.name.removeprefix(root)) for entry in entries]


@given(
    paths=st.lists(PATHS, unique=True),
    patterns=PATTERNS,
    root=st.sampled_from([LAYER_ROOT, FUNCTION_PLACE.root]),
)
def test_what_is_kept_is_everything_but_the_matches(paths: list[str], patterns: list[str], root: str) -> None:
    """In order, nothing twice or lost; no metadata is left out, and the facts are those of the kept files alone."""
    entries = entries_of(paths, root)
    division = FileExclusion.of(patterns).divide(entries, root)
    matches = set(GitIgnoreSpec.from_lines(patterns).match_files(paths))
    matches = {path for path in matches if ".dist-info/" not in path}
    assert [entry.name for entry in division.excluded] == [
        f"{root}{path}" for path in paths if path in matches
    ]
    assert division.kept == [entry for entry in entries if entry not in division.excluded]
    facts = facts_of_kept(find_facts(unprefixed(entries, root), ORIGIN), division, root)
    assert facts == find_facts(unprefixed(division.kept, root), ORIGIN)


def test_without_patterns_nothing_is_touched() -> None:
    entries = entries_of(["aa.py", "tests/aa.py"])
    for exclusion in (ALL_FILES, FileExclusion.of([])):
        assert exclusion.divide(entries, LAYER_ROOT).kept is entries


@pytest.mark.parametrize(
    ("pattern", "path", "is_excluded"),
    [
        ("tests/", "numpy/linalg/tests/a.py", True),
        ("*/tests/*", "numpy/tests/a.py", True),
        ("*/tests/*", "numpy/linalg/tests/a.py", False),
        ("**/tests/*", "numpy/linalg/tests/a.py", True),
        ("python/", "python/a.py", True),
        ("python/numpy/", "numpy/a.py", False),
        ("*", "demo-1.0.dist-info/METADATA.py", False),
        ("*", "tool/_vendor/demo-1.0.dist-info/licenses/LICENSE.py", False),
        ("TESTS/", "numpy/tests/a.py", False),
    ],
)
def test_paths_are_those_in_site_packages(pattern: str, path: str, is_excluded: bool) -> None:
    """As in a `.gitignore` a star ends at a slash, and a pattern with a slash inside begins at the top."""
    division = FileExclusion.of([pattern]).divide(entries_of([path]), LAYER_ROOT)
    assert bool(division.excluded) is is_excluded


def test_a_pattern_without_a_match_is_a_note() -> None:
    """One for each; a pattern that takes files back has a match too, metadata and comments are none."""
    exclusion = FileExclusion.of(
        ["tests/", "!aa/tests/b.py", "test/", "*.dist-info/", "test/", "# comment", ""]
    )
    findings = exclusion.find_unused(["aa/tests/b.py", "aa.py", "demo-1.0.dist-info/METADATA"])
    assert [(finding.id, finding.level) for finding in findings] == [("exclude-files-unused", "note")] * 2
    assert [finding.text.partition(",")[0] for finding in findings] == [
        "exclude_files has 'test/'",
        "exclude_files has '*.dist-info/'",
    ]
    assert ALL_FILES.find_unused(["aa.py"]) == []


@pytest.mark.parametrize(
    ("kept", "excluded", "is_emptied"),
    [
        (["data/x.bin"], ["aa/__init__.py"], True),
        ([], ["space/aa/b.py"], True),
        ([], ["aa.so"], True),
        (["bb.py"], ["aa.py"], False),
        (["space/bb/c.py"], ["aa/__init__.py"], False),
        ([], ["aa-stubs/__init__.pyi"], False),
        ([], [], False),
    ],
)
def test_a_distribution_without_a_module_is_an_error(
    kept: list[str], excluded: list[str], is_emptied: bool
) -> None:
    """Unless it had none before, as one of type stubs."""
    division = Division(entries_of(kept), entries_of(excluded))
    findings = check_emptied("demo", division, LAYER_ROOT)
    assert [(finding.id, finding.level, finding.distribution) for finding in findings] == [
        ("exclude-files-empties", "error", "demo")
    ] * is_emptied
