"""What is told about files that were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.layer.artifact import ExcludedFiles
from constructs_lib.core.layer.assemble import LayerWheel, read_wheel
from constructs_lib.core.layer.exclude_files import FileExclusion
from constructs_lib.core.layer.excluded import (
    describe_excluded,
    excluded_files,
    excluded_paths,
    wheel_paths,
)
from constructs_lib.core.target import LAYER_ROOT
from tests.support.files.wheels import wheel_bytes, wheel_name, wheel_of

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore


def wheels(store: WheelStore) -> list[LayerWheel]:
    exclusion = FileExclusion.of(["tests/", "*.pyi"])
    return [
        read_wheel(wheel_of(wheel_bytes(name, files=files), wheel_name(name)), store, exclusion=exclusion)
        for name, files in (
            ("aa", {"aa.py": b"", "tests/b.py": b"12345", "aa.pyi": b"123"}),
            ("bb", {"bb.py": b""}),
        )
    ]


def test_each_distribution_with_such_files_has_a_row(store: WheelStore) -> None:
    assert excluded_files(wheels(store)) == (ExcludedFiles("aa", 2, 8),)


def test_the_fingerprint_holds_the_files(store: WheelStore) -> None:
    """Sorted, by their paths in site-packages."""
    assert excluded_paths(wheels(store), LAYER_ROOT) == [("aa", ["aa.pyi", "tests/b.py"])]


def test_the_paths_are_those_of_all_files(store: WheelStore) -> None:
    paths = set(wheel_paths(wheels(store), LAYER_ROOT))
    assert {"aa.py", "aa.pyi", "tests/b.py", "bb.py", "bb-1.0.dist-info/METADATA"} <= paths


def test_the_sum_in_words() -> None:
    rows = (ExcludedFiles("aa", 1_200, 30_000_000), ExcludedFiles("bb", 34, 500_000))
    assert describe_excluded(rows) == "1,234 files with 30.5 MB left out"
    assert describe_excluded((ExcludedFiles("aa", 1, 1_500),)) == "1 file with 1.5 kB left out"
