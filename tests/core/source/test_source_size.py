"""The size of a source, compared with Lambda's limit."""

from __future__ import annotations

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.source.source_size import check_source_size

MB = 1_000_000


def test_a_source_within_the_limit_has_no_finding() -> None:
    assert check_source_size({}) == []
    assert check_source_size({"a.py": int(0.8 * UNZIPPED_LIMIT)}) == []


def test_a_source_above_the_limit_names_its_largest_folders() -> None:
    """To a depth of three, and files in no folder by themselves."""
    [finding] = check_source_size(
        {
            "app/models/large/deep/a.bin": 150 * MB,
            "app/models/large/b.bin": 50 * MB,
            "app/main.py": MB,
            "movie": 99 * MB,
        }
    )
    assert (finding.id, finding.level) == ("too-large", "error")
    assert finding.text == (
        "the source has 300.0 MB (300 000 000 bytes) unzipped of the 250 MiB (262 144 000 bytes) that a function and "
        "all its layers may have; exclude one of the largest: app/models/large/ 200.0 MB, movie 99.0 MB, app/ 1.0 MB"
    )


def test_a_source_near_the_limit_is_a_warning() -> None:
    """The layers need room, too."""
    [finding] = check_source_size({"a.bin": UNZIPPED_LIMIT})
    assert (finding.id, finding.level) == ("nearly-too-large", "warning")
