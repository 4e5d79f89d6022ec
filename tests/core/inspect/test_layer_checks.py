"""Checks of a whole layer."""

from __future__ import annotations

import pytest

from constructs_lib.core.archive.merge import Conflict
from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.inspect.facts import Facts
from constructs_lib.core.inspect.layer_checks import check_conflicts, check_records, check_size
from constructs_lib.core.metadata.record import RecordGap


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (UNZIPPED_LIMIT * 8 // 10, []),
        (UNZIPPED_LIMIT * 8 // 10 + 1, ["nearly-too-large"]),
        (UNZIPPED_LIMIT, ["nearly-too-large"]),
        (UNZIPPED_LIMIT + 1, ["too-large"]),
    ],
)
def test_the_limit_itself_still_fits(total: int, expected: list[str]) -> None:
    """One byte more is refused; from 80 % on there is a warning."""
    assert [finding.id for finding in check_size({"a": total - 5, "b": 5})] == expected


def test_the_ten_largest_are_named_in_order() -> None:
    """Equal sizes are sorted by name, so the text is the same every time."""
    sizes = {f"p{number:02}": 30_000_000 for number in range(12)} | {"tiny": 1, "huge": 90_000_000}
    [finding] = check_size(sizes)
    assert finding.level == "error"
    largest = finding.text.partition("leave out one of the largest: ")[2].split(", ")
    assert largest == ["huge 90.0 MB", *(f"p{number:02} 30.0 MB" for number in range(9))]
    assert finding.text.startswith(
        "the layer has 450.0 MB (450 000 001 bytes) unzipped of the 250 MiB (262 144 000 bytes) that a function and all "
    )


def test_one_warning_for_each_pair_of_wheels() -> None:
    """It names both, the first path, and how many more there are."""
    findings = check_conflicts(
        [
            Conflict("tests/a.py", kept="b.whl", dropped="a.whl"),
            Conflict("tests/b.py", kept="b.whl", dropped="a.whl"),
            Conflict("x.py", kept="c.whl", dropped="a.whl"),
        ]
    )
    remedy = ": leave out one of the two, or rename the file in its project"
    assert [finding.text.removesuffix(remedy) for finding in findings] == [
        "b.whl and a.whl both bring tests/a.py (and 1 more) with different content; the layer holds that of b.whl",
        "c.whl and a.whl both bring x.py with different content; the layer holds that of c.whl",
    ]
    assert {(finding.id, finding.level) for finding in findings} == {("path-conflict", "warning")}


def test_a_wheel_that_is_not_as_its_record_says_is_named() -> None:
    """Its publisher's hash is the locked one, so it is a warning; wheel, first file and number are named."""
    gap = RecordGap(3, "demo/a.py is not in it")
    [finding] = check_records({"a.whl": Facts(1), "demo.whl": Facts(1, record=gap)})
    assert (finding.id, finding.level) == ("record-mismatch", "warning")
    assert finding.text.startswith(
        "demo.whl: 3 of its files are not as its RECORD lists them, first demo/a.py is not in it; "
    )
