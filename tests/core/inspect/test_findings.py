"""Facts and a target become findings."""

from __future__ import annotations

import pytest

from constructs_lib.core.archive import Conflict
from constructs_lib.core.inspect import (
    ElfFile,
    Facts,
    Finding,
    check_conflicts,
    check_platform,
    check_size,
)
from constructs_lib.core.runtime import UNZIPPED_LIMIT, Target

X86 = Target("3.12", "x86_64")
ARM = Target("3.12", "arm64")
OLD = Target("3.11", "x86_64")


def facts(*elf: ElfFile) -> dict[str, Facts]:
    return {"demo.whl": Facts(1, elf)}


def test_libraries_that_fit_are_not_mentioned() -> None:
    """Neither are wheels without any."""
    assert check_platform(facts(ElfFile("a.so", "x86_64", (2, 34))), X86) == []
    assert check_platform(facts(ElfFile("a.so", "aarch64", None)), ARM) == []
    assert check_platform(facts(), ARM) == []


def test_a_wheel_for_another_cpu_is_refused_once() -> None:
    """However many libraries it brings; wheel, file, both CPUs and the remedy are named."""
    many = [ElfFile(f"{number}.so", "x86_64", None) for number in range(20)]
    assert check_platform(facts(*many), ARM) == [
        Finding(
            "wrong-cpu",
            "error",
            "demo.whl: 0.so is for x86_64, the layer is for Python 3.12 on arm64; lock a wheel for aarch64 or "
            "change the architecture",
        )
    ]


def test_a_foreign_library_beside_a_right_one_is_a_warning() -> None:
    """Some packages bring all CPUs in one wheel and choose at run time."""
    [finding] = check_platform(facts(ElfFile("x.so", "x86_64", None), ElfFile("a.so", "aarch64", None)), ARM)
    assert (finding.id, finding.level) == ("foreign-cpu", "warning")
    assert finding.text.startswith("demo.whl: x.so is for x86_64, ")


def test_a_newer_glibc_is_refused_once() -> None:
    """The text says which Amazon Linux has which glibc, and what helps."""
    libraries = [ElfFile(f"{number}.so", "x86_64", (2, 28)) for number in range(3)]
    [finding] = check_platform(facts(*libraries), OLD)
    assert (finding.id, finding.level) == ("newer-glibc", "error")
    assert finding.text == (
        "demo.whl: 0.so needs glibc 2.28, Python 3.11 runs on Amazon Linux 2 with 2.26; lock a wheel with an "
        "older manylinux tag or choose a newer runtime"
    )
    assert check_platform(facts(*libraries), X86) == []


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


def test_the_ten_biggest_are_named_in_order() -> None:
    """Equal sizes are sorted by name, so the text is the same every time."""
    sizes = {f"p{number:02}": 30_000_000 for number in range(12)} | {"tiny": 1, "huge": 90_000_000}
    [finding] = check_size(sizes)
    assert finding.level == "error"
    biggest = finding.text.partition("the biggest are ")[2].split(", ")
    assert biggest == ["huge 90.0 MB", *(f"p{number:02} 30.0 MB" for number in range(9))]
    assert finding.text.startswith("450,000,001 bytes unzipped of the 262,144,000 that a function")


def test_one_warning_for_each_pair_of_wheels() -> None:
    """It names both, the first path, and how many more there are."""
    found = check_conflicts(
        [
            Conflict("tests/a.py", kept="b.whl", dropped="a.whl"),
            Conflict("tests/b.py", kept="b.whl", dropped="a.whl"),
            Conflict("x.py", kept="c.whl", dropped="a.whl"),
        ]
    )
    assert [finding.text for finding in found] == [
        "b.whl and a.whl both bring tests/a.py (and 1 more) with different content; the layer holds that of b.whl",
        "c.whl and a.whl both bring x.py with different content; the layer holds that of c.whl",
    ]
    assert {(finding.id, finding.level) for finding in found} == {("path-conflict", "warning")}
