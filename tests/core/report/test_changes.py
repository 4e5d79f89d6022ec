"""The comparison of two layers by their SBOMs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ReportError
from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.report.changes import Change, compare_contents, compare_sboms
from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.reading import Content
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from pathlib import Path


def sbom(**found: tuple[str, int]) -> bytes:
    parts = [
        Part(name, version, "", WheelMetadata(), unzipped=size, zipped=1, files=1)
        for name, (version, size) in found.items()
    ]
    return render_sbom(Subject("shop", "1", Target("3.13"), ()), parts)


def test_each_kind_of_change() -> None:
    """By name; what is the same in version and size is not named."""
    old = sbom(gone=("1", 10), kept=("1", 5), up=("1.9", 1), down=("2", 1), grown=("1", 7), odd=("one", 1))
    new = sbom(come=("3", 4), kept=("1", 5), up=("1.10", 3), down=("2rc1", 1), grown=("1", 9), odd=("two", 1))
    changes = compare_sboms(old, new)
    assert changes.rows == (
        Change("come", "added", "", "3", 4),
        Change("down", "downgraded", "2", "2rc1", 0),
        Change("gone", "removed", "1", "", -10),
        Change("grown", "changed", "1", "1", 2),
        Change("odd", "changed", "one", "two", 0),
        Change("up", "upgraded", "1.9", "1.10", 2),
    )
    assert (changes.before, changes.after, changes.unzipped) == (25, 23, -2)


def test_another_wheel_of_the_same_version_is_a_change() -> None:
    """Also where it has the same size."""
    old, new = {"a": Content("1", "ab", 5)}, {"a": Content("1", "cd", 5)}
    assert compare_contents(old, new).rows == (Change("a", "changed", "1", "1", 0, other_wheel=True),)
    [other_version] = compare_contents(old, {"a": Content("2", "cd", 5)}).rows
    assert not other_version.other_wheel


layers = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.sampled_from(["1", "2", "2.1rc1"]), st.integers(0, 99))
)


@given(layers, layers)
def test_the_differences_add_up(old: dict[str, tuple[str, int]], new: dict[str, tuple[str, int]]) -> None:
    """And the way back is the way there with its signs turned."""
    there, back = compare_sboms(sbom(**old), sbom(**new)), compare_sboms(sbom(**new), sbom(**old))
    assert sum(row.unzipped for row in there.rows) == there.unzipped == -back.unzipped
    assert [row.name for row in there.rows] == [row.name for row in back.rows]
    assert compare_sboms(sbom(**old), sbom(**old)).rows == ()


def test_files_are_read_and_another_tools_sbom_has_no_sizes(tmp_path: Path) -> None:
    """Names and versions are what every CycloneDX document of packages has."""
    path = tmp_path / "sbom.cdx.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "components": [{"name": "a", "version": "1"}]}))
    assert compare_sboms(path, sbom(a=("1", 3))).rows == (Change("a", "changed", "1", "1", 3),)
    assert compare_sboms(str(path), sbom()).rows == (Change("a", "removed", "1", "", 0),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"bomFormat": "SPDX"}',
        b'{"bomFormat": "CycloneDX", "components": 1}',
        b'{"bomFormat": "CycloneDX", "components": [{"name": "a"}]}',
        b'{"bomFormat": "CycloneDX", "components": ["a"]}',
        b'{"bomFormat": "CycloneDX", "components": [{"name": "a", "version": "1", "properties": "x"}]}',
    ],
)
def test_a_file_that_is_no_sbom_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    """With the file's name, if it is one."""
    path = tmp_path / "old.json"
    path.write_bytes(content)
    for given_as, where in ((content, "the SBOM"), (path, str(path))):
        with pytest.raises(ReportError) as raised:
            compare_sboms(given_as, sbom())
        assert str(raised.value).startswith(f"{where} is no CycloneDX document")
        assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the file that is needed instead."""
    with pytest.raises(ReportError, match=r"none\.json does not exist: give the sbom"):
        compare_sboms(tmp_path / "none.json", sbom())
