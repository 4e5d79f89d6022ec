"""The boxes of the treemap."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.report.treemap import MAX_CHILDREN, Box, boxes
from tests.support.files.reports import report_of

paths = st.lists(st.sampled_from(["a", "b", "c", "dd"]), min_size=1, max_size=5).map("/".join)
members = st.lists(
    st.tuples(
        paths.map(lambda path: f"python/{path}.py"),
        st.integers(0, 10**6),
        st.integers(0, 10**5),
        st.sampled_from(["one-1-py3-none-any.whl", "two-2-py3-none-any.whl"]),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda each: each[0],
)


def children(found: list[Box]) -> dict[int, list[Box]]:
    inside = defaultdict(list)
    for box in found:
        inside[box.parent].append(box)
    return inside


@given(members)
def test_what_is_inside_a_box_is_never_more_than_the_box(found: list[tuple[str, int, int, str]]) -> None:
    """Every byte and file is in a box of its distribution; a box with inner boxes is exactly their sum."""
    report = report_of(*found)
    drawn = boxes(report)
    for parent, inner in children(drawn).items():
        if parent >= 0:
            outer = drawn[parent]
            assert sum(box.unzipped for box in inner) == outer.unzipped
            assert sum(box.zipped for box in inner) == outer.zipped
            assert sum(box.files for box in inner) == outer.files
    assert (drawn[0].unzipped, drawn[0].files) == (report.archive.unzipped, report.archive.files)
    assert all(box.parent < position for position, box in enumerate(drawn))


def test_distribution_folder_file() -> None:
    """A folder that holds nothing but a folder is one box with it."""
    wheel = "deep-1.0-py3-none-any.whl"
    drawn = boxes(report_of(("python/x/y/z/f.py", 9, 3, wheel), ("python/x/y/z/g.py", 8, 3, wheel)))
    assert [(box.label, box.parent) for box in drawn] == [
        ("shop 1.2.3", -1),
        ("deep 1.0", 0),
        ("x/y/z", 1),
        ("f.py", 2),
        ("g.py", 2),
    ]


def test_ten_thousand_files_stay_a_page_one_can_use() -> None:
    """The small ones of a folder become one box that says how many they are."""
    found = [
        (f"python/p{folder}/d{number % 10}/f{number}.py", 100 + number, 50, f"p{folder}-1-py3-none-any.whl")
        for folder in range(20)
        for number in range(500)
    ]
    drawn = boxes(report_of(*found))
    assert len(drawn) < 6000
    assert all(len(inner) <= MAX_CHILDREN + 1 for parent, inner in children(drawn).items() if parent > 0)
    assert [box for box in drawn if box.label == f"{50 - MAX_CHILDREN} smaller files"]
    assert drawn[0].files == 10_000


def test_a_path_may_be_deeper_than_pythons_stack() -> None:
    """Nothing here recurses."""
    path = "/".join(["d"] * 3000)
    drawn = boxes(
        report_of(
            (f"python/{path}/f.py", 5, 5, "w-1-py3-none-any.whl"), ("python/a", 1, 1, "w-1-py3-none-any.whl")
        )
    )
    assert drawn[0].files == 2
